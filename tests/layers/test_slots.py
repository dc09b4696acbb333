"""Slots: weighted means of the true states, as many as are asked for, at any length of the sentence."""

import numpy as np
from keras import ops

from seq2seq.layers.slots import Slots

B, T, D, K = 2, 5, 4, 3


def build(seed=0):
    slots = Slots(K)
    slots.build((None, None, D))
    for index, weight in enumerate(slots.weights):
        weight.assign(np.random.default_rng(seed + index).normal(size=weight.shape))
    return slots


def draw(*shape):
    return np.random.default_rng(9).normal(size=shape).astype("float32")


def test_slots_are_the_papers_formula():
    slots, states = build(), draw(B, T, D)
    W, Q = (np.asarray(weight.value) for weight in slots.weights)
    true = np.arange(T) < np.array([[T], [3]])
    result = np.asarray(slots(states, ops.convert_to_tensor(true)))
    assert result.shape == (B, K * D)
    for row, length in enumerate((T, 3)):
        scores = np.exp((np.tanh(states[row, :length] @ W) @ Q).T)  # (k, T)
        expected = scores / scores.sum(axis=1, keepdims=True) @ states[row, :length]
        np.testing.assert_allclose(result[row].reshape(K, D), expected, atol=1e-5)


def test_queries_of_zeros_give_the_mean_in_every_slot():
    slots, states = build(), draw(B, T, D)
    slots.queries.assign(np.zeros((D, K)))
    result = slots(states, ops.ones((B, T), dtype="bool"))
    np.testing.assert_allclose(result, np.tile(states.mean(axis=1), K), atol=1e-6)
