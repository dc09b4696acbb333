"""Named normalisers and filters for parallel text, with counts.

Normalisers rewrite both sides, and the translator applies the same ones to what it is asked to translate; filters drop
whole pairs.
"""

import html
import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b

from seq2seq.config import Cleaning
from seq2seq.data.corpus import Pair

# Ampersands escaped over and over, in one pass instead of one pass for each level.
_AMPERSANDS = re.compile(r"&(?:(?:amp|AMP|#0*38(?![0-9])|#[xX]0*26(?![0-9a-fA-F]));?)+")
# Controls, half surrogates, and the default-ignorable format characters but ZWNJ and ZWJ (U+200C, U+200D).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0001\U000e0020-\U000e007f]"
)
_SEPARATORS = re.compile("[\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_SINGLE_QUOTES = re.compile("[‘’‚‛ʼ]")
_DOUBLE_QUOTES = re.compile("[“”„‟]")
_SPACES = re.compile("  +")

# Scripts written without spaces: a Han or kana character counts as a word; of Thai, Lao, Burmese and Khmer, four do.
_HAN_KANA = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")

_COPIED_WORDS = 2  # a name or a number of this length may well be the same in both languages
_RATIO_WORDS = 5  # sides that differ by no more than this are never too uneven: "Why?", "Pour quelle raison ?"


def _html_entities(text: str) -> str:
    while "&" in text and (plain := html.unescape(_AMPERSANDS.sub("&", text))) != text:
        text = plain
    return text


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _control_characters(text: str) -> str:
    return _SEPARATORS.sub(" ", _INVISIBLE.sub("", text))


def _quotes(text: str) -> str:
    return text if text.isascii() else _DOUBLE_QUOTES.sub('"', _SINGLE_QUOTES.sub("'", text))


def _spaces(text: str) -> str:
    return _SPACES.sub(" ", text).strip(" ")


_NORMALISERS: dict[str, Callable[[str], str]] = {
    "html_entities": _html_entities,
    "nfc": _nfc,
    "control_characters": _control_characters,
    "quotes": _quotes,
    "spaces": _spaces,
}
_FILTERS = ("empty", "too_long", "length_ratio", "copies", "duplicates")


class Cleaner:
    """Cleans pairs and counts what it did; it knows the duplicates of all that it has cleaned, corpus after corpus.

    Args:
        settings: what to do.

    Attributes:
        counts: pairs read and kept; by filter, pairs dropped; by normaliser, pairs changed.

    >>> cleaner = Cleaner(Cleaning())
    >>> pairs = [Pair("A cat", "Un chat", "cats.tsv", 1), Pair("A  cat", "Un chat", "cats.tsv", 2)]
    >>> list(cleaner.clean(pairs))
    [Pair(source='A cat', target='Un chat', origin='cats.tsv', line=1)]
    >>> cleaner.counts["duplicates"], cleaner.counts["spaces"]
    (1, 1)
    """

    def __init__(self, settings: Cleaning) -> None:
        self.settings = settings
        self.counts = dict.fromkeys(("read", "kept", *_FILTERS, *_NORMALISERS), 0)
        self._seen = _Digests()
        self._normalisers = {name: rewrite for name, rewrite in _NORMALISERS.items() if getattr(settings, name)}

    def normalise(self, text: str) -> str:
        r"""The text as the chosen normalisers leave it: normalising that again changes nothing.

        >>> Cleaner(Cleaning()).normalise("L&rsquo;\u200b\u00e9t\u00e9\u00a0!")
        "L'été !"
        """
        return self._rewrite(text, set())

    def clean(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """Streams the pairs worth keeping, normalised, in their order; ``counts`` grows as they pass."""
        for pair in pairs:
            self.counts["read"] += 1
            changed: set[str] = set()
            source, target = self._rewrite(pair.source, changed), self._rewrite(pair.target, changed)
            for name in changed:
                self.counts[name] += 1
            reason = self._reason(source, target)
            self.counts[reason or "kept"] += 1
            if reason is None:
                yield pair._replace(source=source, target=target)

    def report(self) -> str:
        """A few aligned lines: pairs read and kept, and every filter and normaliser that found something to do.

        >>> print(Cleaner(Cleaning()).report())
        read  0
        kept  0
        """
        labels = {"read": "read", "kept": "kept"}
        labels |= {name: f"dropped: {name}" for name in _FILTERS if self.counts[name]}
        labels |= {name: f"changed: {name}" for name in _NORMALISERS if self.counts[name]}
        words = max(map(len, labels.values()))
        digits = len(f"{self.counts['read']:,}")
        return "\n".join(f"{label:<{words}}  {self.counts[name]:>{digits},}" for name, label in labels.items())

    def _rewrite(self, text: str, changed: set[str]) -> str:
        r"""Normalises until nothing changes: taking out a character can complete an entity, as in "&a\u200bmp;"."""
        before = None
        while text != before:
            before = text
            for name, rewrite in self._normalisers.items():
                rewritten = rewrite(text)
                if rewritten != text:
                    changed.add(name)
                    text = rewritten
        return text

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
        words += len(_HAN_KANA.findall(text)) + len(_UNSPACED.findall(text)) // 4
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

    def add(self, source: str, target: str) -> bool:
        """Remembers a pair; False if it was known."""
        text = f"{len(source)} {source}{target}"  # the length tells ("a", "bc") from ("ab", "c")
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).digest()
        number, rest = int.from_bytes(digest[:2]), int.from_bytes(digest[2:])
        shard = self._shards[number]
        if shard is None:
            self._shards[number] = array("I", [rest])
            return True
        place = bisect_left(shard, rest)
        if place < len(shard) and shard[place] == rest:
            return False
        shard.insert(place, rest)
        return True
