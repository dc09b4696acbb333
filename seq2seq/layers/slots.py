"""The summary as several vectors: each is a mean of the encoder's states, with weights of its own."""

from typing import Any

import keras
from keras import ops

Tensor = Any


class Slots(keras.layers.Layer):
    """k weighted means of the states, one behind the other (Lin et al. 2017, arXiv:1703.03130, eq. 6 and 7).

    A = softmax(Q' tanh(W' s(t))) over the true tokens, a row of weights for each slot; the slots are A times the
    states. Their number does not depend on the sentence, so k D numbers are all that passes. The paper's penalty for
    slots that look at the same tokens is left out.

    Args:
        count: k, the number of slots.

    Call arguments:
        states: (B, T, D), the encoder's states.
        true: (B, T), whether there is a token, not padding.

    Returns:
        the slots, (B, k D).
    """

    def __init__(self, count: int, **kwargs: Any):
        super().__init__(autocast=False, **kwargs)
        self.count = count

    def build(self, states_shape: tuple[int | None, ...]) -> None:
        """Create the weights W, (D, D), and Q, (D, k)."""
        D = states_shape[-1]
        self.kernel = self.add_weight((D, D), initializer="glorot_uniform", name="kernel", autocast=False)
        self.queries = self.add_weight((D, self.count), initializer="glorot_uniform", name="queries", autocast=False)
        self.built = True

    def call(self, states: Tensor, true: Tensor) -> Tensor:
        """The slots, (B, k D)."""
        dtype = self.compute_dtype
        hidden = ops.tanh(ops.matmul(ops.cast(states, dtype), ops.cast(self.kernel, dtype)))
        # In the type of the states even under bfloat16: a softmax in 8 bits of precision would be coarse.
        scores = ops.cast(ops.matmul(hidden, ops.cast(self.queries, dtype)), states.dtype)
        weights = ops.softmax(ops.where(true[:, :, None], scores, ops.cast(-1e9, states.dtype)), axis=1)
        slots = ops.einsum("btk,btd->bkd", weights, states)
        return ops.reshape(slots, (-1, self.count * states.shape[-1]))
