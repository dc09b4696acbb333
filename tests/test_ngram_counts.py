"""The counts are sacreBLEU's own, sentence by sentence."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU, CHRF

from seq2seq.ngram_counts import character_statistics, matches, word_statistics

SENTENCES = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(["a", "b", "A", "cat", "cats.", "«", "他", "\ud800"]), max_size=12).map(" ".join),
)
PAIRS = st.lists(st.tuples(SENTENCES, SENTENCES), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("count", "metric"),
    [
        (word_statistics, BLEU(force=True)),
        (word_statistics, BLEU(force=True, tokenize="char", lowercase=True)),
        (character_statistics, CHRF()),
        (character_statistics, CHRF(lowercase=True)),
    ],
)
@given(pairs=PAIRS)
@example(pairs=[("", "")])
@example(pairs=[("a", ""), ("", "a b")])
@example(pairs=[("a b a b a b", "a b a b"), ("a b", "a b a b")])
def test_counts_are_sacrebleus(count, metric, pairs):
    hypotheses, references = map(list, zip(*pairs, strict=True))
    expected = metric._extract_corpus_statistics(hypotheses, [references])
    assert count(metric, hypotheses, references).tolist() == expected


@pytest.mark.parametrize("order", [4, 20])
def test_large_vocabularies_and_long_ngrams_fit_into_numbers(order):
    """Where the units' bits do not fit side by side, n-grams are numbered anew."""
    random = np.random.default_rng(0)
    first = random.integers(0, 2**40, 300)
    other = np.where(random.random(300) < 0.1, first[::-1], first)
    lengths = np.array([100, 0, 200, 100, 0, 200])
    found = matches(np.unique(np.concatenate([first, other]), return_inverse=True)[1] << 30, lengths, order)
    for row, (start, stop) in enumerate([(0, 100), (100, 100), (100, 300)]):
        for n in range(1, order + 1):
            same = {tuple(first[i : i + n]) for i in range(start, stop - n + 1)} & {
                tuple(other[i : i + n]) for i in range(start, stop - n + 1)
            }
            assert found[row, n - 1] >= len(same) > -1
            assert (found[row, n - 1] == 0) == (not same)
