"""Law 3: the loss is the token mean worked out by hand."""

import keras
import numpy as np
import pytest
from keras import ops

from seq2seq.losses import SmoothedCrossEntropy, divergences, token_losses

B, U, V = 3, 4, 7


def example():
    random = np.random.default_rng(0)
    logits = random.normal(size=(B, U, V)).astype("float32") * 3
    target = random.integers(0, V, (B, U)).astype("int32")
    true = np.arange(U) < np.array([[4], [2], [1]])
    return logits, target, (true / true.sum()).astype("float32"), true


def by_hand(logits, target, smoothing):
    logits = logits.astype("float64")
    log_probs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    wanted = (1 - smoothing) * np.eye(V)[target] + smoothing / V
    return -(wanted * log_probs).sum(axis=-1)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("bfloat16", 2e-2)])
def test_loss_is_the_token_mean(smoothing, dtype, tolerance):
    logits, target, weights, true = example()
    loss = SmoothedCrossEntropy(smoothing)(target, ops.cast(logits, dtype), sample_weight=weights)
    assert float(loss) == pytest.approx(by_hand(logits, target, smoothing)[true].mean(), rel=tolerance)


def test_loss_does_not_see_padding():
    logits, target, weights, true = example()
    changed = np.where(true[..., None], logits, 99.0).astype("float32")
    losses = [float(SmoothedCrossEntropy(0.1)(target, each, sample_weight=weights)) for each in (logits, changed)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_gradient_is_softmax_less_the_smoothed_target(smoothing):
    logits, target, weights, _ = example()

    def loss(logits):
        return ops.sum(weights * token_losses(target, logits, smoothing))

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tensor = tf.constant(logits)
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            value = loss(tensor)
        found = tape.gradient(value, tensor)
    else:
        import jax

        found = jax.grad(loss)(logits)
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    softmax = exponentials / exponentials.sum(axis=-1, keepdims=True)
    expected = weights[..., None] * (softmax - (1 - smoothing) * np.eye(V)[target] - smoothing / V)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_loss_of_huge_logits_is_finite():
    logits = np.array([[[1e4, -1e4, 0.0]]], "float32")
    assert float(token_losses(np.array([[1]], "int32"), logits)[0, 0]) == pytest.approx(2e4)


def test_r_drop_is_the_paper_s_loss_by_hand():
    """Half of it: -(log p + log q) / 2 + alpha / 2 (KL(p || q) + KL(q || p)) / 2, as the mean over tokens."""
    random = np.random.default_rng(5)
    _, target, weights, true = example()
    logits = random.normal(size=(B, 2, U, V)).astype("float32") * 2
    p, q = (by_hand_log_probs(logits[:, number]) for number in (0, 1))
    truth = np.eye(V)[target]
    both = ((np.exp(p) - np.exp(q)) * (p - q)).sum(axis=-1)  # KL(p || q) + KL(q || p)
    expected = -((p + q) * truth).sum(axis=-1) / 2 + 5.0 / 2 * both / 2
    rows = logits.reshape(2 * B, U, V)
    loss = SmoothedCrossEntropy(r_drop=5.0)(
        np.repeat(target, 2, axis=0), rows, sample_weight=np.repeat(weights / 2, 2, axis=0)
    )
    assert float(loss) == pytest.approx(expected[true].mean(), rel=1e-5)


def by_hand_log_probs(logits):
    logits = logits.astype("float64")
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def test_equal_predictions_do_not_diverge():
    logits, _, _, _ = example()
    np.testing.assert_allclose(divergences(np.repeat(logits, 2, axis=0)), 0.0, atol=1e-6)
