"""The encoder reads a sentence's vectors and returns its states and its summary h(T)."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import keras
from keras import ops

from seq2seq.errors import ConfigError
from seq2seq.layers.cells import States
from seq2seq.layers.recurrent import Recurrent
from seq2seq.layers.stack import through_stack

Tensor = Any
DIRECTIONS = {"forward": (False,), "reversed": (True,), "bidirectional": (False, True)}


class Reading(NamedTuple):
    """What one direction of a layer reads and computes, with steps in the order in which it reads.

    Attributes:
        layer: the recurrent layer that reads, with its weights.
        inputs: what the layer reads, (B, T, I).
        states: the layer's states after each step, each (B, T, H); the first one is the output.
    """

    layer: Recurrent
    inputs: Tensor
    states: States


class Encoder(keras.layers.Layer):
    """Reads a sentence and summarises it in one vector.

    A forward encoder reads left to right. A reversed one reads right to left, so that the first words, which the
    decoder needs first, are the freshest (Sutskever et al. 2014, arXiv:1409.3215). A bidirectional one does both and
    concatenates (Schuster and Paliwal 1997). Padding cannot change the result: rows are right-padded, no true token
    comes after padding in either direction, and the summary is read at each row's last true step.

    Args:
        cell: the formulas of a step, a name in `seq2seq.layers.cells.CELLS`: ``rnn``, ``gru`` or ``lstm``.
        units: H, the size of each direction's state; S = H, or 2 H if bidirectional.
        layers: L, the number of layers.
        direction: a name in `DIRECTIONS`.
        pooling: how the summary is made: ``last`` (the state after the last word read), or ``mean`` or ``max`` over the
            states of true tokens.
        dropout: share of each layer's inputs that is dropped in training.
        activations: of the states and of the gates, see `Recurrent`.

    Call arguments:
        inputs: the vectors of the source, (B, T, E).
        lengths: the number of true tokens of each row, (B,), at least one.

    Returns:
        states (B, T, S) in the order of the source, and the summary (B, S).
    """

    def __init__(
        self,
        cell: str,
        units: int,
        *,
        layers: int = 1,
        direction: str = "bidirectional",
        pooling: str = "last",
        dropout: float = 0.0,
        activations: tuple[str, str] = ("tanh", "sigmoid"),
        **kwargs: Any,
    ):
        super().__init__(autocast=False, **kwargs)
        if pooling not in ("last", "mean", "max"):
            raise ConfigError(f"pooling is 'last', 'mean' or 'max'; received {pooling!r}")
        self.directions, self.pooling = DIRECTIONS[direction], pooling
        self.size = units * len(self.directions)
        self.stack = [
            [
                Recurrent(
                    cell,
                    units,
                    *activations,
                    name=f"layer{index}_{'backward' if back else 'forward'}",
                    dtype=self.dtype_policy,
                )
                for back in self.directions
            ]
            for index in range(layers)
        ]
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy, name="dropout")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights for inputs of size E."""
        size = input_shape[-1]
        for layer in self.stack:
            for recurrent in layer:
                recurrent.build((None, None, size))
            size = self.size
        self.built = True

    def call(self, inputs: Tensor, lengths: Tensor, training: bool = False) -> tuple[Tensor, Tensor]:
        """The states (B, T, S) in the order of the source, and the summary (B, S)."""
        return self.finish([reading.states[0] for reading in self.read(inputs, lengths, training)], lengths)

    def read(self, inputs: Tensor, lengths: Tensor, training: bool = False) -> list[Reading]:
        """Read the source; for each direction of the top layer, its inputs and states."""

        def read_layer(layer: list[Recurrent], inputs: Tensor) -> list[Reading]:
            sequences = [reverse(inputs, lengths) if backward else inputs for backward in self.directions]
            return [
                Reading(recurrent, sequence, recurrent(sequence))
                for recurrent, sequence in zip(layer, sequences, strict=True)
            ]

        def between(readings: list[Reading]) -> Tensor:
            outputs = [reading.states[0] for reading in readings]
            return self.dropout(self._join(outputs, lengths), training=training)

        layers = [partial(read_layer, layer) for layer in self.stack]
        return through_stack(layers, self.dropout(inputs, training=training), between)[-1]

    def finish(self, outputs: list[Tensor], lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The states (B, T, S) in source order and the summary (B, S), from each direction's outputs (B, T, H)."""
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
        true = (ops.arange(ops.shape(states)[1]) < lengths[:, None])[:, :, None]
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
