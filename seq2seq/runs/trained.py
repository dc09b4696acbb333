"""Whether a run has weights that a new one would overwrite."""

from seq2seq.errors import CheckpointError
from seq2seq.locking import owned
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.folder import LOCK
from seq2seq.runs.reading import exists


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
