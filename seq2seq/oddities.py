"""What looks wrong with translations, in words: shared by training, which looks at the dev set, and by `evaluate`."""

from collections import Counter
from collections.abc import Sequence

_FEW_SENTENCES = 100
_EMPTY_SHARE = 0.1
_TYPOGRAPHIC, _PLAIN = "‘’“”", "'\""
_MONOTONOUS_SENTENCES = 5  # fewer are no ground to call translations alike
_MONOTONOUS_SHARE = 0.5
_DISTINCT_SHARE = 0.1
_NO_BLEU, _LIKE_LENGTHS = 1.0, 0.5
_SHOWN_CHARACTERS = 60


def monotony(hypotheses: Sequence[str], references: Sequence[str]) -> str:
    """In which way the translations are alike though the references are not; empty if they are not.

    >>> monotony(["Je suis un homme."] * 9 + ["Oui."], [f"Phrase {number}." for number in range(10)])
    '9 of 10 translations are the same: "Je suis un homme."'
    """
    total, distinct = len(hypotheses), len(set(references))
    if total < _MONOTONOUS_SENTENCES or distinct < _MONOTONOUS_SHARE * total:
        return ""
    rows = sum(map(_is_row, hypotheses))
    if rows > _MONOTONOUS_SHARE * total:
        example = next(text for text in hypotheses if _is_row(text))
        return f"{rows:,} of {total:,} translations are one word or sign again and again: {_shown(example)}"
    counts = Counter(text.strip() for text in hypotheses)
    text, times = counts.most_common(1)[0]
    if times > _MONOTONOUS_SHARE * total:
        return f"{times:,} of {total:,} translations are {f'the same: {_shown(text)}' if text else 'empty'}"
    if len(counts) < _DISTINCT_SHARE * distinct:
        return f"there are only {len(counts):,} different translations of {total:,}, such as {_shown(text)}"
    return ""


def _is_row(text: str) -> bool:
    """Whether more than half of a text of four words or more, or characters if it is one word, are the same."""
    units = text.split() if " " in text.strip() else list(text.strip())
    return len(units) > 3 and Counter(units).most_common(1)[0][1] > _MONOTONOUS_SHARE * len(units)


def _shown(text: str) -> str:
    return f'"{text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."}"'
