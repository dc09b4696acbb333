import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from seq2seq.backend import compiled
from seq2seq.decoding.beam import BeamSearch
from seq2seq.decoding.sampling import sample
from seq2seq.symbols import BOS, EOS, PAD, UNK

V = 16


class Chain:
    """A decoder without a network: log P(next piece | last piece, sentence) from a random table."""

    variables = ()

    def __init__(self, sentences, seed=0):
        logits = 1.5 * np.random.default_rng(seed).normal(size=(sentences, V, V))
        self.compiled = {}
        self.log_probs = (logits - np.log(np.exp(logits).sum(-1, keepdims=True))).astype(np.float32)

    def step(self, state, token):
        row = ops.cast(state, "int32") * V + ops.cast(token, "int32")
        return ops.take(ops.convert_to_tensor(self.log_probs.reshape(-1, V)), row, axis=0), state

    def probabilities(self, sentence, last=BOS, temperature=1.0, without=()):
        """What remains to draw from when the reserved pieces are gone."""
        logits = self.log_probs[sentence, last].astype(np.float64) / temperature
        logits[[PAD, BOS, UNK, *without]] = -np.inf
        return np.exp(logits) / np.exp(logits).sum()


@pytest.fixture(scope="module")
def chain():
    return Chain(8)


def draw(chain, sentences, uniforms, *, minimum=1, maximum=None, compile_it=True, **settings):
    """One hypothesis for each sentence number and row of uniforms, as arrays."""
    sentences, uniforms = np.asarray(sentences, np.int32), np.asarray(uniforms, np.float32)
    limits = (minimum, uniforms.shape[1] if maximum is None else maximum)
    low, high = (np.broadcast_to(np.asarray(limit, np.int32), len(sentences)) for limit in limits)

    def run(sentences, low, high, uniforms):
        return sample(chain.step, sentences, minimum=low, maximum=high, uniforms=uniforms, pieces=V, **settings)

    if compile_it:
        run = chain.compiled.setdefault(tuple(settings.items()), compiled(run, chain))
    found = run(*map(ops.convert_to_tensor, (sentences, low, high, uniforms)))
    return type(found)(*map(ops.convert_to_numpy, found))


def evenly(count):
    """Uniforms that cover [0, 1) evenly, one step each: frequencies are then exact to one in `count`."""
    return ((np.arange(count) + 0.5) / count)[:, None]


def frequencies(found):
    return np.bincount(found.tokens[:, 0, 0], minlength=V) / len(found.tokens)


def random_uniforms(rows, steps, seed=0):
    return np.random.default_rng(seed).random((rows, steps), np.float32)


@pytest.mark.parametrize("compile_it", [True, False])
@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_frequencies_are_the_probabilities(chain, temperature, compile_it):
    count = 4000
    for sentence in range(2):
        found = draw(
            chain, [sentence] * count, evenly(count), maximum=9, temperature=temperature, compile_it=compile_it
        )  # fmt: skip
        expected = chain.probabilities(sentence, temperature=temperature)
        np.testing.assert_allclose(frequencies(found), expected, atol=2 / count)


def test_second_piece_follows_the_first(chain):
    count = 4000
    uniforms = np.concatenate([np.full((count, 1), 0.3), evenly(count)], axis=1)
    found = draw(chain, [0] * count, uniforms, minimum=2, maximum=9)
    [first] = set(found.tokens[:, 0, 0].tolist())
    frequency = np.bincount(found.tokens[:, 0, 1], minlength=V) / count
    np.testing.assert_allclose(frequency, chain.probabilities(0, last=first), atol=2 / count)


@pytest.mark.parametrize("top_k", [1, 2, 5, 12, 13, 16, 99])
def test_top_k_draws_among_the_likeliest_only(chain, top_k):
    count = 2000
    found = draw(chain, [3] * count, evenly(count), maximum=9, top_k=top_k)
    expected = chain.probabilities(3)
    expected[np.argsort(-expected)[top_k:]] = 0
    np.testing.assert_allclose(frequencies(found), expected / expected.sum(), atol=2 / count)


@pytest.mark.parametrize("top_p", [1e-6, 0.3, 0.5, 0.8, 0.95, 1.0])
def test_top_p_draws_among_the_fewest_that_suffice(chain, top_p):
    count = 4000
    for sentence in range(2):
        found = draw(chain, [sentence] * count, evenly(count), maximum=9, top_p=top_p)
        expected = chain.probabilities(sentence)
        ranked = np.argsort(-expected)
        enough = int(np.searchsorted(np.cumsum(expected[ranked]), top_p)) + 1
        expected[ranked[enough:]] = 0
        np.testing.assert_allclose(frequencies(found), expected / expected.sum(), atol=2 / count)


@pytest.mark.parametrize(
    "settings", [{"temperature": 1e-4}, {"temperature": 1e-20}, {"temperature": 1e-300}, {"top_p": 1e-300}]
)
def test_without_chance_it_is_greedy(chain, settings):
    sentences = np.arange(8)
    limits = {
        name: ops.convert_to_tensor(np.full(8, value, np.int32)) for name, value in (("minimum", 1), ("maximum", 7))
    }
    best = BeamSearch(1)(chain.step, ops.convert_to_tensor(sentences.astype(np.int32)), **limits, width=7)  # fmt: skip
    found = draw(chain, sentences, random_uniforms(8, 7), **settings)
    np.testing.assert_array_equal(found.tokens, ops.convert_to_numpy(best.tokens))
    np.testing.assert_allclose(found.scores, ops.convert_to_numpy(best.scores), rtol=1e-5)


def test_heat_makes_all_pieces_alike_but_the_reserved_ones(chain):
    found = draw(chain, [0] * 1300, evenly(1300), maximum=9, temperature=1e30)
    expected = np.full(V, 1 / (V - 3))
    expected[[PAD, BOS, UNK]] = 0
    np.testing.assert_allclose(frequencies(found), expected, atol=2 / 1300)


def test_same_uniforms_draw_the_same_in_any_batch(chain):
    uniforms = random_uniforms(8, 10)
    together = draw(chain, np.arange(8), uniforms)
    for rows in ([3], [7, 0, 3]):
        others = draw(chain, rows, uniforms[rows])
        for one, other in zip(others, together, strict=True):
            np.testing.assert_allclose(one, other[rows], rtol=1e-6)


def test_other_uniforms_draw_something_else(chain):
    first, second = (draw(chain, np.arange(8), random_uniforms(8, 10, seed)) for seed in (1, 2))
    assert (first.tokens != second.tokens).any()


@settings(max_examples=12)
@given(
    seed=st.integers(0, 999),
    temperature=st.sampled_from([0.1, 2.0]),
    top_p=st.sampled_from([0.5, 1.0]),
    minimum=st.integers(0, 6),
)
def test_hypotheses_keep_to_the_rules(chain, seed, temperature, top_p, minimum):
    minimum, maximum = np.full(8, minimum), np.array([6, 7, 8, 9, 10, 6, 7, 8])
    found = draw(
        chain, np.arange(8), random_uniforms(8, 10, seed), minimum=minimum, maximum=maximum, temperature=temperature,
        top_p=top_p,
    )  # fmt: skip
    for sentence, tokens in enumerate(found.tokens[:, 0].tolist()):
        end = tokens.index(EOS)
        assert max(minimum[sentence], 1) <= end + 1 <= maximum[sentence]
        assert set(tokens[end + 1 :]) <= {PAD}
        assert not {PAD, BOS, UNK} & set(tokens[:end])
        before = [BOS, *tokens[:end]]
        log_prob = sum(chain.log_probs[sentence, one, other] for one, other in zip(before, tokens, strict=False))
        assert found.log_probs[sentence, 0] == pytest.approx(log_prob, rel=1e-4)
        assert found.scores[sentence, 0] == pytest.approx(log_prob / (end + 1), rel=1e-4)


@pytest.mark.parametrize("chance", [0.0, np.nextafter(np.float32(1), np.float32(0))])
def test_the_ends_of_the_unit_interval_draw_true_pieces(chain, chance):
    found = draw(chain, np.arange(8), np.full((8, 5), chance))
    assert not {BOS, UNK} & set(found.tokens.flatten().tolist())
    assert (found.log_probs > -1e6).all()
