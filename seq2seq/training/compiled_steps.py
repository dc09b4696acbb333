"""How the training step is compiled. JAX compiles one for each shape of a batch: here, all of them side by side."""

import logging
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras

from seq2seq import backend
from seq2seq.data.batching import Batch, Batches
from seq2seq.training.devices import shapes_of
from seq2seq.training.halves import Halves

_log = logging.getLogger("seq2seq")


def compilation(model: keras.Model, batches: Batches, epoch: int) -> AbstractContextManager[object]:
    """The context in which the training step is compiled: on JAX by threads, all shapes at once.

    On TensorFlow any shape will do, and where it runs on several cores, they share each batch (see `Halves`).

    Args:
        model: compiled with its optimiser and loss.
        batches: that it is trained on.
        epoch: the first one to train.
    """
    if keras.backend.backend() != "jax":
        _log.info("compiling the network: the first batch takes a while")
        return Halves(model) if backend.shares_cores() else nullcontext()
    shapes = batches.shapes_to_expect(epoch)
    _log.info("compiling the network for %d shapes of batches: the first batch takes a while", len(shapes))
    return CompiledSteps(model, map(batches.blank, shapes))


class CompiledSteps:
    """The function that `fit` calls for each batch, with an executable for each shape; a context in which it does.

    Keras compiles a shape when it meets it, one after the other on one core, some ten seconds each. Here they are
    compiled on all cores, and the first batch waits for its own shape only.

    Args:
        model: compiled with its optimiser and loss.
        batches: one of each shape; what they hold does not matter.
    """

    def __init__(self, model: keras.Model, batches: Iterable[Batch]):
        import jax

        self._model = model
        state = tuple(
            [variable.value for variable in variables]
            for variables in (
                model.trainable_variables,
                model.non_trainable_variables,
                model.optimizer.variables,
                model.metrics_variables,
            )
        )
        places = keras.tree.map_structure(lambda value: value.sharding, state)  # they stay where they are
        shared = keras.distribution.distribution() is not None
        out = {"out_shardings": (None, places)} if shared else {}
        self._step = jax.jit(model.train_step, donate_argnums=0, **out)
        self._pool = ThreadPoolExecutor(os.cpu_count())
        self._executables: dict[Any, Future[Any]] = {}
        for batch in batches:  # tracing is Python, so only what follows it gains from threads
            self._executables[_shapes(batch)] = self._pool.submit(self._step.lower(state, shapes_of(batch)).compile)

    def __call__(self, state: Any, batches: Iterator[Batch]) -> Any:
        """Train on the next batch: the logs, and the new state."""
        batch = next(batches)
        executable = self._executables.get(_shapes(batch))
        return (executable.result() if executable else self._step)(state, batch)

    def texts(self) -> list[str]:
        """What XLA has made of the step for each shape, as text (HLO); waits until all are compiled."""
        return [executable.result().as_text() for executable in self._executables.values()]

    def __enter__(self) -> "CompiledSteps":
        self._model.train_function = self
        return self

    def __exit__(self, *error: object) -> None:
        """Begin to compile nothing more."""
        self._model.train_function = None
        self._pool.shutdown(wait=False, cancel_futures=True)


def _shapes(batch: Batch) -> tuple[Any, ...]:
    return tuple(array.shape for array in keras.tree.flatten(batch))
