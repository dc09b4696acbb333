"""The loss: label-smoothed cross-entropy of each token. Its gradient keeps only one tensor of the logits' size."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

Tensor = Any


class SmoothedCrossEntropy(keras.losses.Loss):
    """Cross-entropy against (1 - s) one_hot(target) + s / V (Szegedy et al. 2016, arXiv:1512.00567, section 7).

    Called with `sample_weight` (B, U), it returns the weighted sum. With weights of 1 / (true tokens of the batch), and
    zero at padding, this sum is the mean over tokens, on one device or on many.

    Args:
        smoothing: s, the share that is spread over all pieces; 0 gives the plain negative log-likelihood in nats.
        r_drop: alpha, how much two predictions of the same token may not differ (R-Drop, Liang et al. 2021,
            arXiv:2106.14448). Above 0, rows 2i and 2i + 1 are the same pair, read with different dropout, and each
            token's loss is the mean of the two, plus alpha/2 times the mean of both Kullback-Leibler divergences: half
            the paper's loss.

    Call arguments:
        y_true: target ids, (B, U).
        y_pred: logits, (B, U, V).
    """

    def __init__(self, smoothing: float = 0.0, r_drop: float = 0.0):
        super().__init__(name="loss", reduction="sum")
        self.smoothing = smoothing
        self.r_drop = r_drop

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The loss of each token, (B, U), in nats."""
        losses = token_losses(ops.cast(y_true, "int32"), y_pred, self.smoothing)
        return losses + self.r_drop / 2 * divergences(y_pred) if self.r_drop else losses


def divergences(logits: Tensor) -> Tensor:
    """How much the two predictions of each token differ: the mean of KL(p || q) and KL(q || p), in nats.

    Args:
        logits: (2B, U, V), of which rows 2i and 2i + 1 are two predictions of the same tokens.

    Returns:
        (2B, U), the same in both rows.
    """
    rows, U, V = ops.shape(logits)
    log_probs = ops.reshape(ops.log_softmax(logits, axis=-1), (rows // 2, 2, U, V))
    p, q = log_probs[:, 0], log_probs[:, 1]
    mean = ops.sum((ops.exp(p) - ops.exp(q)) * (p - q), axis=-1) / 2
    return ops.reshape(ops.stack([mean, mean], axis=1), (rows, U))


def token_losses(target: Tensor, logits: Tensor, smoothing: float = 0.0) -> Tensor:
    """The smoothed cross-entropy of each token, (B, U), from ids (B, U) and logits (B, U, V).

    The gradient, softmax(logits) - (1 - s) one_hot(target) - s / V, is written out: automatic differentiation
    keeps several (B, U, V) tensors in memory, this one keeps one.
    """
    V = logits.shape[-1]

    @ops.custom_gradient
    def losses(logits: Tensor) -> tuple[Tensor, Callable[..., Tensor]]:
        # The maximum is subtracted before `exp`, so that no logit overflows; the logarithm adds it again.
        top = ops.max(logits, axis=-1, keepdims=True)
        exponentials = ops.exp(logits - top)
        total = ops.sum(exponentials, axis=-1, keepdims=True)
        normaliser = (top + ops.log(total))[..., 0]
        truth = ops.take_along_axis(logits, target[..., None], axis=-1)[..., 0]
        loss = normaliser - (1 - smoothing) * truth
        if smoothing:
            loss = loss - smoothing * ops.mean(logits, axis=-1)

        def gradient(upstream: Tensor) -> Tensor:
            scale = upstream[..., None]
            dense = ops.reshape(exponentials * (scale / total) - scale * (smoothing / V), (-1, V))
            rows = ops.reshape(target, (-1, 1))
            at_truth = ops.take_along_axis(dense, rows, axis=-1) - ops.reshape((1 - smoothing) * upstream, (-1, 1))
            places = ops.concatenate([ops.arange(ops.shape(rows)[0], dtype=rows.dtype)[:, None], rows], axis=-1)
            return ops.reshape(ops.scatter_update(dense, places, at_truth[:, 0]), ops.shape(logits))

        return loss, gradient

    return losses(logits)
