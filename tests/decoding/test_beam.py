from itertools import product

import numpy as np
import pytest
from keras import ops

from seq2seq.backend import compiled
from seq2seq.decoding.beam import BeamSearch, Candidates
from seq2seq.symbols import BOS, EOS, PAD, UNK

IMPOSSIBLE = -1e8  # scores below are those of hypotheses that break a rule, there because none is left


class Chain:
    """A decoder without a network: log P(next piece | the last two pieces, sentence) from a random table.

    Its state is a dictionary of tensors of several ranks, since that is what decoders have.
    """

    variables = ()

    def __init__(self, sentences, pieces, seed=0, sharpness=1.5):
        draw = np.random.default_rng(seed)
        logits = sharpness * draw.normal(size=(sentences, pieces, pieces, pieces))
        self.log_probs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        self.pieces = pieces
        self._table = self.log_probs.astype(np.float32).reshape(-1, pieces)

    def start(self, sentence):
        sentence = ops.cast(sentence, "int32")
        return {"sentence": sentence, "last": ops.full_like(sentence, PAD)[:, None]}

    def step(self, state, token):
        V = self.pieces
        token = ops.cast(token, "int32")
        row = (state["sentence"] * V + state["last"][:, 0]) * V + token
        log_probs = ops.take(ops.convert_to_tensor(self._table), row, axis=0)
        return log_probs, {"sentence": state["sentence"], "last": token[:, None]}

    def score(self, sentence, tokens):
        """The log-probability of a hypothesis, in double precision, piece by piece."""
        before = [PAD, BOS, *tokens]
        return sum(self.log_probs[sentence, before[at], before[at + 1], piece] for at, piece in enumerate(tokens))

    def all_hypotheses(self, maximum, minimum=1):
        """Everything that a search may find: pieces of text, and the end symbol at the end."""
        words = [piece for piece in range(self.pieces) if piece not in (PAD, BOS, EOS, UNK)]
        for length in range(minimum, maximum + 1):
            yield from ((*text, EOS) for text in product(words, repeat=length - 1))


def search(chain, sentences, maximum, *, minimum=1, compile_it=True, **settings):
    """Hypotheses of some of the chain's sentences, as arrays; limits are one for all or one each."""
    low, high = (np.broadcast_to(np.asarray(limit, np.int32), len(sentences)) for limit in (minimum, maximum))

    def run(sentence, low, high, places):
        limits = {"minimum": low, "maximum": high, "width": ops.shape(places)[0]}
        return BeamSearch(**settings)(chain.step, chain.start(sentence), **limits)

    run = compiled(run, chain) if compile_it else run
    arrays = np.asarray(sentences, np.int32), low, high, np.arange(high.max(), dtype=np.int32)
    return type_of(run(*map(ops.convert_to_tensor, arrays)))


def type_of(hypotheses):
    return type(hypotheses)(*map(ops.convert_to_numpy, hypotheses))


def text(tokens):
    """A row of tokens without its padding."""
    return tuple(int(token) for token in tokens if token != PAD)


def possible(hypotheses):
    """(sentence, tokens, score, log_prob) of every hypothesis that breaks no rule, best first."""
    for sentence, (rows, scores, log_probs) in enumerate(zip(*hypotheses, strict=True)):
        for tokens, score, log_prob in zip(rows, scores, log_probs, strict=True):
            if log_prob > IMPOSSIBLE:
                yield sentence, text(tokens), float(score), float(log_prob)


def greedy(chain, sentence, maximum):
    tokens, allowed = [], [piece for piece in range(chain.pieces) if piece not in (PAD, BOS, UNK)]
    while EOS not in tokens:
        before = [PAD, BOS, *tokens][-2:]
        choices = allowed if len(tokens) + 1 < maximum else [EOS]
        tokens.append(max(choices, key=lambda piece: chain.log_probs[sentence, before[0], before[1], piece]))
    return tuple(tokens)


@pytest.fixture(scope="module")
def small():
    """Seven pieces, three of them text: 121 hypotheses of at most five tokens."""
    return Chain(3, 7)


@pytest.fixture(scope="module")
def large():
    return Chain(6, 24, seed=1)


@pytest.mark.parametrize("compile_it", [True, False])
@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
def test_beam_as_wide_as_the_search_space_is_exhaustive_search(small, alpha, compile_it):
    everything = list(small.all_hypotheses(5))
    assert len(everything) == 121
    found = search(small, [0, 1, 2], 5, beam_size=121, length_penalty=alpha, compile_it=compile_it)
    for sentence in range(3):
        expected = {tokens: small.score(sentence, tokens) for tokens in everything}
        ranked = sorted(everything, key=lambda tokens: -expected[tokens] / len(tokens) ** alpha)
        assert [text(tokens) for tokens in found.tokens[sentence]] == ranked
        np.testing.assert_allclose(found.log_probs[sentence], [expected[tokens] for tokens in ranked], rtol=1e-4)
        scores = [expected[tokens] / len(tokens) ** alpha for tokens in ranked]
        np.testing.assert_allclose(found.scores[sentence], scores, rtol=1e-4)


def test_length_penalty_prefers_longer_hypotheses(large):
    lengths = [
        np.mean(
            [
                len(text(tokens))
                for tokens in search(large, range(6), 12, beam_size=8, length_penalty=alpha).tokens[:, 0]
            ]
        )
        for alpha in (0.0, 1.0)
    ]
    assert lengths[0] < lengths[1]


@pytest.mark.parametrize("compile_it", [True, False])
def test_beam_of_one_is_greedy(large, compile_it):
    found = search(large, range(6), 10, beam_size=1, compile_it=compile_it)
    assert [text(tokens) for tokens in found.tokens[:, 0]] == [greedy(large, sentence, 10) for sentence in range(6)]


def test_wider_beam_finds_no_worse_best_of_all(small):
    best = [search(small, range(3), 5, beam_size=size, length_penalty=0.0).scores[:, 0] for size in (1, 121)]
    assert (best[1] >= best[0] - 1e-5).all()


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_scores_are_those_of_the_tokens(large, alpha):
    found = search(large, range(6), 12, beam_size=5, length_penalty=alpha)
    count = 0
    for sentence, tokens, score, log_prob in possible(found):
        assert log_prob == pytest.approx(large.score(sentence, tokens), rel=1e-4)
        assert score == pytest.approx(log_prob / len(tokens) ** alpha, rel=1e-4)
        count += 1
    assert count == 30


def test_hypotheses_are_sorted_and_distinct(large):
    found = search(large, range(6), 9, beam_size=7)
    assert (np.diff(found.scores, axis=1) <= 0).all()
    for rows in found.tokens:
        assert len({text(tokens) for tokens in rows}) == 7


def test_finished_hypotheses_stay_as_they_are(large):
    found = search(large, range(6), 15, beam_size=5)
    for tokens in found.tokens.reshape(-1, 15):
        end = tokens.tolist().index(EOS)
        assert (tokens[end + 1 :] == PAD).all()
        assert not {PAD, BOS, UNK} & set(tokens[:end].tolist())
    assert {len(text(tokens)) for tokens in found.tokens.reshape(-1, 15)} != {15}


@pytest.mark.parametrize(("minimum", "maximum"), [(1, 1), (1, 4), (3, 4), (4, 4), (0, 7), (6, 12)])
def test_lengths_keep_to_their_limits(large, minimum, maximum):
    found = search(large, range(6), maximum, minimum=minimum, beam_size=4)
    lengths = [len(tokens) for _, tokens, _, _ in possible(found)]
    assert lengths
    assert all(max(minimum, 1) <= length <= maximum for length in lengths)


def test_limits_are_each_sentences_own(large):
    low, high = np.array([1, 2, 5, 1, 3, 8]), np.array([2, 2, 9, 1, 4, 8])
    found = search(large, range(6), high, minimum=low, beam_size=3)
    for sentence, tokens, _, _ in possible(found):
        assert low[sentence] <= len(tokens) <= high[sentence]


def test_minimum_finds_the_best_of_the_longer_ones(small):
    found = search(small, [0, 1, 2], 5, minimum=4, beam_size=121, length_penalty=0.0)
    for sentence in range(3):
        best = max(small.all_hypotheses(5, minimum=4), key=lambda tokens: small.score(sentence, tokens))
        assert text(found.tokens[sentence, 0]) == best


@pytest.mark.parametrize("order", [1, 2, 3])
def test_no_ngram_comes_twice(order):
    chain = Chain(4, 12, seed=3, sharpness=4.0)
    free = list(possible(search(chain, range(4), 20, minimum=8, beam_size=4)))
    assert any(repeats(tokens, order) for _, tokens, _, _ in free)  # it would, if it might
    found = list(possible(search(chain, range(4), 20, minimum=8, beam_size=4, no_repeat_ngram=order)))
    assert len(found) >= 4
    assert not any(repeats(tokens, order) for _, tokens, _, _ in found)


def repeats(tokens, order):
    ngrams = [tokens[at : at + order] for at in range(len(tokens) - order + 1)]
    return len(set(ngrams)) < len(ngrams)


def test_ngram_blocking_that_never_bites_changes_nothing(large):
    plain, blocked = (search(large, range(6), 8, beam_size=4, no_repeat_ngram=order) for order in (0, 8))
    np.testing.assert_array_equal(plain.tokens, blocked.tokens)
    np.testing.assert_allclose(plain.scores, blocked.scores, rtol=1e-6)


def test_wide_beam_and_ngram_blocking_are_exhaustive_search_too(small):
    found = search(small, [0, 1, 2], 5, beam_size=121, no_repeat_ngram=2, length_penalty=0.0)
    for sentence in range(3):
        allowed = [tokens for tokens in small.all_hypotheses(5) if not repeats(tokens, 2)]
        ranked = sorted(allowed, key=lambda tokens: -small.score(sentence, tokens))
        mine = [tokens for number, tokens, _, _ in possible(found) if number == sentence]
        assert mine == ranked


def test_sentence_has_the_same_hypotheses_in_any_batch(large):
    maximum = np.array([4, 12, 7, 9, 12, 5])
    together = search(large, range(6), maximum, beam_size=4)
    for order in ([5, 3, 1], [2], [4, 4, 0, 0]):
        others = search(large, order, maximum[order], beam_size=4)
        width = others.tokens.shape[2]
        np.testing.assert_array_equal(others.tokens, together.tokens[order, :, :width])
        assert (together.tokens[order, :, width:] == PAD).all()
        np.testing.assert_allclose(others.scores, together.scores[order], rtol=1e-6)


def test_fewer_hypotheses_than_beams_leave_impossible_scores(small):
    found = search(small, [0], 2, beam_size=6)  # the end alone, or one of three pieces and the end
    assert (found.log_probs[0] > IMPOSSIBLE).tolist() == [True] * 4 + [False] * 2
    assert {text(tokens) for tokens in found.tokens[0, :4]} == {(EOS,), (4, EOS), (5, EOS), (6, EOS)}
    assert np.isfinite(found.scores).all()


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("n_best", [1, 2, 5])
def test_stopping_as_soon_as_the_best_are_certain_finds_the_same(large, n_best, alpha):
    settings = {"beam_size": 5, "length_penalty": alpha}
    whole = search(large, range(6), 12, **settings)
    few = search(large, range(6), 12, n_best=n_best, **settings)
    assert few.tokens.shape[1] == n_best
    np.testing.assert_array_equal(few.tokens, whole.tokens[:, :n_best])
    np.testing.assert_array_equal(few.scores, whole.scores[:, :n_best])


def test_scores_need_not_be_normalised(small):
    class Shifted(Chain):
        def step(self, state, token):
            log_probs, state = super().step(state, token)
            return log_probs + 7.0, state

    expected, found = (search(chain, [0, 1, 2], 6, beam_size=4) for chain in (small, Shifted(3, 7)))
    np.testing.assert_array_equal(found.tokens, expected.tokens)
    np.testing.assert_allclose(found.log_probs, expected.log_probs, rtol=1e-5)


def test_going_on_with_the_undecided_finds_the_same(large):
    """Sentences leave and the rest goes on in a smaller batch: nothing changes for it."""
    maker, limit = BeamSearch(4, n_best=1), np.array([5, 12, 7, 3, 12, 9], np.int32)
    whole = search(large, range(6), limit, minimum=limit, beam_size=4, n_best=1)
    beam = maker.start(large.start(ops.arange(6)), 6, 12)
    rows, sizes = np.arange(6), []
    while len(rows):
        limits = {"minimum": limit[rows], "maximum": limit[rows], "undecided": len(rows) - 1}
        beam, decided = maker.advance(large.step, beam, **limits)
        decided = ops.convert_to_numpy(decided)
        assert decided.any()
        found = type_of(maker.result(beam))
        np.testing.assert_array_equal(found.tokens[decided], whole.tokens[rows[decided]])
        np.testing.assert_array_equal(found.scores[decided], whole.scores[rows[decided]])
        left = np.flatnonzero(~decided).astype(np.int32)
        beam, rows = beam.rows(ops.convert_to_tensor(left)), rows[left]
        sizes.append(len(rows))
    assert sizes == [5, 4, 3, 2, 0]


class Short(Chain):
    """A chain that scores some pieces only, as a short output layer does."""

    def __init__(self, chain, pieces):
        self.pieces, self._table, self.short = chain.pieces, chain._table, pieces

    def step(self, state, token):
        scores, state = super().step(state, token)
        return ops.take(scores, self.short, axis=1), state


def search_short(chain, allowed, maximum, **settings):
    """Search where each sentence may hold some pieces only; the reserved ones are always scored."""
    pieces = np.unique([*range(4), *(piece for own in allowed for piece in own)]).astype(np.int32)
    penalties = np.array([[0.0 if p < 4 or p in own else -1e9 for p in pieces] for own in allowed], np.float32)
    maker, short, rows = BeamSearch(**settings), Short(chain, pieces), np.arange(len(allowed))
    beam = maker.start(short.start(rows), len(allowed), maximum)
    limits = {"minimum": rows * 0 + 1, "maximum": rows * 0 + maximum}
    candidates = Candidates(*map(ops.convert_to_tensor, (pieces, penalties)), chain.pieces)
    return type_of(maker.result(maker.advance(short.step, beam, **limits, candidates=candidates)[0]))


@pytest.mark.parametrize("no_repeat_ngram", [0, 2])
def test_candidates_that_are_all_pieces_change_nothing(large, no_repeat_ngram):
    settings = {"beam_size": 4, "no_repeat_ngram": no_repeat_ngram}
    expected = search(large, range(6), 9, **settings)
    found = search_short(large, [range(large.pieces)] * 6, 9, **settings)
    np.testing.assert_array_equal(found.tokens, expected.tokens)
    np.testing.assert_allclose(found.log_probs, expected.log_probs, rtol=1e-5)


def test_candidates_are_a_vocabulary_of_each_sentence(large):
    """The same as if the other pieces had no probability at all, whatever the rest of the batch may hold."""
    allowed = [range(4 + row, 24, 3) for row in range(6)]
    found = search_short(large, allowed, 7, beam_size=3)
    masked = Chain(6, 24, seed=1)
    for row, own in enumerate(allowed):
        others = [piece for piece in range(4, 24) if piece not in own]
        masked.log_probs[row][:, :, others] = -1e9
    masked._table = masked.log_probs.astype(np.float32).reshape(-1, 24)
    expected = search(masked, range(6), 7, beam_size=3)
    np.testing.assert_array_equal(found.tokens, expected.tokens)
    np.testing.assert_allclose(found.log_probs, expected.log_probs, rtol=1e-5)
