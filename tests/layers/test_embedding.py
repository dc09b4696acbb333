import keras
import numpy as np
import pytest
from keras import ops

from seq2seq.layers.embedding import Embedding


def build():
    embedding = Embedding(7, 3)
    embedding.build()
    return embedding


def test_lookup_is_rows_of_the_table():
    embedding = build()
    np.testing.assert_array_equal(embedding(np.array([[1, 5]])), np.asarray(embedding.table.value)[[[1, 5]]])


def test_logits_are_products_with_the_rows():
    embedding, vectors = build(), np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    np.testing.assert_allclose(embedding.logits(vectors), vectors @ np.asarray(embedding.table.value).T, atol=1e-6)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="JAX gradients are dense by nature")
def test_gradient_is_dense_and_sums_repeated_pieces():
    import tensorflow as tf

    embedding = build()
    with tf.GradientTape() as tape:
        value = ops.sum(embedding(np.array([[2, 2, 4]])) * np.array([[[1.0], [10.0], [100.0]]], "float32"))
    gradient = tape.gradient(value, embedding.table.value)
    expected = np.zeros((7, 3))
    expected[2], expected[4] = 11, 100
    assert isinstance(gradient, tf.Tensor)
    np.testing.assert_array_equal(gradient, expected)
