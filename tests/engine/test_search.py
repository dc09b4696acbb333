"""The search on the host: law 4, and the same hypotheses as the search that Keras compiles."""

from itertools import product

import numpy as np
import pytest
from keras import ops

from seq2seq.decoding.beam import BeamSearch
from seq2seq.engine.network import State
from seq2seq.engine.search import Search
from seq2seq.engine.shapes import Limits
from seq2seq.symbols import BOS, EOS, PAD, UNK

IMPOSSIBLE = -1e8  # scores below are those of hypotheses that break a rule, there because none is left


class Chain:
    """A decoder without a network: log P(next piece | the last two pieces, sentence) from a random table."""

    def __init__(self, sentences, pieces, seed=0):
        logits = 1.5 * np.random.default_rng(seed).normal(size=(sentences, pieces, pieces, pieces))
        self.table = (logits - np.log(np.exp(logits).sum(-1, keepdims=True))).astype(np.float32)
        self.state = State((np.full((sentences, 1, 1), PAD, np.float32),), (np.arange(sentences),))

    def step(self, token, state):
        """As the host's search calls it."""
        before = state.layers[0][:, :, 0].astype(int)
        return self.table[state.fixed[0][:, None], before, token], State((token[:, :, None],), state.fixed)

    def keras_start(self):
        sentences = ops.arange(len(self.table))
        return {"sentence": sentences, "before": ops.full_like(sentences, PAD)}

    def keras_step(self, state, token):
        """As the compiled search calls it."""
        V, token = self.table.shape[1], ops.cast(token, "int32")
        rows = (state["sentence"] * V + state["before"]) * V + token
        scores = ops.take(ops.convert_to_tensor(self.table.reshape(-1, V)), rows, axis=0)
        return scores, {"sentence": state["sentence"], "before": token}

    def score(self, sentence, tokens):
        """The log-probability of a hypothesis."""
        before = (PAD, BOS, *tokens)
        return sum(self.table[sentence, before[at], before[at + 1], piece] for at, piece in enumerate(tokens))


def limits_of(sentences, minimum, maximum):
    return Limits(*(np.broadcast_to(np.asarray(limit, np.int32), sentences) for limit in (minimum, maximum)))


def text(tokens):
    return tuple(int(token) for token in tokens if token != PAD)


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
def test_beam_as_wide_as_the_search_space_is_exhaustive_search(alpha):
    chain = Chain(3, 7)
    words = [piece for piece in range(7) if piece not in (PAD, BOS, EOS, UNK)]
    everything = [(*text, EOS) for length in range(5) for text in product(words, repeat=length)]
    found = Search(121, 121, alpha, 0)(chain.step, chain.state, limits_of(3, 1, 5))
    for sentence in range(3):
        scores = {tokens: chain.score(sentence, tokens) / len(tokens) ** alpha for tokens in everything}
        assert [text(tokens) for tokens in found.tokens[sentence]] == sorted(scores, key=scores.get, reverse=True)
        np.testing.assert_allclose(found.scores[sentence], sorted(scores.values(), reverse=True), rtol=1e-4)


@pytest.fixture(scope="module", params=[7, 71, 140])
def chain(request):
    """Less than a block of pieces, a prime number of them, and several blocks."""
    return Chain(5, request.param, seed=request.param)


@pytest.mark.parametrize(("beam_size", "n_best"), [(1, 1), (2, 1), (5, 1), (5, 3), (4, 4)])
@pytest.mark.parametrize(("alpha", "ngram"), [(0.0, 0), (1.0, 2), (0.5, 1), (1.0, 3)])
def test_hypotheses_are_those_of_the_compiled_search(chain, beam_size, n_best, alpha, ngram):
    B = len(chain.table)
    draw = np.random.default_rng(1)
    maximum = draw.integers(1, 9, B)
    minimum = np.minimum(draw.integers(0, 5, B), maximum)
    found = Search(beam_size, n_best, alpha, ngram)(chain.step, chain.state, limits_of(B, minimum, maximum))
    wanted = BeamSearch(beam_size, n_best, alpha, ngram)(
        chain.keras_step,
        chain.keras_start(),
        minimum=ops.convert_to_tensor(minimum.astype(np.int32)),
        maximum=ops.convert_to_tensor(maximum.astype(np.int32)),
        width=int(maximum.max()),
    )
    wanted = [ops.convert_to_numpy(part) for part in wanted]
    possible = wanted[2] > IMPOSSIBLE
    assert possible[:, 0].all()
    np.testing.assert_array_equal(found.log_probs > IMPOSSIBLE, possible)
    np.testing.assert_array_equal(found.tokens[possible], wanted[0][possible])
    for ours, theirs in zip(found[1:], wanted[1:], strict=True):
        np.testing.assert_allclose(ours[possible], theirs[possible], rtol=1e-4)


def test_candidates_stand_for_pieces():
    chain, pieces = Chain(4, 12), np.array([0, 1, 2, 3, 50, 51, 52, 53, 60, 61, 62, 63])
    place = {piece: at for at, piece in enumerate(pieces.tolist())}

    def step(token, state):
        return chain.step(np.vectorize(place.get)(token), state)

    limits = limits_of(4, 1, 6)
    plain = Search(3, 2, 1.0, 2)(chain.step, chain.state, limits)
    short = Search(3, 2, 1.0, 2)(step, chain.state, limits, pieces=pieces)
    np.testing.assert_array_equal(short.tokens, pieces[plain.tokens])
    np.testing.assert_array_equal(short.scores, plain.scores)


@pytest.mark.parametrize(("minimum", "maximum"), [(2, 2), (1, 3), ([3, 1], [3, 1]), ([3, 4], [4, 4])])
@pytest.mark.parametrize("ngram", [0, 1])
def test_more_hypotheses_than_there_can_be_are_impossible_ones(minimum, maximum, ngram):
    chain, limits = Chain(2, 6), limits_of(2, minimum, maximum)
    found = Search(100, 100, 1.0, ngram)(chain.step, chain.state, limits)
    words = [piece for piece in range(6) if piece not in (PAD, BOS, EOS, UNK)]
    for sentence in range(2):
        lengths = range(limits.minimum[sentence] - 1, limits.maximum[sentence])
        texts = [text for length in lengths for text in product(words, repeat=length)]
        possible = {(*each, EOS) for each in texts if not ngram or len(set(each)) == len(each)}
        real = found.log_probs[sentence] > IMPOSSIBLE
        assert {text(tokens) for tokens in found.tokens[sentence][real]} == possible
        assert real.sum() == len(possible)
        assert (found.scores[sentence][~real] <= IMPOSSIBLE / 6).all()
