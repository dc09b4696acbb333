"""The layer-normalised cells (Ba, Kiros and Hinton 2016, arXiv:1607.06450): a step forward, and its gradient.

What comes of the inputs and what comes of the states are normalised apart, and get a gain and a bias. With LN(v) the
vector v with mean 0 and variance 1, a gains, b biases and * the product of numbers at the same place:

- ``rnn``: h' = phi(a_x * LN(W x) + b + a_h * LN(U h) + b_h), as the paper's gated cells do it;
- ``gru``: the same within z, r = sigma(...); c = phi(a_x * LN(W x) + b + r * (a_h * LN(U h) + b_h));
- ``lstm``: the same within i, f, o and the candidate; h' = o * phi(a_c * LN(c') + b_c).

As in the paper, the gates that add the same two vectors are normalised together: z and r of the GRU, all of the LSTM.
`Recurrent` adds a_x * LN(W x) + b up for all steps at once; the functions of this file do the rest, with a_h, b_h and,
of an LSTM, a_c and b_c as their weights. Their `backward` returns the gradients of the weights too, for each row.

B batch, H units, G = gates x H.
"""

from collections.abc import Sequence
from typing import Any

from seq2seq.layers.cells import CELLS, Activation, Cell, States, Tensor
from seq2seq.layers.normalisation import standardised, standardised_gradient


def _lstm_forward(
    x: Tensor, u: Tensor, states: States, f: Activation, g: Activation, gain: Tensor, bias: Tensor
) -> tuple[States, States]:
    return CELLS["lstm"].forward(x, u, states, f, g, lambda c: gain * standardised(c) + bias)


def _lstm_backward(
    gradients: States, before: States, after: States, saved: States, f: Activation, g: Activation, *weights: Tensor
) -> tuple[Any, ...]:
    gain, _ = weights
    _, _, _, o, seen = saved
    c = after[1]
    d_normalised = gradients[0] * o * f.slope(seen)
    parts = CELLS["lstm"].backward(gradients, before, after, saved, f, g, lambda d: standardised_gradient(gain * d, c))
    return *parts, d_normalised * standardised(c), d_normalised


def _normalised(cell: Cell, blocks: Sequence[int]) -> Cell:
    """A cell that normalises what comes of its state, in blocks of so many gates, before it does as `cell` does."""

    def forward(
        x: Tensor, u: Tensor, states: States, f: Activation, g: Activation, gain: Tensor, bias: Tensor, *more: Tensor
    ) -> tuple[States, States]:
        after, saved = cell.forward(x, gain * standardised(u, blocks) + bias, states, f, g, *more)
        return after, (*saved, u)

    def backward(
        gradients: States, before: States, after: States, saved: States, f: Activation, g: Activation, *weights: Tensor
    ) -> tuple[Any, ...]:
        gain, _, *more = weights
        *kept, u = saved
        dx, d_normalised, direct, *of_more = cell.backward(gradients, before, after, tuple(kept), f, g, *more)
        du = standardised_gradient(gain * d_normalised, u, blocks)
        return dx, du, direct, d_normalised * standardised(u, blocks), d_normalised, *of_more

    weights = {"recurrent_gain": cell.gates, "recurrent_bias": cell.gates, **cell.weights}
    return cell._replace(forward=forward, backward=backward, weights=weights, blocks=tuple(blocks), saves_u=True)


_LSTM = CELLS["lstm"]._replace(
    forward=_lstm_forward, backward=_lstm_backward, weights={"state_gain": 1, "state_bias": 1}
)
NORMALISED_CELLS = {
    "rnn": _normalised(CELLS["rnn"], [1]),
    "gru": _normalised(CELLS["gru"], [2, 1]),
    "lstm": _normalised(_LSTM, [4]),
}
