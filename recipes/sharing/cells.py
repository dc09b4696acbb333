"""Gated recurrent layers whose weights need not be the same at every step.

All but one are the same sum, W(t) = sum over k of alpha(t, k) W(k), and differ only in alpha: all ones over one matrix
is the ordinary layer, the identity gives every step a matrix of its own, a learned softmax over few matrices lets the
steps share softly. In the remaining one a small network looks at the sentence and scales the weights as it reads.

B batch, T steps, I input size, H units, G = 3 H gates, K templates, N units of the hyper-network.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from seq2seq.layers.cells import ACTIVATIONS, CELLS
from seq2seq.layers.decoder import Decoder, DecoderState

Tensor = Any
States = tuple[Tensor, ...]
GRU, TANH, SIGMOID = CELLS["gru"], ACTIVATIONS["tanh"], ACTIVATIONS["sigmoid"]


class Mixture(keras.layers.Layer):
    """A weight for each step t < `steps`, mixed from K templates; steps beyond reuse the last one.

    Args:
        shape: of the weight.
        draw: where each template starts, a new draw at each call.
        steps: how many have weights of their own.
        sharing: ``shared`` (K = 1), ``unshared`` (K = `steps`, one for each step) or ``soft`` (alpha is the softmax of
            learned logits; Savarese and Maire 2019, arXiv:1902.09701, share the layers of a deep network so).
        templates: K, where soft.
        equal_start: all templates start as the same weight: the layer starts as the shared one.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        draw: Callable[..., Tensor],
        steps: int,
        sharing: str,
        *,
        templates: int = 1,
        equal_start: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.shape, self.steps, self.sharing = shape, steps, sharing
        self.templates = {"shared": 1, "unshared": steps, "soft": templates}[sharing]

        def start(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
            drawn = [draw(shape[1:], dtype) for _ in range(1 if equal_start else shape[0])]
            return ops.stack(drawn * shape[0] if equal_start else drawn)

        self.table = self.add_weight((self.templates, *shape), initializer=start, name="templates")
        self.logits = (
            self.add_weight((steps, templates), initializer=keras.initializers.RandomNormal(stddev=1.0), name="logits")
            if sharing == "soft"
            else None
        )
        self.built = True

    def alpha(self, steps: Tensor) -> Tensor:
        """How much of each template there is at some steps, (T,) to (T, K)."""
        if self.sharing == "shared":
            return ops.ones((ops.shape(steps)[0], 1), self.compute_dtype)
        chosen = ops.one_hot(ops.minimum(steps, self.steps - 1), self.steps, dtype=self.compute_dtype)
        return chosen if self.logits is None else ops.matmul(chosen, ops.softmax(self.logits, axis=-1))

    def call(self, steps: Tensor) -> Tensor:
        """The weight at some steps, (T,) to (T, *shape)."""
        flat = ops.matmul(self.alpha(steps), ops.reshape(self.table, (self.templates, -1)))
        return ops.reshape(flat, (-1, *self.shape))


class ClockedGRU(keras.layers.Layer):
    """The gated recurrent layer of `seq2seq.layers.recurrent`, with W(t), U(t) and b(t) in the places of W, U and b.

    An input that does not change with time (the decoder's summary) has its columns of W(t) like any other.

    Args:
        units: H.
        steps: how many have weights of their own.
        sharing: of W and U, see `Mixture`. (In `build`, C is the size of the input that does not change.)
        bias_sharing: of b.
        templates, equal_start: see `Mixture`.

    Call arguments:
        inputs: (B, T, I), or (B, I) for `step`.
        states: h (B, H) and the clock (B, 1); zeros where not given.
        projected_constant: (B, K, G), see `project_constant`.
    """

    def __init__(
        self,
        units: int,
        steps: int,
        sharing: str,
        bias_sharing: str,
        *,
        templates: int = 1,
        equal_start: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.units, self.steps, self.sharing, self.bias_sharing = units, steps, sharing, bias_sharing
        self.options = {"templates": templates, "equal_start": equal_start, "dtype": self.dtype_policy}

    def build(self, input_shape: tuple[int | None, ...], constant_size: int = 0) -> None:
        """Create the templates."""
        H, G = self.units, 3 * self.units
        kind = self.sharing
        self.kernel = Mixture((input_shape[-1], G), glorot, self.steps, kind, name="kernel", **self.options)
        self.recurrent_kernel = Mixture(
            (H, G), orthogonal_blocks, self.steps, kind, name="recurrent_kernel", **self.options
        )
        self.bias = Mixture((G,), ops.zeros, self.steps, self.bias_sharing, name="bias", **self.options)
        if constant_size:
            self.constant_kernel = Mixture(
                (constant_size, G), glorot, self.steps, kind, name="constant", **self.options
            )
        self.built = True

    def memory(self, rows: Tensor) -> States:
        """What is carried beside h: the number of the step."""
        return (ops.zeros((rows, 1), "int32"),)

    def project_constant(self, constant: Tensor) -> Tensor:
        """What each template makes of the input that does not change, (B, C) to (B, K, G)."""
        return ops.einsum("bc,kcg->bkg", constant, self.constant_kernel.table)

    def call(
        self,
        inputs: Tensor,
        states: States | None = None,
        projected_constant: Tensor | None = None,
        training: bool = False,
    ) -> States:
        """The whole sequence from step 0 on: h after every step, (B, T, H)."""
        B, T = ops.shape(inputs)[0], ops.shape(inputs)[1]
        start = ops.zeros((B, self.units), self.compute_dtype) if states is None else states[0]
        steps = ops.arange(T)
        projected = self._project(ops.transpose(inputs, (1, 0, 2)), steps, projected_constant)
        return (ops.transpose(_through_time(projected, self.recurrent_kernel(steps), start), (1, 0, 2)),)

    def step(self, inputs: Tensor, states: States, projected_constant: Tensor | None = None) -> States:
        """One step: inputs (B, I), h (B, H) and the clock to h and the clock after it."""
        h, clock = states
        now = ops.max(clock)[None]
        x = self._project(inputs[None], now, projected_constant)[0]
        (h,), _ = GRU.forward(x, ops.matmul(h, self.recurrent_kernel(now)[0]), (h,), TANH, SIGMOID)
        return h, clock + 1

    def _project(self, inputs: Tensor, steps: Tensor, constant: Tensor | None) -> Tensor:
        """The inputs' share of the pre-activations at some steps, (T, B, I) to (T, B, G)."""
        projected = ops.matmul(inputs, self.kernel(steps)) + self.bias(steps)[:, None]
        if constant is not None:
            projected = projected + ops.einsum("tk,bkg->tbg", self.constant_kernel.alpha(steps), constant)
        return projected


class HyperGRU(keras.layers.Layer):
    """A gated recurrent layer whose weights are scaled, row by row, by a small one that reads along.

    With z(t) the state of a GRU of N units that reads [h(t-1); x(t)] (Ha et al. 2016, arXiv:1609.09106, section 3.2):
    the pre-activations are (1 + D_x z) * (W x) + (1 + D_h z) * (U h) + b + D_b z. The paper maps z through a narrower
    layer first; here N itself is narrow. D starts at zero, so that the layer starts as the shared one.

    Args:
        units: H.
        hyper_units: N.

    Call arguments:
        inputs: (B, T, I), or (B, I) for `step`.
        states: h (B, H) and z (B, N); zeros where not given.
        projected_constant: (B, G), the share in W x of an input that does not change with time.
    """

    def __init__(self, units: int, hyper_units: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.units, self.hyper_units = units, hyper_units

    def build(self, input_shape: tuple[int | None, ...], constant_size: int = 0) -> None:
        """Create the weights of both networks."""
        size, H, G, N = input_shape[-1], self.units, 3 * self.units, self.hyper_units
        weights = [("constant_kernel", (constant_size, G), "glorot_uniform")] if constant_size else []
        for name, shape, start in (
            *weights,
            ("kernel", (size, G), "glorot_uniform"),
            ("recurrent_kernel", (H, G), orthogonal_blocks),
            ("bias", (G,), "zeros"),
            ("hyper_kernel", (size, 3 * N), "glorot_uniform"),
            ("hyper_state_kernel", (H, 3 * N), "glorot_uniform"),
            ("hyper_recurrent_kernel", (N, 3 * N), orthogonal_blocks),
            ("hyper_bias", (3 * N,), "zeros"),
            ("scales", (N, 3 * G), "zeros"),
        ):
            setattr(self, name, self.add_weight(shape, initializer=start, name=name))
        self.built = True

    def memory(self, rows: Tensor) -> States:
        """What is carried beside h: the state of the hyper-network."""
        return (ops.zeros((rows, self.hyper_units), self.compute_dtype),)

    def project_constant(self, constant: Tensor) -> Tensor:
        """The constant's share, (B, C) to (B, G)."""
        return ops.matmul(constant, self.constant_kernel)

    def call(
        self,
        inputs: Tensor,
        states: States | None = None,
        projected_constant: Tensor | None = None,
        training: bool = False,
    ) -> States:
        """The whole sequence: h after every step, (B, T, H), and z, (B, T, N)."""
        B = ops.shape(inputs)[0]
        if states is None:
            states = (ops.zeros((B, self.units), self.compute_dtype), *self.memory(B))

        def forward(carry: States, projected: Tensor) -> tuple[States, States]:
            after = self._advance(projected, carry, projected_constant)
            return after, after

        _, after = ops.scan(forward, states, ops.transpose(self._project(inputs), (1, 0, 2)))
        return tuple(ops.transpose(state, (1, 0, 2)) for state in after)

    def step(self, inputs: Tensor, states: States, projected_constant: Tensor | None = None) -> States:
        """One step of the same weights."""
        return self._advance(self._project(inputs), states, projected_constant)

    def _project(self, inputs: Tensor) -> Tensor:
        """The input's share in both networks, side by side, (..., I) to (..., G + 3 N)."""
        own, hyper = ops.matmul(inputs, self.kernel), ops.matmul(inputs, self.hyper_kernel) + self.hyper_bias
        return ops.concatenate([own, hyper], axis=-1)

    def _advance(self, projected: Tensor, states: States, constant: Tensor | None) -> States:
        h, z = states
        x, hyper_x = ops.split(projected, [3 * self.units], axis=-1)
        x = x if constant is None else x + constant
        hyper_x = hyper_x + ops.matmul(h, self.hyper_state_kernel)
        (z,), _ = GRU.forward(hyper_x, ops.matmul(z, self.hyper_recurrent_kernel), (z,), TANH, SIGMOID)
        of_x, of_u, shift = ops.split(ops.matmul(z, self.scales), 3, axis=-1)
        u = (1 + of_u) * ops.matmul(h, self.recurrent_kernel)
        (h,), _ = GRU.forward((1 + of_x) * x + self.bias + shift, u, (h,), TANH, SIGMOID)
        return h, z


class RememberingDecoder(Decoder):
    """A decoder whose layers carry more than h from one token to the next: a clock, or a hyper-network's state.

    The clock starts with the sentence, so that a free-running step knows which one it is.
    """

    def start(self, summary: Tensor, states: Tensor, mask: Tensor) -> DecoderState:
        """The state before the first token."""
        state, rows = super().start(summary, states, mask), ops.shape(summary)[0]
        layers = zip(state.layers, self.stack, strict=True)
        return state._replace(layers=tuple((*own, *layer.memory(rows)) for own, layer in layers))


def glorot(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
    """As the input weights of the shared layer start; a new initialiser each time, for one draws the same again."""
    return keras.initializers.GlorotUniform()(shape, dtype=dtype)


def orthogonal_blocks(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
    """An orthogonal matrix for each gate, as the recurrent weights of the shared layer start."""
    H, G = shape
    return ops.concatenate([keras.initializers.Orthogonal()((H, H), dtype=dtype) for _ in range(G // H)], axis=1)


def _through_time(x: Tensor, kernels: Tensor, start: Tensor) -> Tensor:
    """Inputs (T, B, G), recurrent weights of each step (T, H, G) and h (B, H) to h after every step (T, B, H).

    The gradient is written out, as in `seq2seq.layers.recurrent`: there the gradient of the one matrix is the sum over
    all steps of what here is kept apart.
    """

    @ops.custom_gradient
    def sequence(x: Tensor, kernels: Tensor, start: Tensor) -> tuple[Tensor, Callable[..., Any]]:
        steps = ops.arange(ops.shape(x)[0])

        def forward(carry: States, t: Tensor) -> tuple[States, States]:
            (h,), saved = GRU.forward(x[t], ops.matmul(carry[0], kernels[t]), carry[:1], TANH, SIGMOID)
            return (h, *saved), (h, *saved)

        _, (after, *saved) = ops.scan(forward, (start,) * (1 + GRU.saved), steps)

        def backward(*upstream: Tensor) -> Any:
            before = ops.concatenate([start[None], after[:-1]], axis=0)
            transposed = ops.transpose(kernels, (0, 2, 1))

            def back(carry: States, t: Tensor) -> tuple[States, States]:
                gradient = carry[0] + upstream[0][t]
                at_t = ((tensor[t],) for tensor in (before, after))
                dx, du, (direct,) = GRU.backward((gradient,), *at_t, [s[t] for s in saved], TANH, SIGMOID)
                result = (direct + ops.matmul(du, transposed[t]), dx, du)
                return result, result

            zeros = (ops.zeros_like(start), *(ops.zeros_like(x[0]),) * 2)
            (first, _, _), (_, dx, du) = ops.scan(back, zeros, steps, reverse=True)
            return dx, ops.matmul(ops.transpose(before, (0, 2, 1)), du), first

        return after, backward

    return sequence(x, kernels, start)
