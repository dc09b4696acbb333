"""Named rewritings of text, applied until none of them finds anything to do, in time proportional to its length."""

import html
import re
import unicodedata
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seq2seq.settings.config import Cleaning

_PASSES = 16  # text that is escaped this often is an attack: ordinary text is done after two or three
_MARKS = 30  # in a row, at most (Unicode's Stream-Safe Text Format): sorting longer rows takes quadratic time

# Ampersands escaped over and over, in one pass instead of one pass for each level.
_AMPERSANDS = re.compile(r"&(?:(?:amp|AMP|#0*38(?![0-9])|#[xX]0*26(?![0-9a-fA-F]));?)+")
_LEADING_ZEROS = re.compile(r"(&#[xX]?)0+(?=[0-9a-fA-F])")
_BEYOND_UNICODE = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")  # Python refuses to read very long numbers
# Controls, half surrogates, and the default-ignorable format characters but ZWNJ and ZWJ (U+200C, U+200D).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0001\U000e0020-\U000e007f]"
)
_SEPARATORS = re.compile("[\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_SINGLE_QUOTES = re.compile("[‘’‚‛ʼ]")
_DOUBLE_QUOTES = re.compile("[“”„‟]")
_ANY_QUOTES = re.compile("[‘’‚‛ʼ“”„‟]")
_SPACES = re.compile("  +")
_PLAIN = re.compile("[ -%'-~\xa1-\xac\xae-\xff]*")  # Latin-1 without controls, ampersand, no-break space, soft hyphen


def normalise(text: str, names: Collection[str], changed: set[str]) -> str:
    r"""The text as the named normalisers leave it: normalising that again changes nothing.

    They are repeated, since taking out a character can complete an entity, as in "&a\u200bmp;". After 16 rounds that
    all changed something the ampersands go, and with them all that can make one more round necessary.

    Args:
        text: any text, half surrogates included.
        names: the normalisers to apply, some of `NORMALISERS`.
        changed: the names of those that changed the text are added.
    """
    if _PLAIN.fullmatch(text) and "  " not in text and text == text.strip(" "):
        return text  # most text, in a tenth of the time: each normaliser leaves it as it is
    chosen = [(name, rewrite) for name, rewrite in _NORMALISERS.items() if name in names]
    before = None
    passes = 0
    while text != before:
        before = text
        if passes == _PASSES:
            text = text.replace("&", "")
        for name, rewrite in chosen:
            rewritten = rewrite(text)
            if rewritten != text:
                changed.add(name)
                text = rewritten
        passes += 1
    return text


def _html_entities(text: str) -> str:
    if "&" not in text:
        return text
    text = _LEADING_ZEROS.sub(r"\1", _AMPERSANDS.sub("&", text))
    return html.unescape(_BEYOND_UNICODE.sub("\ufffd", text))


def _nfc(text: str) -> str:
    if text.isascii():
        return text
    row_of_marks, long_row = _marks()
    if len(text) > _MARKS and row_of_marks.search(text):
        text = long_row.sub(r"\1", text)
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=1)
def _marks() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns of combining marks in a row, more than can be sorted quickly; in the second, the first 30 are a group.

    The first pattern finds all that the second one does, and perhaps more: it takes a whole block of Unicode for marks.
    Python looks up a set of characters below U+10000 in a table, which is 20 times as fast as a list of ranges.
    """
    marks = "".join(character for character in map(chr, range(0x300, 0x20000)) if unicodedata.combining(character))
    low = "".join(character for character in marks if character < "\U00010000")
    return (
        re.compile(f"[{low}\U00010000-\U0001ffff]{{{_MARKS + 1}}}"),
        re.compile(f"([{marks}]{{{_MARKS}}})[{marks}]+"),
    )


def _control_characters(text: str) -> str:
    if text.isprintable():  # then it has none of these, and no space but " "
        return text
    return _SEPARATORS.sub(" ", _INVISIBLE.sub("", text))


def _quotes(text: str) -> str:
    if text.isascii() or not _ANY_QUOTES.search(text):
        return text
    return _DOUBLE_QUOTES.sub('"', _SINGLE_QUOTES.sub("'", text))


def _spaces(text: str) -> str:
    return (_SPACES.sub(" ", text) if "  " in text else text).strip(" ")


_NORMALISERS: dict[str, Callable[[str], str]] = {
    "html_entities": _html_entities,
    "nfc": _nfc,
    "control_characters": _control_characters,
    "quotes": _quotes,
    "spaces": _spaces,
}
NORMALISERS = tuple(_NORMALISERS)


def chosen_normalisers(settings: "Cleaning") -> list[str]:
    """The names of the normalisers that the settings switch on."""
    return [name for name in NORMALISERS if getattr(settings, name)]
