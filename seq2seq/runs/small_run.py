"""A small run: a copy of a run with weights in eight bits."""

from pathlib import Path

from seq2seq.runs.copies import write_copy
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.eight_bits import rounded


def shrink(run: str | Path, place: str | Path) -> Path:
    """Write a small copy of a trained run, which opens like every run and can be fine-tuned, but not trained further.

    Its matrices are stored in eight bits, a quarter of their size. The optimiser and the last weights are left out; see
    `write_copy` for what else is, and for the arguments and errors.
    """

    def add_weights(origin: RunDirectory, copy: RunDirectory) -> None:
        checkpoint = origin.best()
        copy.save("best", checkpoint._replace(arrays=rounded(checkpoint.arrays)))

    return write_copy(run, place, "--run", {"weights": "int8"}, add_weights)
