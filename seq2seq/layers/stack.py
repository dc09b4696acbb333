"""Layers on layers: each reads what the one below it wrote."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

import keras

from seq2seq.layers.recurrent import Recurrent

Tensor = Any
Result = TypeVar("Result")


class Recurrence(NamedTuple):
    """What all recurrent layers of a network have in common, beside their cell and their size.

    Attributes:
        activation: the function of the candidate state, and of the simple cell, a name in `ACTIVATIONS`.
        recurrent_activation: the function of the gates, a name in `ACTIVATIONS`.
        layer_norm: the cells normalise what comes of inputs and states, see `seq2seq.layers.normalised_cells`.
        weight_drop: the share of the recurrent weights that training drops, the same ones at every step of a call.
        variational_dropout: a layer's inputs lose the same numbers at every step of a sentence (Gal and Ghahramani
            2016, arXiv:1512.05287), not others at every step.
        residual: a layer above the first adds what it reads to what it writes (He et al. 2016, arXiv:1512.03385; Wu et
            al. 2016, arXiv:1609.08144), so that gradients reach the lowest layer along sums.
    """

    activation: str = "tanh"
    recurrent_activation: str = "sigmoid"
    layer_norm: bool = False
    weight_drop: float = 0.0
    variational_dropout: bool = False
    residual: bool = False

    def layer(self, cell: str, units: int, **options: Any) -> Recurrent:
        """A recurrent layer of this kind; `options` are those of every Keras layer."""
        options |= {"layer_norm": self.layer_norm, "weight_drop": self.weight_drop}
        return Recurrent(cell, units, self.activation, self.recurrent_activation, **options)

    def dropout(self, rate: float, **options: Any) -> keras.layers.Dropout:
        """The dropout of a layer's inputs, (B, T, I)."""
        return keras.layers.Dropout(rate, (None, 1, None) if self.variational_dropout else None, **options)


PLAIN = Recurrence()


def through_stack(
    layers: Iterable[Callable[[Tensor], Result]],
    inputs: Tensor,
    written: Callable[[Result], list[Tensor]],
    between: Callable[[list[Tensor]], Tensor],
    *,
    residual: bool = False,
) -> tuple[list[Result], list[Tensor]]:
    """What each layer returns, the lowest first, and what is read of the top one.

    >>> layers = [lambda x: (x + 1, "first"), lambda x: (10 * x, "second")]
    >>> through_stack(layers, 1, lambda result: [result[0]], between=lambda tensors: tensors[0])
    ([(2, 'first'), (20, 'second')], [20])
    >>> through_stack(layers, 1, lambda result: [result[0]], between=lambda tensors: tensors[0], residual=True)[1]
    [22]

    Args:
        layers: functions of a layer's inputs, the lowest first.
        inputs: what the lowest layer reads.
        written: the tensors of a layer's result that are read further on, one for each of its directions.
        between: makes the inputs of the next layer of them, such as one tensor with dropout.
        residual: to what a layer above the first writes, add what the layer below it wrote (before `between`).
    """
    results: list[Result] = []
    outputs: list[Tensor] = []
    for layer in layers:
        results.append(layer(between(outputs) if results else inputs))
        above = written(results[-1])
        outputs = [a + b for a, b in zip(above, outputs, strict=True)] if residual and outputs else above
    return results, outputs
