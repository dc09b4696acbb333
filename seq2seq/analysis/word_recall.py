"""Which words of a text come back, and of which part of it: thirds, places, whatever groups words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from seq2seq.analysis.drawing import Curve
from seq2seq.analysis.statistics import Estimate, estimate
from seq2seq.analysis.words import recalled, words

THIRDS = ("first", "middle", "last")


class WordRecall(NamedTuple):
    """Sentences word by word.

    Attributes:
        words: the words of each sentence, in order.
        back: likewise, 1 where it is in the other text, 0 where it is not, see `recalled`.
    """

    words: list[list[str]]
    back: list[list[float]]


def word_recall(texts: Sequence[str], others: Sequence[str]) -> WordRecall:
    """Which words of each text are in the other one, as often as it has them."""
    split = [words(text) for text in texts]
    return WordRecall(split, [recalled(sentence, words(other)) for sentence, other in zip(split, others, strict=True)])


def tally(recall: WordRecall, groups: int, group: Callable[[str, int, int], int | None]) -> np.ndarray:
    """How many words of each sentence came back and how many there are, (sentences, groups, 2).

    Args:
        recall: the words of the sentences, and whether each came back.
        groups: how many groups there are.
        group: maps a word, its index and its sentence's number of words to a group; None leaves the word out.
    """
    counts = np.zeros((len(recall.words), groups, 2))
    for row, (split, back) in enumerate(zip(recall.words, recall.back, strict=True)):
        for index, (word, hit) in enumerate(zip(split, back, strict=True)):
            member = group(word, index, len(split))
            if member is not None:
                counts[row, member] += hit, 1
    return counts


def content_by_third(recall: WordRecall, common: frozenset[str]) -> np.ndarray:
    """The tally of content words, those that are not among the `common` ones, by third of the sentence."""
    return tally(recall, 3, lambda word, index, length: None if word in common else third(index, length))


def third(index: int, length: int) -> int:
    """0, 1 or 2: which third of a sequence an index is in."""
    return 3 * index // length


def shares(counts: np.ndarray) -> list[dict[str, Any]]:
    """The share that came back in each group, over all words, with its interval; of (sentences, groups, 2)."""
    return [share(counts[:, group])._asdict() for group in range(counts.shape[1])]


def share(counts: np.ndarray) -> Estimate:
    """The share that came back, of (sentences, 2)."""
    return estimate(each_share(counts), counts[:, 1])


def each_share(counts: np.ndarray) -> np.ndarray:
    """The share of each sentence, of (sentences, 2); NaN where it has no such word."""
    hits, totals = counts[:, 0], counts[:, 1]
    return np.asarray(np.divide(hits, totals, out=np.full(len(hits), np.nan), where=totals > 0))


def third_curve(thirds: Sequence[Mapping[str, float]]) -> Curve:
    """The shares of three thirds in per cent, to be drawn over 0, 1 and 2."""
    mean, low, high = ([100 * part[key] for part in thirds] for key in ("mean", "low", "high"))
    return Curve(range(3), mean, low, high)
