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
from seq2seq.layers.normalisation import standardised
from seq2seq.layers.normalised_cells import NORMALISED_CELLS


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
        layer_norm: normalise what comes of inputs and states, see `seq2seq.layers.normalised_cells`.
        weight_drop: share of the numbers of U that training drops, the same ones for all rows and steps of a call
            (DropConnect: Merity et al. 2018, arXiv:1708.02182).

    Call arguments:
        inputs: (B, T, I), or (B, I) for `step`.
        states: the states before the first step, a tuple of (B, H); zeros if not given.
        projected_constant: (B, G), the part of an input that is the same at every step (see `project_constant`).
        training: whether weights are dropped.
    """

    def __init__(
        self,
        cell: str,
        units: int,
        activation: str = "tanh",
        recurrent_activation: str = "sigmoid",
        *,
        layer_norm: bool = False,
        weight_drop: float = 0.0,
        **kwargs: Any,
    ):
        super().__init__(autocast=False, **kwargs)
        self.cell = (NORMALISED_CELLS if layer_norm else CELLS)[cell]
        self.cell_name, self.units = cell, units
        self.f, self.g = ACTIVATIONS[activation], ACTIVATIONS[recurrent_activation]
        self.weight_drop = weight_drop
        if weight_drop:  # a checkpoint lists the seeds of all dropouts: without one, there is none to list
            self.noise = keras.random.SeedGenerator(name="weight_drop")

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
        sizes = {"input_gain": self.cell.gates} | dict(self.cell.weights) if self.cell.blocks else {}
        self._gains_and_biases = [
            self.add_weight(
                (size * self.units,), initializer="ones" if "gain" in name else "zeros", name=name, autocast=False
            )
            for name, size in sizes.items()
        ]
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

    def call(
        self,
        inputs: Tensor,
        states: States | None = None,
        projected_constant: Tensor | None = None,
        training: bool = False,
    ) -> States:
        """Run over a sequence: all states after every step, each (B, T, H)."""
        # The inputs are turned, not what becomes of them, which is G / I times as large.
        projected = self.project(ops.transpose(inputs, (1, 0, 2)), projected_constant)  # (T, B, G)
        states = self.zeros(ops.shape(inputs)[0]) if states is None else states
        sequence = _through_time(self.cell, self.f, self.g)
        kernel = ops.cast(self._dropped_kernel(training), self.compute_dtype)
        after = sequence(projected, kernel, *states, *self.cell_weights())
        return tuple(ops.transpose(state, (1, 0, 2)) for state in tree.flatten(after))

    def step(self, inputs: Tensor, states: States, projected_constant: Tensor | None = None) -> States:
        """Run one step with the same weights: the states after it, (B, H), from inputs (B, I) and states (B, H)."""
        x = self.project(inputs, projected_constant)
        u = _product(states[0], self.recurrent_kernel, self.compute_dtype)
        after, _ = self.cell.forward(x, u, states, self.f, self.g, *self.cell_weights())
        return after

    def _dropped_kernel(self, training: bool) -> Tensor:
        """U, in training without the numbers that are dropped; the others grow, so that the mean product stays."""
        if not (training and self.weight_drop):
            return self.recurrent_kernel
        kernel = ops.cast(self.recurrent_kernel, self.variable_dtype)
        return keras.random.dropout(kernel, self.weight_drop, seed=self.noise)

    def cell_weights(self) -> States:
        """The cell's weights beside U, of which only a layer-normalised cell has any."""
        return tuple(ops.cast(weight, weight.dtype) for weight in self._gains_and_biases[1:])

    def project(self, inputs: Tensor, projected_constant: Tensor | None = None) -> Tensor:
        """The input's part of the pre-activations, (..., G), from inputs (..., I) and a constant part (B, G)."""
        x = _product(inputs, self.kernel, self.compute_dtype)
        if not self.cell.blocks:
            x = x + self.bias
            return x if projected_constant is None else x + projected_constant
        x = x if projected_constant is None else x + projected_constant
        return self._gains_and_biases[0] * standardised(x, self.cell.blocks) + self.bias

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
    """A function with BPTT: from inputs (T, B, G), U (H, G), states (B, H) and cell weights to states (T, B, H)."""

    @ops.custom_gradient
    def sequence(x: Tensor, kernel: Tensor, *others: Tensor) -> tuple[Any, Callable[..., Any]]:
        start, weights = others[: cell.states], others[cell.states :]
        dtype = kernel.dtype

        def forward(carry: States, t: Tensor) -> tuple[States, States]:
            states = carry[: cell.states]
            u = ops.cast(ops.matmul(ops.cast(states[0], dtype), kernel), x.dtype)
            after, saved = cell.forward(x[t], u, states, f, g, *weights)
            return after + saved, after + saved

        # `scan` can stack only what it also carries from step to step, so the saved tensors are carried too. On
        # TensorFlow it takes only one sequence of unknown length, so it gets the step numbers and x is indexed by them.
        steps = ops.arange(ops.shape(x)[0])
        saved_like = (start[0],) * cell.saved + (x[0],) * cell.saves_u
        _, stacked = ops.scan(forward, start + saved_like, steps)
        after, saved = stacked[: cell.states], stacked[cell.states :]

        def backward(*upstream: Any) -> Any:
            before = tuple(ops.concatenate([s[None], a[:-1]], axis=0) for s, a in zip(start, after, strict=True))
            transposed = ops.transpose(kernel)

            def back(carry: States, t: Tensor) -> tuple[States, States]:
                gradients = tuple(d + a[t] for d, a in zip(carry[: cell.states], arriving, strict=True))
                at_t = (tuple(tensor[t] for tensor in kept) for kept in (before, after, saved))
                dx, du, direct, *of_weights = cell.backward(gradients, *at_t, f, g, *weights)
                through_u = ops.cast(ops.matmul(ops.cast(du, dtype), transposed), x.dtype)
                result = (direct[0] + through_u, *direct[1:], dx, du, *of_weights)
                return result, result

            rows = ops.zeros_like(start[0][:, :1])
            zeros = tuple(ops.zeros_like(s) for s in start) + (ops.zeros_like(x[0]),) * 2
            zeros += tuple(rows + ops.zeros_like(weight) for weight in weights)
            arriving = tuple(tree.flatten(upstream))
            first, stacked = ops.scan(back, zeros, steps, reverse=True)
            dx, du, *of_weights = stacked[cell.states :]
            # Sums over rows and steps at once: devices that share the rows then send only the sums to one another.
            dkernel = ops.tensordot(ops.cast(before[0], dtype), ops.cast(du, dtype), axes=[[0, 1], [0, 1]])
            return (dx, dkernel, *first[: cell.states], *(ops.sum(by_row, axis=(0, 1)) for by_row in of_weights))

        return after if cell.states > 1 else after[0], backward

    return sequence
