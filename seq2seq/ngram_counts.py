"""The n-grams that BLEU and chrF count, of many sentences at once: sacreBLEU's own counts, in a fraction of its time.

N sentences, each with one reference. Words and characters are numbered; an n-gram is one number, made of those of its
units, so that sorting finds the equal ones.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

_BITS = 63  # of a whole number


def word_statistics(metric: Any, hypotheses: Sequence[str], references: Sequence[str]) -> np.ndarray:
    """What sacreBLEU's BLEU counts, (N, 10): both lengths, then matches and totals of one to four words.

    Args:
        metric: sacreBLEU's BLEU, whose tokeniser parts the text into words.
        hypotheses: N translations to score.
        references: the human translation of each hypothesis' source.
    """
    words = [metric._preprocess_segment(text).split() for text in chain(hypotheses, references)]
    numbers: dict[str, int] = {}
    units = np.array([numbers.setdefault(word, len(numbers)) for word in chain.from_iterable(words)], np.int64)
    lengths = np.array([len(sentence) for sentence in words])
    order = metric.max_ngram_order
    by_side = lengths.reshape(2, -1)
    return np.concatenate([by_side.T, matches(units, lengths, order), _totals(by_side[0], order)], axis=1)


def character_statistics(metric: Any, hypotheses: Sequence[str], references: Sequence[str]) -> np.ndarray:
    """What sacreBLEU's chrF counts, (N, 18): in the hypothesis, in the reference and in both, of one to six characters.

    Args:
        metric: sacreBLEU's chrF, without words.
        hypotheses: N translations to score.
        references: the human translation of each hypothesis' source.
    """
    texts = ["".join(metric._preprocess_segment(text).split()) for text in chain(hypotheses, references)]
    characters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    units = np.unique(characters, return_inverse=True)[1].astype(np.int64)
    lengths = np.array([len(text) for text in texts])
    order = metric.char_order
    ours, theirs = (_totals(side, order) for side in lengths.reshape(2, -1))
    ours = np.where(theirs > 0, ours, 0)  # what has no counterpart does not count
    return np.stack([ours, theirs, matches(units, lengths, order)], axis=2).reshape(len(ours), -1)


def matches(units: np.ndarray, lengths: np.ndarray, order: int) -> np.ndarray:
    """How many n-grams hypotheses and references share, (N, order): each as often as in the side where it is rarer.

    Args:
        units: numbers from 0 up, those of all hypotheses and then those of all references.
        lengths: units of each hypothesis, then of each reference, (2 N,).
        order: the length of the longest n-grams to count.
    """
    N = len(lengths) // 2
    rows = np.repeat(np.arange(2 * N) % N, lengths)
    split = int(lengths[:N].sum())
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(units))  # units from here to the sentence's end
    unit_bits, row_bits = (int(most).bit_length() for most in (units.max(initial=0), N))
    grams, bits = units, unit_bits
    shared = np.zeros((N, order), np.int64)
    for n in range(1, min(order, len(units)) + 1):
        if n > 1:
            if bits + unit_bits + row_bits > _BITS:  # number the n-grams anew
                grams = np.unique(grams, return_inverse=True)[1]
                bits = len(grams).bit_length()
            grams = grams[:-1] << unit_bits | units[n - 1 :]
            bits = bits + unit_bits
        keys = rows[: len(grams)] << bits | grams
        is_complete = left[: len(grams)] >= n
        ours, ours_times = np.unique(keys[:split][is_complete[:split]], return_counts=True)
        theirs, theirs_times = np.unique(keys[split:][is_complete[split:]], return_counts=True)
        _, at, at_theirs = np.intersect1d(ours, theirs, assume_unique=True, return_indices=True)
        times = np.minimum(ours_times[at], theirs_times[at_theirs])
        shared[:, n - 1] = np.bincount(ours[at] >> bits, times, N)
    return shared


def _totals(lengths: np.ndarray, order: int) -> np.ndarray:
    """How many n-grams sentences of some lengths have, (N, order)."""
    return np.maximum(lengths[:, None] - np.arange(order), 0)
