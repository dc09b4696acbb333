"""The layer that runs a cell through time, with the same weights at every step.

It runs over a complete sequence (training) or for one step (translation). The gradient is written out instead of being
left to automatic differentiation. Backpropagation through time (Werbos 1990) goes through the steps in reverse and
multiplies by the transposed recurrent matrix at each step; this is where a gradient vanishes. The gradient of the
matrix itself is then one product over all steps.

B batch, T steps, I input size, H units, G = gates x H.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops, tree

from seq2seq.layers.cells import ACTIVATIONS, CELLS, Activation, Cell, States, Tensor


class Recurrent(keras.layers.Layer):
    """One recurrent layer, which uses the same weights at every step.

    With [W | U] the input and recurrent weights, b the bias, phi `activation` and sigma `recurrent_activation`:

    - ``rnn`` (Elman 1990): h' = phi(W x + U h + b);
    - ``gru`` (Cho et al. 2014, arXiv:1406.1078v1): z, r = sigma(W x + U h + b), c = phi(W x + b + r * (U h)),
      h' = z * h + (1 - z) * c, with columns in the order z, r, c;
    - ``lstm`` (Hochreiter and Schmidhuber 1997; forget gate of Gers et al. 2000): i, f, o = sigma(W x + U h + b),
      c' = f * c + i * phi(W x + U h + b), h' = o * phi(c'), with columns in the order i, f, c, o.

    There is no mask: rows are right-padded, and the caller reads each row's state at the last true step of that row.

    Args:
        cell: which formulas, a name in `CELLS`.
        units: H, the size of a state.
        activation, recurrent_activation: names in `ACTIVATIONS`.

    Call arguments:
        inputs: (B, T, I), or (B, I) for `step`.
        states: the states before the first step, a tuple of (B, H); zeros if not given.
        projected_constant: (B, G), the part of an input that is the same at every step (see `project_constant`).
    """

    def __init__(
        self, cell: str, units: int, activation: str = "tanh", recurrent_activation: str = "sigmoid", **kwargs: Any
    ):
        super().__init__(autocast=False, **kwargs)
        self.cell = CELLS[cell]
        self.cell_name, self.units = cell, units
        self.f, self.g = ACTIVATIONS[activation], ACTIVATIONS[recurrent_activation]

    def build(self, input_shape: tuple[int | None, ...], constant_size: int = 0) -> None:
        """Create the weights for inputs of size I and a constant input of size C (`constant_size`; 0 for none)."""
        G = self.cell.gates * self.units
        self.kernel = self.add_weight((input_shape[-1], G), initializer="glorot_uniform", name="kernel", autocast=False)
        self.constant_kernel = (
            self.add_weight((constant_size, G), initializer="glorot_uniform", name="constant_kernel", autocast=False)
            if constant_size
            else None
        )
        self.recurrent_kernel = self.add_weight(
            (self.units, G), initializer=_orthogonal_blocks, name="recurrent_kernel", autocast=False
        )
        self.bias = self.add_weight((G,), initializer=self._initial_bias, name="bias", autocast=False)
        self.built = True

    def _initial_bias(self, shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        """Zeros, but ones for the LSTM's forget gate, so that it remembers at the start (Jozefowicz et al. 2015)."""
        bias = ops.zeros(shape, dtype)
        if self.cell_name == "lstm":
            bias = ops.slice_update(bias, (self.units,), ops.ones((self.units,), dtype))
        return bias

    def zeros(self, rows: Tensor) -> States:
        """States of zeros for the given number of rows, each (B, H)."""
        return tuple(ops.zeros((rows, self.units), self.variable_dtype) for _ in range(self.cell.states))

    def call(self, inputs: Tensor, states: States | None = None, projected_constant: Tensor | None = None) -> States:
        """Run over a sequence: all states after every step, each (B, T, H)."""
        # The inputs are turned, not what becomes of them, which is G / I times as large.
        projected = self.project(ops.transpose(inputs, (1, 0, 2)))  # (T, B, G)
        if projected_constant is not None:
            projected = projected + projected_constant
        states = self.zeros(ops.shape(inputs)[0]) if states is None else states
        sequence = _through_time(self.cell, self.f, self.g)
        after = sequence(projected, ops.cast(self.recurrent_kernel, self.compute_dtype), *states)
        return tuple(ops.transpose(state, (1, 0, 2)) for state in tree.flatten(after))

    def step(self, inputs: Tensor, states: States, projected_constant: Tensor | None = None) -> States:
        """Run one step with the same weights: the states after it, (B, H), from inputs (B, I) and states (B, H)."""
        x = self.project(inputs)
        if projected_constant is not None:
            x = x + projected_constant
        u = _product(states[0], self.recurrent_kernel, self.compute_dtype)
        after, _ = self.cell.forward(x, u, states, self.f, self.g)
        return after

    def project(self, inputs: Tensor) -> Tensor:
        """The input's part of the pre-activations, (..., G), from inputs (..., I)."""
        return _product(inputs, self.kernel, self.compute_dtype) + self.bias

    def project_constant(self, constant: Tensor) -> Tensor:
        """The part of a constant input in the pre-activations, (B, G), from (B, C)."""
        return _product(constant, self.constant_kernel, self.compute_dtype)


def _orthogonal_blocks(shape: tuple[int, int], dtype: Any = None) -> Tensor:
    """An orthogonal matrix for each gate, so that no state is stretched or shrunk at the start (Saxe et al. 2014)."""
    H, G = shape
    return ops.concatenate([keras.initializers.Orthogonal()((H, H), dtype=dtype) for _ in range(G // H)], axis=1)


def _product(x: Tensor, kernel: Tensor, dtype: str) -> Tensor:
    """A matrix product in the compute type; the result has the kernel's type, since states keep full precision."""
    return ops.cast(ops.matmul(ops.cast(x, dtype), ops.cast(kernel, dtype)), kernel.dtype)


def _through_time(cell: Cell, f: Activation, g: Activation) -> Any:
    """A function from inputs (T, B, G), recurrent weights (H, G) and states (B, H) to states (T, B, H), with BPTT."""

    @ops.custom_gradient
    def sequence(x: Tensor, kernel: Tensor, *start: Tensor) -> tuple[Any, Callable[..., Any]]:
        dtype = kernel.dtype

        def forward(carry: States, t: Tensor) -> tuple[States, States]:
            states = carry[: cell.states]
            u = ops.cast(ops.matmul(ops.cast(states[0], dtype), kernel), x.dtype)
            after, saved = cell.forward(x[t], u, states, f, g)
            return after + saved, after + saved

        # `scan` can stack only what it also carries from step to step, so the saved tensors are carried too. On
        # TensorFlow it takes only one sequence of unknown length, so it gets the step numbers and x is indexed by them.
        steps = ops.arange(ops.shape(x)[0])
        _, stacked = ops.scan(forward, start + (start[0],) * cell.saved, steps)
        after, saved = stacked[: cell.states], stacked[cell.states :]

        def backward(*upstream: Any) -> Any:
            before = tuple(ops.concatenate([s[None], a[:-1]], axis=0) for s, a in zip(start, after, strict=True))
            transposed = ops.transpose(kernel)

            def back(carry: States, t: Tensor) -> tuple[States, States]:
                gradients = tuple(d + a[t] for d, a in zip(carry[: cell.states], arriving, strict=True))
                at_t = (tuple(tensor[t] for tensor in kept) for kept in (before, after, saved))
                dx, du, direct = cell.backward(gradients, *at_t, f, g)
                through_u = ops.cast(ops.matmul(ops.cast(du, dtype), transposed), x.dtype)
                result = (direct[0] + through_u, *direct[1:], dx, du)
                return result, result

            zeros = tuple(ops.zeros_like(s) for s in start) + (ops.zeros_like(x[0]),) * 2
            arriving = tuple(tree.flatten(upstream))
            first, stacked = ops.scan(back, zeros, steps, reverse=True)
            dx, du = stacked[-2:]
            # A sum over rows and steps at once: devices that share the rows then send only the sums to one another.
            dkernel = ops.tensordot(ops.cast(before[0], dtype), ops.cast(du, dtype), axes=[[0, 1], [0, 1]])
            return (dx, dkernel, *first[: cell.states])

        return after if cell.states > 1 else after[0], backward

    return sequence
