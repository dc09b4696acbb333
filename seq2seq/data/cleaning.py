"""Named normalisers and filters for parallel text, with counts.

Normalisers rewrite both sides, and the translator applies the same ones to what it is asked to translate; filters drop
whole pairs.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from seq2seq.data.corpus import Pair
from seq2seq.data.normalisers import NORMALISERS, chosen_normalisers, normalise
from seq2seq.settings.config import Cleaning

# Scripts written without spaces: two Han or kana characters count as a word; of Thai, Lao, Tibetan, Burmese and Khmer,
# four do.
HAN_KANA = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
SOUTHEAST = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df"
_HAN_KANA = re.compile(f"[{HAN_KANA}]")
_UNSPACED = re.compile(f"[{SOUTHEAST}]")

_COPIED_WORDS = 2  # a name or a number of this length may well be the same in both languages
_RATIO_WORDS = 5  # sides that differ by no more than this are never too uneven: "Why?", "Pour quelle raison ?"


# How the report calls what was dropped and what was changed.
_UNUSABLE = {  # a line or row of the file, before any filter looks at it
    "missing": "a side missing",
    "not_text": "a side that is not text",
    "not_utf8": "not UTF-8",
    "nul": "a NUL character",
    "half_surrogate": "half of a surrogate pair",
    "over_long": "a line or cell without end",
    "cells": "more or fewer cells than other rows",
    "not_csv": "not CSV",
    "not_json": "not a JSON object",
}
_FILTERS = {
    "empty": "an empty side",
    "too_long": "too long",
    "length_ratio": "one side much longer than the other",
    "copies": "source and target the same",
    "duplicates": "seen before",
}
_CHANGES = {
    "html_entities": "HTML entities written as characters",
    "nfc": "letters and accents composed",
    "control_characters": "no-break spaces and invisible characters made plain",
    "quotes": "typographic quotes made plain",
    "spaces": "double spaces and spaces at the ends taken out",
}


class Cleaner:
    """Cleans pairs and counts what it did; it knows the duplicates of all that it has cleaned, corpus after corpus.

    Args:
        settings: which normalisers, filters and limits to apply.

    Attributes:
        counts: pairs read and kept; by fault or filter, pairs dropped; by normaliser, pairs changed.

    >>> cleaner = Cleaner(Cleaning())
    >>> pairs = [Pair("A cat", "Un chat", "cats.tsv", 1), Pair("A  cat", "Un chat", "cats.tsv", 2)]
    >>> list(cleaner.clean(pairs))
    [Pair(source='A cat', target='Un chat', origin='cats.tsv', line=1)]
    >>> cleaner.counts["duplicates"], cleaner.counts["spaces"]
    (1, 1)
    """

    def __init__(self, settings: Cleaning) -> None:
        self.settings = settings
        self.counts = dict.fromkeys(("read", "kept", *_UNUSABLE, *_FILTERS, *NORMALISERS), 0)
        self._first: dict[str, str] = {}  # by fault or filter, the place of the first pair
        self._seen = _Digests()
        self._normalisers = chosen_normalisers(settings)

    def normalise(self, text: str) -> str:
        r"""The text as the chosen normalisers leave it: normalising that again changes nothing.

        >>> Cleaner(Cleaning()).normalise("L&rsquo;\u200b\u00e9t\u00e9\u00a0!")
        "L'été !"
        """
        return normalise(text, self._normalisers, set())

    def clean(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """Streams the pairs worth keeping, normalised, in their order; ``counts`` grows as they pass."""
        for pair in pairs:
            self.counts["read"] += 1
            changed: set[str] = set()
            source = normalise(pair.source, self._normalisers, changed)
            target = normalise(pair.target, self._normalisers, changed)
            for name in changed:
                self.counts[name] += 1
            reason = self._reason(source, target)
            if reason is None:
                self.counts["kept"] += 1
                yield pair._replace(source=source, target=target)
            else:
                self._count(reason, f"{pair.origin}, line {pair.line:,}")

    def drop(self, reason: str, place: str) -> None:
        """Count a line or row that cannot be a pair, as `read_pairs` reports it."""
        self.counts["read"] += 1
        self._count(reason, place)

    def knows(self, pair: Pair) -> bool:
        """Whether a normalised pair is one of those that were kept; false where duplicates are not looked for."""
        return self._seen.has(pair.source, pair.target)

    def report(self) -> str:
        """A few aligned lines: pairs read and kept; what was dropped, with its first place; what was changed.

        >>> print(Cleaner(Cleaning()).report())
        pairs read  0
        pairs kept  0
        """
        labels = {"read": "pairs read", "kept": "pairs kept"}
        labels |= {name: f"dropped, {words}" for name, words in self._dropped().items()}
        labels |= {name: f"changed, {words}" for name, words in _CHANGES.items() if self.counts[name]}
        words = max(map(len, labels.values()))
        digits = len(f"{self.counts['read']:,}")
        lines = {name: f"{label:<{words}}  {self.counts[name]:>{digits},}" for name, label in labels.items()}
        return "\n".join(line + self._place(name) for name, line in lines.items())

    def dropped(self) -> str:
        """Which fault or filter took how many pairs, and where the first one of each stands, on one line."""
        return "; ".join(f"{self.counts[name]:,} {words}{self._place(name)}" for name, words in self._dropped().items())

    def nothing_left(self) -> str:
        """What to say when no pair was kept."""
        return f"every pair was filtered out, of {self.counts['read']:,}: {self.dropped()}"

    def _count(self, reason: str, place: str) -> None:
        self.counts[reason] += 1
        self._first.setdefault(reason, place)

    def _dropped(self) -> dict[str, str]:
        return {name: words for name, words in (_UNUSABLE | _FILTERS).items() if self.counts[name]}

    def _place(self, name: str) -> str:
        return f" (first: {self._first[name]})" if name in self._first else ""

    def _reason(self, source: str, target: str) -> str | None:
        """The first filter that drops the pair."""
        settings = self.settings
        if settings.empty and not (source.strip() and target.strip()):
            return "empty"
        if settings.max_characters and max(len(source), len(target)) > settings.max_characters:
            return "too_long"
        shorter, longer = sorted((_count_words(source), _count_words(target)))
        if settings.max_words and longer > settings.max_words:
            return "too_long"
        if settings.max_ratio and longer > max(settings.max_ratio * shorter, shorter + _RATIO_WORDS):
            return "length_ratio"
        if settings.copies and source == target and longer > _COPIED_WORDS and any(map(str.isalpha, source)):
            return "copies"
        if settings.duplicates and not self._seen.add(source, target):
            return "duplicates"
        return None


def _count_words(text: str) -> int:
    words = len(text.split())
    if not text.isascii():
        words += len(_HAN_KANA.findall(text)) // 2 + len(_UNSPACED.findall(text)) // 4
    return words


class _Digests:
    """The pairs seen so far, as 48-bit digests in 65,536 small sorted arrays: the first 16 bits choose the array.

    A Python set of digests would take some 100 bytes a pair, and one big sorted or hashed array three times its size
    whenever it grows; here each array grows by itself, a little at a time: measured, 23 MB for three million pairs. The
    expected number of pairs wrongly taken for duplicates among n is n^2 / 2^49: 0.016 of three million pairs, 18 of a
    hundred million.
    """

    def __init__(self) -> None:
        self._shards: list[array[int] | None] = [None] * (1 << 16)

    def has(self, source: str, target: str) -> bool:
        """Whether a pair is remembered."""
        number, rest = self._place(source, target)
        shard = self._shards[number]
        place = bisect_left(shard, rest) if shard is not None else 0
        return shard is not None and place < len(shard) and shard[place] == rest

    def add(self, source: str, target: str) -> bool:
        """Remembers a pair; False if it was known."""
        number, rest = self._place(source, target)
        shard = self._shards[number]
        if shard is None:
            self._shards[number] = array("I", [rest])
            return True
        place = bisect_left(shard, rest)
        if place < len(shard) and shard[place] == rest:
            return False
        shard.insert(place, rest)
        return True

    @staticmethod
    def _place(source: str, target: str) -> tuple[int, int]:
        """Which array a pair belongs to, and the number that stands for it there."""
        text = f"{len(source)} {source}{target}"  # the length tells ("a", "bc") from ("ab", "c")
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).digest()
        return int.from_bytes(digest[:2]), int.from_bytes(digest[2:])
