"""A translation with its scores, and what several of them make together."""

from collections.abc import Sequence
from typing import NamedTuple

from seq2seq.data.sentences import join_sentences


class Hypothesis(NamedTuple):
    """A translation.

    Attributes:
        text: the translation, on one line.
        score, log_prob: its length-normalised score and its log-probability.
        cut: whether it was cut at the longest length.
        ids: its pieces, without the end symbol.
    """

    text: str
    score: float
    log_prob: float
    cut: bool
    ids: tuple[int, ...] = ()


def join_hypotheses(parts: Sequence[Sequence[Hypothesis]], length_penalty: float) -> list[Hypothesis]:
    """The hypotheses of a line from those of its sentences: the n-th joins the n-th of each.

    Args:
        parts: the hypotheses of each sentence, best first.
        length_penalty: the exponent of the length by which log-probabilities are divided.
    """
    if len(parts) == 1:
        return list(parts[0])
    joined = []
    for hypotheses in zip(*parts, strict=True):
        log_prob = sum(part.log_prob for part in hypotheses)
        ids = tuple(piece for part in hypotheses for piece in part.ids)
        length = len(ids) + len(hypotheses)  # with end symbols
        text = join_sentences(part.text for part in hypotheses)
        cut = any(part.cut for part in hypotheses)
        joined.append(Hypothesis(text, log_prob / length**length_penalty, log_prob, cut, ids))
    return joined
