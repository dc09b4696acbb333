"""Batches: order, empty sentences, memory, and what is computed at the same time."""

import numpy as np
import pytest

from seq2seq.decoding.hypotheses import Hypotheses
from seq2seq.engine import batches
from seq2seq.engine.sampling import Sampling
from seq2seq.errors import DataError
from seq2seq.settings.config import Translation
from seq2seq.symbols import EOS


class Echo:
    """An engine without a network. It writes each source back, and remembers the batches that it was given."""

    source_pieces, pieces, summary_size, has_attention = 50, 50, 2, False

    def __init__(self, batches_at_once=1):
        self.batches_at_once, self.given = batches_at_once, []

    def encode(self, sources):
        self.given.append(sources)
        return np.array([[len(source), source[0]] for source in sources], np.float32)

    def search(self, sources, limits, settings, *, n_best=1, shortlist=None, start_symbol=1):
        self.given.append(sources)
        tokens = np.zeros((len(sources), n_best, limits.width), np.int32)
        for row, source in enumerate(sources):
            tokens[row, :, : len(source) + 1] = [*source, EOS]
        lengths = np.array([[len(source)] * n_best for source in sources])
        return Hypotheses(tokens, -lengths.astype(np.float32), np.full(lengths.shape, start_symbol, np.float32))

    def sample(self, sources, limits, sampling, numbers, *, start_symbol=1):
        found = self.search(sources, limits, None, start_symbol=start_symbol)
        return found._replace(scores=np.array(numbers, np.float32)[:, None])

    def token_losses(self, pairs, *, start_symbol=1):
        self.given.append(pairs)
        losses = np.zeros((len(pairs), 10), np.float32)
        losses[:, :2] = np.array([[source[0] / start_symbol / 2] for source, _ in pairs])
        return losses


SOURCES = [[9], [], [7, 8, 9, 9], [5, 6], [], [6, 6]]


def test_summaries_keep_their_order_and_empty_sources_have_zeros():
    engine = Echo()
    summaries = batches.encode(engine, SOURCES, 2)
    assert summaries.tolist() == [[1, 9], [0, 0], [4, 7], [2, 5], [0, 0], [2, 6]]
    assert engine.given == [[[7, 8, 9, 9], [5, 6]], [[6, 6], [9]]]


@pytest.mark.parametrize("batches_at_once", [1, 3])
def test_hypotheses_keep_their_order_and_empty_sources_have_empty_ones(batches_at_once):
    engine = Echo(batches_at_once)
    settings = Translation(batch_sentences=1, max_length_ratio=1.0, max_length_extra=2)
    results = batches.search(engine, SOURCES, settings, n_best=2, start_symbol=3)
    assert [[list(best.ids) for best in sentence] for sentence in results] == [[source] * 2 for source in SOURCES]
    assert [sentence[0].score for sentence in results] == [-len(source) for source in SOURCES]
    assert results[0][0] == batches.IdHypothesis((9,), -1.0, 3.0, cut=False)


def test_hypotheses_at_their_limit_are_cut():
    settings = Translation(max_length_ratio=0.01, max_length_extra=3)
    assert [best.cut for [best] in batches.search(Echo(), SOURCES, settings)] == [False, False, True, True, False, True]


def test_draws_are_numbered_by_the_place_in_the_text():
    results = batches.sample(Echo(), SOURCES, Translation(batch_sentences=2), Sampling(), 10)
    assert [best.score for [best] in results] == [10, 0, 12, 13, 0, 15]


def test_losses_keep_their_order_and_count_the_end_symbol():
    engine = Echo()
    pairs = [([4], [5, 6]), ([8], [5] * 9), ([6], [])]
    assert batches.losses(engine, pairs, 2, start_symbol=2) == [(2.0, 3), (4.0, 10), (3.0, 1)]
    assert engine.given == [[pairs[1], pairs[0]], [pairs[2]]]


def test_losses_of_tokens_keep_their_order_and_end_with_the_end_symbol():
    pairs = [([9], [5]), ([], []), ([7, 8], [5, 6, 7])]
    engine = Echo()
    engine.token_losses = lambda pairs, *, start_symbol: np.array(
        [[len(source), *range(1, 8)] for source, _ in pairs], np.float32
    )
    losses = batches.token_losses(engine, pairs, 2)
    assert [of_pair.tolist() for of_pair in losses] == [[1, 1], [0], [2, 1, 2, 3]]


def test_batches_hold_few_enough_tokens():
    sources = [[5] * length for length in (100, 30_000, 70_000, 100, 0)]
    assert batches.source_batches(sources, 64) == [[2], [1], [0, 3]]
    pairs = [([5], [5] * 600), ([5] * 600, [5]), ([5], [5])]
    assert list(batches.forced_batches(pairs, 64, pieces=1 << 15)) == [[0], [1], [2]]


def test_side_by_side_keeps_the_order_computes_the_first_alone_and_passes_errors_on():
    done = []

    def halve(number):
        if number > 1:
            assert done[0] == 0  # the first one was through before any other began
        done.append(number)
        return 1 / (number - 7) if number == 7 else number / 2

    assert list(batches.side_by_side(halve, range(6), 2)) == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
    assert sorted(done) == list(range(6))
    assert list(batches.side_by_side(halve, [], 2)) == []
    with pytest.raises(ZeroDivisionError):
        list(batches.side_by_side(halve, range(9), 2))


@pytest.mark.parametrize(
    "ids", [[[10**6]], [[4], [-1]], [[0]], [[2]], [5], 5, "ab", ["ab"], [[1.5]], [[True]], [[10**30]], [[[5]]], None]
)
def test_ids_that_are_no_sentence_are_refused(ids):
    with pytest.raises(DataError, match=r"encode.* ids? "):
        batches.encode(Echo(), ids)
    if isinstance(ids, list):
        for pairs in ([(each, [5]) for each in ids], [([5], each) for each in ids]):
            with pytest.raises(DataError, match=r"losses, (source|target): .* ids? "):
                batches.losses(Echo(), pairs)


@pytest.mark.parametrize("pairs", [5, "ab", ["ab"], [5], [([5],)], [([5], [6], [7])]])
def test_what_are_no_pairs_is_refused(pairs):
    with pytest.raises(DataError, match=r"losses.*give \(source ids, target ids\) for each"):
        batches.losses(Echo(), pairs)
