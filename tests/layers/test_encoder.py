"""Law 2: padding and company never reach h(T). Law 8: parameters do not grow with the sentence."""

import numpy as np
import pytest
from keras import ops

from seq2seq.backend import compiled
from seq2seq.errors import ConfigError
from seq2seq.layers.cells import CELLS
from seq2seq.layers.encoder import DIRECTIONS, Encoder, reverse
from seq2seq.layers.stack import Recurrence

E, H = 4, 5


def encode(encoder, x, lengths):
    run = compiled(lambda x, lengths: encoder(x, lengths), encoder)
    states, summary = run(np.asarray(x), np.asarray(lengths, "int32"))
    return np.asarray(states), np.asarray(summary)


def build(cell="gru", **settings):
    encoder = Encoder(cell, H, **settings)
    encoder.build((None, None, E))
    return encoder


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "slots"])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("cell", CELLS)
def test_summary_does_not_change_with_padding_or_company(cell, direction, pooling):
    encoder = build(cell, layers=2, direction=direction, pooling=pooling, slots=3)
    x = np.random.default_rng(0).normal(size=(3, 9, E)).astype("float32")
    states, summary = encode(encoder, x, [9, 4, 1])
    alone, lone_summary = encode(encoder, x[1:2, :4], [4])
    np.testing.assert_allclose(summary[1], lone_summary[0], atol=1e-6)
    np.testing.assert_allclose(states[1, :4], alone[0], atol=1e-6)


@pytest.mark.parametrize("pooling", ["last", "mean"])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("cell", CELLS)
def test_residual_layers_that_write_zeros_change_nothing(cell, direction, pooling):
    """So the summary is read from the sum of all layers, and padding does not reach it there either."""
    deep = build(cell, layers=3, direction=direction, pooling=pooling, recurrence=Recurrence(residual=True))
    shallow = build(cell, direction=direction, pooling=pooling)
    for weight in deep.weights:
        weight.assign(np.zeros(weight.shape))
    for mine, theirs in zip(deep.stack[0], shallow.stack[0], strict=True):
        for weight, value in zip(mine.weights, theirs.weights, strict=True):
            weight.assign(value)
    x = np.random.default_rng(0).normal(size=(2, 7, E)).astype("float32")
    for mine, theirs in zip(encode(deep, x, [7, 3]), encode(shallow, x, [7, 3]), strict=True):
        np.testing.assert_allclose(mine[1, :3], theirs[1, :3], atol=1e-6)


def test_reversed_encoder_is_the_forward_one_on_reversed_sentences():
    forward, backward = build(direction="forward"), build(direction="reversed")
    for mine, theirs in zip(backward.weights, forward.weights, strict=True):
        mine.assign(theirs)
    x = np.random.default_rng(0).normal(size=(1, 6, E)).astype("float32")
    np.testing.assert_allclose(encode(backward, x, [6])[1], encode(forward, x[:, ::-1].copy(), [6])[1], atol=1e-6)


@pytest.mark.parametrize(("pooling", "of"), [("mean", np.mean), ("max", np.max)])
def test_pooling_is_over_the_true_states(pooling, of):
    encoder = build(direction="forward", pooling=pooling)
    x = np.random.default_rng(0).normal(size=(2, 7, E)).astype("float32")
    states, summary = encode(encoder, x, [7, 3])
    for row, length in enumerate([7, 3]):
        np.testing.assert_allclose(summary[row], of(states[row, :length], axis=0), atol=1e-6)


def test_reverse_turns_the_true_tokens_and_leaves_padding():
    x = np.arange(10, dtype="float32").reshape(2, 5, 1)
    turned = np.asarray(reverse(ops.convert_to_tensor(x), ops.convert_to_tensor(np.array([5, 3], "int32"))))[..., 0]
    assert turned.tolist() == [[4, 3, 2, 1, 0], [7, 6, 5, 8, 9]]


@pytest.mark.parametrize("cell", CELLS)
def test_parameters_do_not_depend_on_the_sentence_length(cell):
    """Law 8: the same weights at every step, so there is one set of them for three words and for sixty."""
    encoder = build(cell, layers=2)
    before = encoder.count_params()
    for length in (1, 60):
        encode(encoder, np.zeros((2, length, E), "float32"), [length, 1])
    assert encoder.count_params() == before


def test_summary_has_a_state_for_each_slot():
    encoder = build(pooling="slots", slots=3)
    assert (encoder.state_size, encoder.size) == (2 * H, 6 * H)
    states, summary = encode(encoder, np.ones((2, 4, E), "float32"), [4, 1])
    assert (states.shape, summary.shape) == ((2, 4, 2 * H), (2, 6 * H))
    np.testing.assert_allclose(summary[1], np.tile(states[1, 0], 3), atol=1e-6)  # one token: every mean is its state


def test_unknown_pooling_is_refused():
    with pytest.raises(ConfigError, match=r"pooling is 'last', 'mean', 'max' or 'slots'; received 'first'"):
        Encoder("gru", H, pooling="first")
