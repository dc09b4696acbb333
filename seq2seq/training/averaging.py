"""Means of weights over time: what is measured and kept, while training goes on with the weights themselves.

The optimiser makes the moving average, behind each update. The mean of the last dev evaluations is made at the end.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from seq2seq.runs.checkpoint import Arrays, Checkpoint, forget_checkpoints, set_weights
from seq2seq.runs.directory import RunDirectory
from seq2seq.training import processes

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq


@contextmanager
def measured_weights(model: "Seq2Seq", weights: Arrays) -> Iterator[Arrays]:
    """A context in which a network has the moving averages of its weights, where its optimiser keeps averages.

    Args:
        model: compiled, and not being fitted.
        weights: the network's weights by name, which it has again afterwards, to the bit.

    Returns:
        the weights that the network has in the context, by name.
    """
    averages = model.optimizer.averages
    if not averages:
        yield weights
        return
    names = [str(variable.path) for variable in model.trainable_variables]
    values = {name: np.asarray(average.value) for name, average in zip(names, averages, strict=True)}
    with having(model, weights | values, weights):
        yield weights | values


@contextmanager
def having(model: "Seq2Seq", weights: Arrays, afterwards: Arrays) -> Iterator[None]:
    """A context in which a network has some weights, by name; afterwards it has others."""
    kept = {name: np.array(array) for name, array in afterwards.items()}  # not a view of the network's memory
    set_weights(model, weights, origin="averaging")
    try:
        yield
    finally:
        set_weights(model, kept, origin="averaging")


class LastWeights:
    """The weights of the last dev evaluations. They are files of the run until training ends, so that it may resume.

    Args:
        run: the run's directory.
        count: how many evaluations are kept; 0 keeps none.
    """

    def __init__(self, run: RunDirectory, count: int):
        self._run = run
        self._kinds = [f"recent{number}" for number in range(count)]

    def keep(self, evaluation: int, step: int, weights: Mapping[str, Any]) -> None:
        """Keep the weights of an evaluation, in place of the oldest ones; of several processes, the first one does.

        Args:
            evaluation: its number within the training, which says whose place the weights take.
            step: updates that were done.
            weights: the weights by name.
        """
        if self._kinds and processes.is_first():
            self._run.save(self._kinds[evaluation % len(self._kinds)], Checkpoint(step, dict(weights), {}))

    def mean(self) -> tuple[int, Arrays]:
        """How many evaluations are kept, and the mean of their weights by name."""
        if self._kinds:
            processes.wait("kept")  # by the first one
        kinds = [kind for kind in self._kinds if self._run.has(kind)]
        total: dict[str, Any] = {}
        for kind in kinds:  # one at a time: two are in memory at most
            arrays = self._run.load(kind).arrays
            total = {name: total.get(name, 0.0) + array.astype(np.float64) for name, array in arrays.items()}
        return len(kinds), {name: (array / len(kinds)).astype(np.float32) for name, array in total.items()}

    def forget(self) -> None:
        """Remove them from the run, at the end of training."""
        for kind in self._kinds if processes.is_first() else []:
            forget_checkpoints(self._run.checkpoints, kind)
