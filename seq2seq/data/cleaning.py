"""Named normalisers and filters for parallel text, with counts.

Normalisers rewrite both sides, and the translator applies the same ones to what it is asked to translate; filters drop
whole pairs.
"""

from collections.abc import Iterable, Iterator

from seq2seq.data.corpus import Pair
from seq2seq.data.digests import Digests, digest_of
from seq2seq.data.filters import Filters
from seq2seq.data.normalisers import NORMALISERS
from seq2seq.settings.config import Cleaning

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
        self._seen = Digests()
        self._filters = Filters(settings)

    def normalise(self, text: str) -> str:
        r"""The text as the chosen normalisers leave it: normalising that again changes nothing.

        >>> Cleaner(Cleaning()).normalise("L&rsquo;\u200b\u00e9t\u00e9\u00a0!")
        "L'été !"
        """
        return self._filters.normalise(text)

    def clean(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """Streams the pairs worth keeping, normalised, in their order; ``counts`` grows as they pass."""
        for pair in pairs:
            filtered = self._filters.apply(pair.source, pair.target)
            if self.keeps(pair, filtered.changed, filtered.reason, filtered.digest):
                yield Pair(filtered.source, filtered.target, pair.origin, pair.line)

    def keeps(self, pair: Pair, changed: Iterable[str], reason: str | None, digest: int) -> bool:
        """Count a pair that the filters have seen, and look whether it is a duplicate.

        Args:
            pair: as it was read.
            changed, reason, digest: what `Filters.apply` found.

        Returns:
            Whether the pair is worth keeping.
        """
        counts = self.counts
        counts["read"] += 1
        for name in changed:
            counts[name] += 1
        if reason is None and self.settings.duplicates and not self._seen.add(digest):
            reason = "duplicates"
        if reason is not None:
            self._count(reason, f"{pair.origin}, line {pair.line:,}")
            return False
        counts["kept"] += 1
        return True

    def drop(self, reason: str, place: str) -> None:
        """Count a line or row that cannot be a pair, as `read_pairs` reports it."""
        self.counts["read"] += 1
        self._count(reason, place)

    def knows(self, pair: Pair) -> bool:
        """Whether a normalised pair is one of those that were kept; false where duplicates are not looked for."""
        return self._seen.has(digest_of(pair.source, pair.target))

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
