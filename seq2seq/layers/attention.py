"""Optional attention: with it, one can measure what the bottleneck of one vector costs."""

from typing import Any

import keras
from keras import ops

Tensor = Any


class Attention(keras.layers.Layer):
    """Global attention with the general score, over all encoder states (Luong et al. 2015, arXiv:1508.04025, eq. 8).

    score(t, u) = d(u)' W s(t); the context is the states' mean under the softmax of the scores over the true tokens. It
    comes after the decoder's recurrence and is not fed back, so all steps of the target can be computed at once.

    Call arguments:
        queries: (B, U, H), the decoder's outputs.
        states: (B, T, S), the encoder's states.
        mask: (B, T), true at tokens, false at padding.

    Returns:
        the context of each query, (B, U, S).
    """

    def build(self, query_shape: tuple[int | None, ...], states_shape: tuple[int | None, ...]) -> None:
        """Create the weight matrix W, (H, S)."""
        self.kernel = self.add_weight(
            (query_shape[-1], states_shape[-1]), initializer="glorot_uniform", name="kernel", autocast=False
        )
        self.built = True

    def call(self, queries: Tensor, states: Tensor, mask: Tensor) -> Tensor:
        """The context of each query, (B, U, S)."""
        scores = ops.einsum("buh,hs,bts->but", queries, ops.cast(self.kernel, self.compute_dtype), states)
        # In float32 even under bfloat16: a softmax in 8 bits of precision would be coarse.
        scores = ops.where(mask[:, None, :], ops.cast(scores, "float32"), -1e9)
        weights = ops.cast(ops.softmax(scores, axis=-1), states.dtype)
        return ops.matmul(weights, states)
