"""Whether a run can be trained: it has no weights that a new one would overwrite, and is no small run."""

import shlex

from seq2seq.errors import CheckpointError
from seq2seq.locking import owned
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.folder import LOCK
from seq2seq.runs.reading import exists


def is_small(run: RunDirectory) -> bool:
    """Whether a run was made by `seq2seq shrink`."""
    return run.is_begun() and "weights" in run.about()


def refuse_if_small(run: RunDirectory) -> None:
    """See that a run was not made by `seq2seq shrink`, for it has nothing that training goes on from.

    Raises:
        CheckpointError: it was; says what to do instead.
    """
    if is_small(run):
        raise CheckpointError(
            f"{run.path} is a small run, without optimiser and training pairs, and cannot be trained further: go on "
            f"from it in a new run: seq2seq finetune {shlex.quote(str(run.path))} CONFIG.toml --run NEW_RUN"
        )


def refuse_if_trained(run: RunDirectory) -> None:
    """See that no weights would be lost if a run began here.

    Raises:
        CheckpointError: the run has a checkpoint already, or another process is at work there.
    """
    if run.is_begun() and (run.has("last") or run.has("best")):
        if exists(run.path / LOCK):  # another process at work there is the better news
            with owned(run.path / LOCK, "looking"):
                pass
        raise CheckpointError(f"{run.path} already holds a run: add --resume to go on with it, or choose another --run")
