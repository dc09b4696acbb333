"""What can be said of a pair by itself: its normalised text, and the first filter that drops it."""

import re
from typing import NamedTuple

from seq2seq.data.digests import digest_of
from seq2seq.data.normalisers import chosen_normalisers, normalise
from seq2seq.settings.config import Cleaning

# Scripts written without spaces: two Han or kana characters count as a word; of Thai, Lao, Tibetan, Burmese and Khmer,
# four do.
HAN_KANA = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
SOUTHEAST = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df"
_HAN_KANA = re.compile(f"[{HAN_KANA}]")
_UNSPACED = re.compile(f"[{SOUTHEAST}]")
_BEYOND_LATIN = re.compile("[\u0e00-\U0003ffff]")  # where those scripts are

_COPIED_WORDS = 2  # a name or a number of this length may well be the same in both languages
_RATIO_WORDS = 5  # sides that differ by no more than this are never too uneven: "Why?", "Pour quelle raison ?"


class Filtered(NamedTuple):
    """A pair after the normalisers and filters.

    Attributes:
        source: the normalised source.
        target: the normalised target.
        changed: the names of the normalisers that changed something.
        reason: the name of the first filter that drops the pair, if one does.
        digest: the number by which duplicates are found; 0 where the pair is dropped.
    """

    source: str
    target: str
    changed: set[str]
    reason: str | None
    digest: int


class Filters:
    """The normalisers and filters of some settings, except the filter of duplicates, which has to know all pairs.

    Args:
        settings: which normalisers, filters and limits to apply.
    """

    def __init__(self, settings: Cleaning) -> None:
        self._settings = settings
        self._normalisers = chosen_normalisers(settings)

    def normalise(self, text: str) -> str:
        """The text as the chosen normalisers leave it: normalising that again changes nothing."""
        return normalise(text, self._normalisers, set())

    def apply(self, source: str, target: str) -> Filtered:
        """Normalise a pair, and look for a filter that drops it."""
        changed: set[str] = set()
        source = normalise(source, self._normalisers, changed)
        target = normalise(target, self._normalisers, changed)
        reason = self._reason(source, target)
        return Filtered(source, target, changed, reason, 0 if reason else digest_of(source, target))

    def _reason(self, source: str, target: str) -> str | None:
        settings = self._settings
        if settings.empty and not (source.strip() and target.strip()):
            return "empty"
        if settings.max_characters and max(len(source), len(target)) > settings.max_characters:
            return "too_long"
        shorter, longer = sorted((count_words(source), count_words(target)))
        if settings.max_words and longer > settings.max_words:
            return "too_long"
        if settings.max_ratio and longer > max(settings.max_ratio * shorter, shorter + _RATIO_WORDS):
            return "length_ratio"
        if settings.copies and source == target and longer > _COPIED_WORDS and any(map(str.isalpha, source)):
            return "copies"
        return None


def count_words(text: str) -> int:
    """How many words a text has; of scripts without spaces, about as many as in a language with spaces."""
    words = len(text.split())
    if not text.isascii() and _BEYOND_LATIN.search(text):
        words += len(_HAN_KANA.findall(text)) // 2 + len(_UNSPACED.findall(text)) // 4
    return words
