import numpy as np
import pytest
from keras import ops

from seq2seq.layers.decoder import Decoder

B, U, E, S, H = 2, 4, 5, 3, 6


def build(**settings):
    decoder = Decoder("lstm", H, E, **settings)
    decoder.build((None, None, E), (None, S))
    return decoder


def draw(*shape, seed=0):
    return ops.convert_to_tensor(np.random.default_rng(seed).normal(size=shape).astype("float32"))


def run(decoder, summary, states=None):
    states = draw(B, 3, S, seed=1) if states is None else states
    mask = ops.ones((B, ops.shape(states)[1]), dtype="bool")
    return np.asarray(decoder(draw(B, U, E), decoder.start(summary, states, mask)))


def test_summary_starts_every_layer():
    decoder = build(layers=2)
    state = decoder.start(draw(B, S), draw(B, 3, S), ops.ones((B, 3), dtype="bool"))
    assert [[tuple(part.shape) for part in layer] for layer in state.layers] == [[(B, H), (B, H)]] * 2
    assert not np.allclose(state.layers[0][0], state.layers[1][0])


def test_without_attention_nothing_but_the_summary_passes():
    decoder = build()
    np.testing.assert_array_equal(
        run(decoder, draw(B, S), draw(B, 3, S, seed=1)), run(decoder, draw(B, S), draw(B, 8, S, seed=2))
    )


def test_attention_sees_the_states():
    decoder = build(attention=True)
    assert not np.allclose(run(decoder, draw(B, S)), run(decoder, draw(B, S), draw(B, 3, S, seed=2)))


def test_attention_does_not_see_padding():
    decoder = build(attention=True)
    states, summary = draw(B, 3, S, seed=1), draw(B, S)
    longer = ops.concatenate([states, 50 * ops.ones((B, 2, S))], axis=1)
    mask = ops.convert_to_tensor(np.array([[True] * 3 + [False] * 2] * B))
    padded = decoder(draw(B, U, E), decoder.start(summary, longer, mask))
    np.testing.assert_allclose(padded, run(decoder, summary, states), atol=1e-6)


@pytest.mark.parametrize("every_step", [True, False])
def test_summary_every_step_is_a_choice(every_step):
    """With a bridge of zeros, only the share of every step can still carry the summary."""
    decoder = build(summary_every_step=every_step)
    decoder.bridge.kernel.assign(np.zeros(decoder.bridge.kernel.shape))
    same = np.allclose(run(decoder, draw(B, S)), run(decoder, draw(B, S, seed=9)))
    assert same is not every_step
