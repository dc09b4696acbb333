"""The encoder reads a sentence's vectors and returns its states and its summary h(T)."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import keras
from keras import ops

from seq2seq.errors import ConfigError
from seq2seq.layers.cells import States
from seq2seq.layers.recurrent import Recurrent
from seq2seq.layers.slots import Slots
from seq2seq.layers.stack import PLAIN, Recurrence, through_stack

Tensor = Any
DIRECTIONS = {"forward": (False,), "reversed": (True,), "bidirectional": (False, True)}


class Reading(NamedTuple):
    """What one direction of a layer reads and computes, with steps in the order in which it reads.

    Attributes:
        layer: the recurrent layer that reads, with its weights.
        inputs: what the layer reads, (B, T, I).
        states: the layer's states after each step, each (B, T, H); the first one is h.
        output: what is read of it further on, (B, T, H): h, to which residual layers add the output of the layer below.
    """

    layer: Recurrent
    inputs: Tensor
    states: States
    output: Tensor


class Encoder(keras.layers.Layer):
    """Reads a sentence and summarises it in one vector.

    A forward encoder reads left to right. A reversed one reads right to left, so that the first words, which the
    decoder needs first, are the freshest (Sutskever et al. 2014, arXiv:1409.3215). A bidirectional one does both and
    concatenates (Schuster and Paliwal 1997). Padding cannot change the result: rows are right-padded, no true token
    comes after padding in either direction, and the summary is read at each row's last true step. With residual layers,
    what is read there is the sum of all layers' states.

    Args:
        cell: the formulas of a step, a name in `seq2seq.layers.cells.CELLS`: ``rnn``, ``gru`` or ``lstm``.
        units: H, the size of each direction's state; D = H, or 2 H if bidirectional.
        layers: L, the number of layers.
        direction: a name in `DIRECTIONS`.
        pooling: how the summary is made: ``last`` (the state after the last word read), ``mean`` or ``max`` over the
            states of true tokens, or ``slots`` (several weighted means, see `Slots`).
        slots: k, the number of slots; other summaries have no slots. S = D, or k D with slots.
        dropout: share of each layer's inputs that is dropped in training.
        recurrence: what all layers have in common.

    Call arguments:
        inputs: the vectors of the source, (B, T, E).
        lengths: the number of true tokens of each row, (B,), at least one.

    Returns:
        states (B, T, D) in the order of the source, and the summary (B, S).
    """

    def __init__(
        self,
        cell: str,
        units: int,
        *,
        layers: int = 1,
        direction: str = "bidirectional",
        pooling: str = "last",
        slots: int = 1,
        dropout: float = 0.0,
        recurrence: Recurrence = PLAIN,
        **kwargs: Any,
    ):
        super().__init__(autocast=False, **kwargs)
        if pooling not in ("last", "mean", "max", "slots"):
            raise ConfigError(f"pooling is 'last', 'mean', 'max' or 'slots'; received {pooling!r}")
        self.directions, self.pooling = DIRECTIONS[direction], pooling
        self.state_size = units * len(self.directions)
        self.size = self.state_size * (slots if pooling == "slots" else 1)
        self.recurrence = recurrence
        names = ["backward" if back else "forward" for back in self.directions]
        policy = self.dtype_policy
        self.stack = [
            [recurrence.layer(cell, units, name=f"layer{index}_{name}", dtype=policy) for name in names]
            for index in range(layers)
        ]
        self.dropout = recurrence.dropout(dropout, dtype=policy, name="dropout")
        self.slots = Slots(slots, dtype=policy, name="slots") if pooling == "slots" else None

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights for inputs of size E."""
        size = input_shape[-1]
        for layer in self.stack:
            for recurrent in layer:
                recurrent.build((None, None, size))
            size = self.state_size
        if self.slots:
            self.slots.build((None, None, size))
        self.built = True

    def call(self, inputs: Tensor, lengths: Tensor, training: bool = False) -> tuple[Tensor, Tensor]:
        """The states (B, T, D) in the order of the source, and the summary (B, S)."""
        return self.finish([reading.output for reading in self.read(inputs, lengths, training)], lengths)

    def read(self, inputs: Tensor, lengths: Tensor, training: bool = False) -> list[Reading]:
        """Read the source; for each direction of the top layer, its inputs, states and output."""

        def read_layer(layer: list[Recurrent], inputs: Tensor) -> list[Reading]:
            sequences = [reverse(inputs, lengths) if backward else inputs for backward in self.directions]
            readings = []
            for recurrent, sequence in zip(layer, sequences, strict=True):
                states = recurrent(sequence, training=training)
                readings.append(Reading(recurrent, sequence, states, output=states[0]))
            return readings

        def between(outputs: list[Tensor]) -> Tensor:
            return self.dropout(self._join(outputs, lengths), training=training)

        def written(readings: list[Reading]) -> list[Tensor]:
            return [reading.output for reading in readings]

        layers = [partial(read_layer, layer) for layer in self.stack]
        inputs = self.dropout(inputs, training=training)
        readings, outputs = through_stack(layers, inputs, written, between, residual=self.recurrence.residual)
        return [reading._replace(output=output) for reading, output in zip(readings[-1], outputs, strict=True)]

    def finish(self, outputs: list[Tensor], lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The states (B, T, D) in source order and the summary (B, S), from each direction's outputs (B, T, H)."""
        states = self._join(outputs, lengths)
        if self.pooling == "last":
            ends = [_row_at(output, lengths - 1) for output in outputs]
            return states, ops.concatenate(ends, axis=-1) if len(ends) > 1 else ends[0]
        return states, self._pool(states, lengths)

    def _join(self, outputs: list[Tensor], lengths: Tensor) -> Tensor:
        ordered = [
            reverse(output, lengths) if backward else output
            for output, backward in zip(outputs, self.directions, strict=True)
        ]
        return ops.concatenate(ordered, axis=-1) if len(ordered) > 1 else ordered[0]

    def _pool(self, states: Tensor, lengths: Tensor) -> Tensor:
        true = ops.arange(ops.shape(states)[1]) < lengths[:, None]
        if self.slots:
            return self.slots(states, true)
        true = true[:, :, None]
        if self.pooling == "max":
            return ops.max(ops.where(true, states, ops.cast(-1e9, states.dtype)), axis=1)
        total = ops.sum(ops.where(true, states, ops.cast(0, states.dtype)), axis=1)
        return total / ops.cast(lengths[:, None], states.dtype)


def reverse(sequence: Tensor, lengths: Tensor) -> Tensor:
    """The true tokens of each row in reverse order, (B, T, ...); padding stays where it is.

    Doing it twice changes nothing, so the gradient is the reversed gradient.
    """
    steps = ops.arange(ops.shape(sequence)[1])
    order = ops.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)

    def permute(x: Tensor) -> Tensor:
        return ops.vectorized_map(lambda row: ops.take(row[0], row[1], axis=0), (x, order))

    @ops.custom_gradient
    def reversed_rows(x: Tensor) -> tuple[Tensor, Callable[..., Tensor]]:
        return permute(x), permute

    return reversed_rows(sequence)


def _row_at(states: Tensor, steps: Tensor) -> Tensor:
    """The state of each row at its own step, (B, T, S) and (B,) to (B, S)."""
    at = (ops.arange(ops.shape(states)[1]) == steps[:, None])[:, :, None]
    return ops.sum(ops.where(at, states, ops.cast(0, states.dtype)), axis=1)
