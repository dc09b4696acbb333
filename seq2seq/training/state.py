"""All that decides how training goes on, to and from a checkpoint: exact to the bit.

Weights and optimiser alone are not enough: the dropout seeds count, and so does the mean of the loss so far. The order
of the batches needs no storing, it is a function of (seed, epoch).
"""

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from seq2seq.errors import CheckpointError, DivergedError, cut, shown

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq
from seq2seq.runs.checkpoint import Arrays, Checkpoint, assign, set_weights, weights_of


@dataclass
class Position:
    """Where training stands.

    Attributes:
        epoch: epochs that are done.
        batch: batches of the current epoch that are done.
        step: updates that are done.
        loss: the mean of the current epoch so far.
        best: the score of the best weights so far (higher is better), and the step that they were reached at.
        stale: dev evaluations since the last progress.
        seconds: spent in training so far, over all sittings.
        best_loss: the dev loss of the best weights.
        lowest_loss, highest_bleu: the best dev loss and dev BLEU of all evaluations.
        order: checksum of the current epoch's batches (`Batches.order`), where some of them are done.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    loss: float = math.nan
    best: float = -math.inf
    best_step: int = 0
    stale: int = 0
    seconds: float = 0.0
    # Checkpoints of older versions lack these: the first evaluation after resuming is progress.
    best_loss: float = math.inf
    lowest_loss: float = math.inf
    highest_bleu: float = -math.inf
    order: int = 0


def capture(model: "Seq2Seq", position: Position) -> Checkpoint:
    """The state of a compiled model, between two batches.

    Raises:
        DivergedError: a weight is not finite, so that the checkpoint would be worthless.
    """
    arrays = finite_weights(model)
    for group, variables in _rest(model).items():
        arrays |= {_label(group, index, v): np.asarray(v.value) for index, v in enumerate(variables)}
    return Checkpoint(position.step, arrays, asdict(position))


def finite_weights(model: "Seq2Seq") -> Arrays:
    """The weights by name.

    Raises:
        DivergedError: one of them is not finite.
    """
    if hasattr(model, "jax_state_sync"):  # JAX keeps the newest values elsewhere while it fits
        model.jax_state_sync()
    arrays = weights_of(model)
    bad = [name for name, array in arrays.items() if not np.isfinite(array).all()]
    if bad:
        raise DivergedError(
            f"weight {bad[0]} is no longer finite; the last good checkpoint is kept: lower training.learning_rate"
        )
    return arrays


def restore(model: "Seq2Seq", checkpoint: Checkpoint, *, origin: str) -> Position:
    """Put a compiled model back to where a checkpoint was taken; the loss so far follows in `restore_metrics`."""
    set_weights(model, checkpoint.arrays, origin=origin)
    rest = _rest(model)
    for group in ("seeds", "optimizer"):
        _assign(rest[group], checkpoint.arrays, group, origin)
    try:
        position = Position(**checkpoint.state)
    except TypeError as error:
        raise CheckpointError(
            f"{origin}: the checkpoint's state {shown(sorted(checkpoint.state))} is not training's: {cut(str(error))}"
        ) from error
    for name, default in asdict(Position()).items():
        value = getattr(position, name)
        if isinstance(value, bool) or not isinstance(value, type(default) if isinstance(default, int) else int | float):
            raise CheckpointError(f"{origin}: the checkpoint's state has {name}={shown(value)}: copy the run again")
    return position


def restore_metrics(model: "Seq2Seq", checkpoint: Checkpoint, *, origin: str) -> None:
    """Put back the running loss of an epoch that was interrupted; `fit` resets it when it begins."""
    _assign(_rest(model)["metrics"], checkpoint.arrays, "metrics", origin)


def _rest(model: "Seq2Seq") -> dict[str, list[Any]]:
    """The variables that are not weights."""
    metrics = model.metrics_variables
    known = {id(variable) for variable in [*metrics, *model.weights]}
    return {
        "seeds": [variable for variable in model.non_trainable_variables if id(variable) not in known],
        "optimizer": model.optimizer.variables,
        "metrics": metrics,
    }


def _label(group: str, index: int, variable: Any) -> str:
    """Moments go by the name of their weight; seeds and metrics by their number, which the settings determine."""
    _, _, name = variable.path.partition("/")  # the optimiser's own name may be numbered
    return f"{group}/{name if group == 'optimizer' else format(index, '04d')}"


def _assign(variables: list[Any], arrays: Arrays, group: str, origin: str) -> None:
    for index, variable in enumerate(variables):
        name = _label(group, index, variable)
        assign(variable, name, arrays, origin=f"{origin}:")
