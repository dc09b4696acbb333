import numpy as np
from keras import ops

from seq2seq.layers.attention import Attention


def test_context_is_the_softmax_mean_of_the_true_states():
    random = np.random.default_rng(0)
    queries, states = (random.normal(size=shape).astype("float32") for shape in ((2, 3, 4), (2, 5, 6)))
    mask = np.arange(5) < np.array([[5], [2]])
    attention = Attention()
    attention.build(queries.shape, states.shape)
    context = attention(*(ops.convert_to_tensor(array) for array in (queries, states, mask)))
    for row, true in enumerate([5, 2]):
        scores = queries[row] @ np.asarray(attention.kernel.value) @ states[row, :true].T
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        expected = weights / weights.sum(axis=1, keepdims=True) @ states[row, :true]
        np.testing.assert_allclose(np.asarray(context)[row], expected, rtol=1e-4, atol=1e-5)
