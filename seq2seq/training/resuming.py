"""Where training goes on: at the newest checkpoint, between two batches or two epochs."""

import logging
import math
from typing import TYPE_CHECKING

from seq2seq import backend
from seq2seq.data.batching import Batches
from seq2seq.runs.checkpoint import Checkpoint
from seq2seq.training.state import Position, restore

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq

_log = logging.getLogger("seq2seq")


def put_back(model: "Seq2Seq", checkpoint: Checkpoint, batches: Batches, *, origin: str) -> Position:
    """Put a compiled model back to where a checkpoint was taken.

    Args:
        model: the compiled network, whose weights and moments are replaced.
        checkpoint: the run's newest checkpoint.
        batches: those that are made now.
        origin: the run, for errors.

    Returns:
        Where training stands: at the beginning of the epoch where its batches are not those that were counted, for
        another backend makes other ones.

    Raises:
        CheckpointError: the checkpoint is of another network, or not of a training.
    """
    position = restore(model, checkpoint, origin=origin)
    same_order = not position.batch or position.order == batches.order(position.epoch)
    if not position.order:  # a checkpoint of an older version; only those of JAX are made differently now
        same_order = not backend.wants_few_shapes()
    if position.batch and not same_order:
        text = "warning: this epoch was begun with other batches, by another backend or version: epoch %d begins again"
        _log.warning(text, position.epoch + 1)
        position.batch, position.loss = 0, math.nan
    return position
