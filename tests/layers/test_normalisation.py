"""Layer normalisation: mean 0 and variance 1 in every block, and the exact gradient."""

import keras
import numpy as np
import pytest
from keras import ops

from seq2seq.layers.normalisation import standardised, standardised_gradient

EXACT = keras.backend.backend() == "tensorflow"  # JAX computes in float32 unless a process-wide switch is set


def draw(seed):
    return np.random.default_rng(seed).normal(size=(4, 12)) * 3 + 1


@pytest.mark.parametrize("blocks", [(1,), (2, 1), (1, 1, 2)])
def test_every_block_has_mean_0_and_variance_1(blocks):
    value = np.asarray(standardised(ops.convert_to_tensor(draw(0)), blocks))
    ends = np.cumsum(np.array(blocks) * (12 // sum(blocks)))[:-1]
    for block in np.split(value, ends, axis=-1):
        np.testing.assert_allclose(block.mean(axis=-1), 0, atol=1e-6)
        np.testing.assert_allclose(block.var(axis=-1), 1, atol=1e-4)


def test_zeros_stay_zeros():
    zeros = ops.zeros((2, 6))
    np.testing.assert_array_equal(standardised(zeros, (2, 1)), zeros)


@pytest.mark.skipif(not EXACT, reason="finite differences need float64, which JAX has off")
@pytest.mark.parametrize("blocks", [(1,), (2, 1)])
def test_gradient_agrees_with_finite_differences(blocks):
    vectors, upstream, direction, size = draw(0), draw(1), draw(2), 1e-6
    gradient = np.asarray(standardised_gradient(*map(ops.convert_to_tensor, (upstream, vectors)), blocks))
    ends = [np.asarray(standardised(ops.convert_to_tensor(vectors + s * direction), blocks)) for s in (size, -size)]
    expected = np.sum(upstream * (ends[0] - ends[1])) / (2 * size)
    assert np.sum(gradient * direction) == pytest.approx(expected, rel=1e-6)
