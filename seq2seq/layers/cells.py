"""The formulas of the recurrent cells: one step forward, and its gradient, one step back through time.

A cell is two pure functions, `forward` and `backward`. `Recurrent` has the weights and runs a cell over a sequence. The
layer-normalised cells are in `normalised_cells.py`.

B batch, H units, G = gates x H.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from keras import ops

Tensor = Any
States = tuple[Tensor, ...]


class Activation(NamedTuple):
    """A function and its derivative. The derivative takes y = f(x), not x, since only y is kept for the way back."""

    value: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor], Tensor]


ACTIVATIONS = {
    "tanh": Activation(ops.tanh, lambda y: 1 - y * y),
    "relu": Activation(ops.relu, lambda y: ops.cast(y > 0, y.dtype)),
    "elu": Activation(ops.elu, lambda y: ops.where(y > 0, ops.ones_like(y), y + 1)),
    "softsign": Activation(ops.softsign, lambda y: ops.square(1 - ops.abs(y))),
    "linear": Activation(lambda x: x, ops.ones_like),
    "sigmoid": Activation(ops.sigmoid, lambda y: y * (1 - y)),
    "hard_sigmoid": Activation(ops.hard_sigmoid, lambda y: ops.cast((y > 0) & (y < 1), y.dtype) / 6),
}


class Cell(NamedTuple):
    """One step of a recurrent network.

    Attributes:
        gates: how many blocks of H columns each weight matrix has.
        states: how many vectors of size H are carried from step to step; the first one is the output h.
        forward: (x, u, states, f, g, *weights) -> (states, saved), where x (B, G) is the input's part of the
            pre-activations, u (B, G) the recurrent part, f the activation and g the gates' activation.
        backward: (gradients, states before, states after, saved, f, g, *weights) -> (gradient of x, gradient of u,
            gradients of the states before that do not pass through u, *gradients of the weights for each row).
        saved: how many (B, H) tensors `forward` returns for `backward`, beside the states.
        saves_u: whether it returns u behind them.
        weights: the names of the cell's weights, which are vectors, and their sizes in multiples of H.
        blocks: the gates that are normalised together, see `normalised_cells.py`; none in the other cells.
    """

    gates: int
    states: int
    forward: Callable[..., tuple[States, States]]
    backward: Callable[..., tuple[Any, ...]]
    saved: int
    saves_u: bool = False
    weights: Mapping[str, int] = MappingProxyType({})
    blocks: tuple[int, ...] = ()


def _rnn_forward(x: Tensor, u: Tensor, states: States, f: Activation, g: Activation) -> tuple[States, States]:
    return (f.value(x + u),), ()


def _rnn_backward(
    gradients: States, before: States, after: States, saved: States, f: Activation, g: Activation
) -> tuple[Tensor, Tensor, States]:
    (dh,), (h,) = gradients, after
    da = dh * f.slope(h)
    return da, da, (ops.zeros_like(dh),)


def _gru_forward(x: Tensor, u: Tensor, states: States, f: Activation, g: Activation) -> tuple[States, States]:
    (h,) = states
    gates = 2 * h.shape[-1]  # z and r lie side by side, and go through the activation together
    z, r = ops.split(g.value(x[..., :gates] + u[..., :gates]), 2, axis=-1)
    u_c = u[..., gates:]
    candidate = f.value(x[..., gates:] + r * u_c)
    return (candidate + z * (h - candidate),), (z, r, candidate, u_c)


def _gru_backward(
    gradients: States, before: States, after: States, saved: States, f: Activation, g: Activation
) -> tuple[Tensor, Tensor, States]:
    (dh,), (h,) = gradients, before
    z, r, candidate, u_c = saved
    d_c = dh * (1 - z) * f.slope(candidate)
    d_z = dh * (h - candidate) * g.slope(z)
    d_r = d_c * u_c * g.slope(r)
    return ops.concatenate([d_z, d_r, d_c], -1), ops.concatenate([d_z, d_r, d_c * r], -1), (dh * z,)


def _as_it_is(x: Tensor) -> Tensor:
    return x


def _lstm_forward(
    x: Tensor,
    u: Tensor,
    states: States,
    f: Activation,
    g: Activation,
    normalise: Callable[[Tensor], Tensor] = _as_it_is,
) -> tuple[States, States]:
    _, c = states
    a_i, a_f, a_c, a_o = ops.split(x + u, 4, axis=-1)
    i, forget, candidate, o = g.value(a_i), g.value(a_f), f.value(a_c), g.value(a_o)
    c = forget * c + i * candidate
    seen = f.value(normalise(c))
    return (o * seen, c), (i, forget, candidate, o, seen)


def _lstm_backward(
    gradients: States,
    before: States,
    after: States,
    saved: States,
    f: Activation,
    g: Activation,
    through_normalisation: Callable[[Tensor], Tensor] = _as_it_is,
) -> tuple[Tensor, Tensor, States]:
    (dh, dc), (_, c) = gradients, before
    i, forget, candidate, o, seen = saved
    dc = dc + through_normalisation(dh * o * f.slope(seen))
    parts = [
        dc * candidate * g.slope(i),
        dc * c * g.slope(forget),
        dc * i * f.slope(candidate),
        dh * seen * g.slope(o),
    ]
    da = ops.concatenate(parts, -1)
    return da, da, (ops.zeros_like(dh), dc * forget)


CELLS = {
    "rnn": Cell(1, 1, _rnn_forward, _rnn_backward, saved=0),
    "gru": Cell(3, 1, _gru_forward, _gru_backward, saved=4),
    "lstm": Cell(4, 2, _lstm_forward, _lstm_backward, saved=5),
}
