"""From directories to an engine: one run, or several that share their vocabularies."""

from collections.abc import Sequence
from pathlib import Path

from seq2seq import arguments, backend
from seq2seq.engine.interface import Engine
from seq2seq.errors import CheckpointError
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.shipped import find_run


def open_runs(runs: str | Path | Sequence[str | Path], target_language: str | None = None) -> list[RunDirectory]:
    """The directories of one run, or of an ensemble.

    Args:
        runs: the paths of the run directories, or names of models that ship.
        target_language: the language to write, if the runs know several; each run's own where not given.

    Raises:
        CheckpointError: one cannot be opened or does not write that language, or their vocabularies differ.
        ConfigError: no run is named.
    """
    opened = [find_run(run) for run in arguments.run_paths(runs)]
    if target_language is not None:
        opened = [run.for_target(target_language) for run in opened]
    first, *others = opened
    pieces = [tokenizer.fingerprint for tokenizer in first.tokenizers()] if others else []
    for run in others:
        if [tokenizer.fingerprint for tokenizer in run.tokenizers()] != pieces:
            raise CheckpointError(f"{run.path} and {first.path} have different vocabularies: an ensemble needs one")
    return opened


def open_engine(runs: Sequence[RunDirectory]) -> Engine:
    """The networks of some runs as one engine. Keras and its backend are loaded only now, since that takes seconds.

    Raises:
        CheckpointError: the weights of a run cannot be read.
    """
    backend.open_backend()
    from seq2seq.engine.keras import KerasEngine

    return KerasEngine([run.model() for run in runs])
