"""The decoder writes a sentence from the summary: all steps with teacher forcing, or one step at a time."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import keras
from keras import ops

from seq2seq.layers.attention import Attention
from seq2seq.layers.cells import States
from seq2seq.layers.stack import PLAIN, Recurrence, through_stack

Tensor = Any


class DecoderState(NamedTuple):
    """What the decoder needs for the next token; every tensor has a row for each hypothesis.

    Attributes:
        layers: for each layer, its states, each (B, H).
        summary: what the summary adds to the first layer's pre-activations (B, G) and to the readout (B, E). It is the
            same at every step and so computed once; empty where the summary only starts the decoder.
        memory: the encoder's states (B, T, D) and their mask (B, T); empty without attention.
    """

    layers: tuple[States, ...]
    summary: tuple[Tensor, ...]
    memory: tuple[Tensor, ...]


class Decoder(keras.layers.Layer):
    """Writes a sentence from the summary, token by token.

    Every layer starts from tanh(W h(T) + b), with a separate W and b. With `summary_every_step`, h(T) is also an
    input of the first layer and of the readout at every step (Cho et al. 2014, arXiv:1406.1078), so that the decoder
    cannot forget it. The readout is tanh(W_d d(u) + W_e e(u) + W_h h(T) [+ W_a context(u)]), where d(u) is the output
    of the top layer (with residual layers, the sum of all layers' outputs) and e(u) is the embedded token before.

    Args:
        cell: the formulas of a step, a name in `seq2seq.layers.cells.CELLS`: ``rnn``, ``gru`` or ``lstm``.
        units: H, the size of a layer's state.
        readout: size of the readout, E of the output embedding.
        layers: L, the number of layers.
        summary_every_step: h(T) is an input of every step, not only the start.
        attention: also read all encoder states, which opens the bottleneck.
        dropouts: shares of each layer's inputs and of the readout that are dropped in training.
        recurrence: what all layers have in common.
    """

    def __init__(
        self,
        cell: str,
        units: int,
        readout: int,
        *,
        layers: int = 1,
        summary_every_step: bool = True,
        attention: bool = False,
        dropouts: tuple[float, float] = (0.0, 0.0),
        recurrence: Recurrence = PLAIN,
        **kwargs: Any,
    ):
        super().__init__(autocast=False, **kwargs)
        policy = self.dtype_policy
        self.units, self.summary_every_step, self.recurrence = units, summary_every_step, recurrence
        self.stack = [recurrence.layer(cell, units, name=f"layer{index}", dtype=policy) for index in range(layers)]
        self.states = self.stack[0].cell.states
        self.bridge = keras.layers.Dense(layers * self.states * units, activation="tanh", dtype=policy, name="bridge")
        self.attention = Attention(dtype=policy, name="attention") if attention else None
        self.readout = keras.layers.Dense(readout, dtype=policy, name="readout")
        self.summary_readout = keras.layers.Dense(readout, use_bias=False, dtype=policy, name="summary_readout")
        self.dropout = recurrence.dropout(dropouts[0], dtype=policy, name="dropout")
        self.output_dropout = keras.layers.Dropout(dropouts[1], dtype=policy, name="output_dropout")

    def build(
        self,
        target_shape: tuple[int | None, ...],
        summary_shape: tuple[int | None, ...],
        states_shape: tuple[int | None, ...] | None = None,
    ) -> None:
        """Create the weights for tokens of size E, summaries of size S and, with attention, states of size D."""
        E, S = target_shape[-1] or 0, summary_shape[-1] or 0
        D = (states_shape or summary_shape)[-1] or 0
        size, constant = E, S if self.summary_every_step else 0
        for layer in self.stack:
            layer.build((None, None, size), constant)
            size, constant = self.units, 0
        self.bridge.build((None, S))
        self.readout.build((None, None, self.units + E + (D if self.attention else 0)))
        if self.attention:
            self.attention.build((None, None, self.units), (None, None, D))
        if self.summary_every_step:
            self.summary_readout.build((None, S))
        self.built = True

    def start(self, summary: Tensor, states: Tensor, mask: Tensor) -> DecoderState:
        """The state before the first token.

        Args:
            summary: h(T), (B, S).
            states: (B, T, D), read only with attention.
            mask: (B, T), true at tokens; read only with attention.
        """
        parts = ops.split(ops.cast(self.bridge(summary), self.variable_dtype), len(self.stack) * self.states, axis=-1)
        layers = tuple(tuple(parts[i : i + self.states]) for i in range(0, len(parts), self.states))
        fixed = (
            (self.stack[0].project_constant(summary), self.summary_readout(summary)) if self.summary_every_step else ()
        )
        return DecoderState(layers, fixed, (states, mask) if self.attention else ())

    def call(self, embedded: Tensor, state: DecoderState, training: bool = False) -> Tensor:
        """Teacher forcing: the readouts (B, U, readout) of all tokens (B, U, E) at once."""
        embedded = self.dropout(embedded, training=training)
        readout = self._read(self.top(embedded, state, training)[1], embedded, state)
        return self.output_dropout(readout, training=training)

    def top(self, embedded: Tensor, state: DecoderState, training: bool = False) -> tuple[States, Tensor]:
        """Teacher forcing: the top layer's states after each token, each (B, U, H), and d(u), (B, U, H)."""
        before = zip(self.stack, state.layers, self._constants(state), strict=True)
        layers: list[Callable[[Tensor], States]] = [
            partial(layer.__call__, states=states, projected_constant=constant, training=training)
            for layer, states, constant in before
        ]

        def between(outputs: list[Tensor]) -> Tensor:
            return self.dropout(outputs[0], training=training)

        after, outputs = through_stack(layers, embedded, _h, between, residual=self.recurrence.residual)
        return after[-1], outputs[0]

    def step(self, embedded: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """Free running: the readout (B, readout) of one token (B, E), and the state after it."""
        before = zip(self.stack, state.layers, self._constants(state), strict=True)
        layers = [partial(layer.step, states=states, projected_constant=constant) for layer, states, constant in before]
        after, outputs = through_stack(
            layers, embedded, _h, lambda outputs: outputs[0], residual=self.recurrence.residual
        )
        state = state._replace(layers=tuple(after))
        return self._read(outputs[0][:, None], embedded[:, None], state)[:, 0], state

    def _constants(self, state: DecoderState) -> list[Tensor | None]:
        """The summary's fixed share of each layer's pre-activations; only the first layer has one, if any."""
        return [state.summary[0] if state.summary else None, *[None] * (len(self.stack) - 1)]

    def _read(self, outputs: Tensor, embedded: Tensor, state: DecoderState) -> Tensor:
        parts = [ops.cast(outputs, self.compute_dtype), ops.cast(embedded, self.compute_dtype)]
        if self.attention:
            memory, mask = state.memory
            parts.append(self.attention(parts[0], ops.cast(memory, self.compute_dtype), mask))
        readout = self.readout(ops.concatenate(parts, axis=-1))
        if state.summary:
            readout = readout + state.summary[1][:, None]
        return ops.tanh(readout)


def _h(states: States) -> list[Tensor]:
    """What is read of a layer: the first of its states."""
    return [states[0]]
