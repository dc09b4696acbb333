"""Measurements for TensorBoard, as an option."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seq2seq.extras import require


class EventWriter:
    """Writes the numbers of each record to event files; it needs no TensorFlow.

    Args:
        folder: the folder to write to, which TensorBoard reads.
        step: what was written after this step is purged: it will be written again.

    Raises:
        MissingExtraError: tensorboardX is not installed.
    """

    def __init__(self, folder: Path, step: int):
        require("training.tensorboard=true", "tensorboardX")
        from tensorboardX import SummaryWriter

        self._writer = SummaryWriter(str(folder), purge_step=step + 1)

    def write(self, record: Mapping[str, Any]) -> None:
        """Add every number of a record at its step."""
        for name, value in record.items():
            if isinstance(value, int | float) and name != "step":
                self._writer.add_scalar(name, value, record["step"])

    def close(self) -> None:
        """Write what is still waiting."""
        self._writer.close()
