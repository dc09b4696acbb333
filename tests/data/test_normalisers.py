import html
import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data.normalisers import NORMALISERS, normalise

# Each makes a hostile text of about so many characters.
HOSTILE = {
    "one mark": lambda size: "a" + "\u0301" * size,
    "marks out of order": lambda size: "a" + "\u0301\u0323" * (size // 2),
    "marks in two blocks": lambda size: "a" + "\u0345" * (size // 2) + "\u0323" * (size // 2),
    "marks that come apart": lambda size: "\u0344" * size,
    "marks between invisible characters": lambda size: "a" + "\u0301\u200b\u0323" * (size // 3),
    "marks as entities": lambda size: "a" + "&#769;&#803;" * (size // 12),
    "starters that compose": lambda size: "\u0bc6" + "\u0bbe\u0bd7" * (size // 2),
    "unfinished entities": lambda size: "&#" * (size // 2),
    "ampersands in ampersands": lambda size: "&" + "amp;" * (size // 4) + "lt;",
    "number signs in ampersands": lambda size: "&" * (size // 8) + "num;38;" * (size // 8) + "lt;",
    "digits in entities": lambda size: "&#" * (size // 10) + "&#51;" + "8;" * (size // 4),
    "entities inside out": lambda size: "&a" * (size // 8) + "\u200bmp;" * (size // 8),
    "invisible characters as entities": lambda size: "&a&#x200b;mp;" * (size // 13),
    "zeros": lambda size: "&#" + "0" * size + "65;",
    "an endless number": lambda size: "&#" + "9" * size + ";",
    "an endless hexadecimal number": lambda size: "&#x" + "f" * size,
    "an endless name": lambda size: "&" + "a" * size,
    "spaces": lambda size: " \xa0" * (size // 2),
}


def seconds(text):
    begun = time.process_time()
    normalise(text, NORMALISERS, set())
    return time.process_time() - begun


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_length(name):
    short, long = (min(seconds(HOSTILE[name](size)) for _ in range(2)) for size in (20_000, 80_000))
    assert long < 8 * short + 0.1  # quadratic time would be 16 times as long, and seconds


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_normalised_once_and_for_all(name):
    normalised = normalise(HOSTILE[name](3_000), NORMALISERS, set())
    assert normalise(normalised, NORMALISERS, set()) == normalised


# What one normaliser leaves completes what another one takes: all of it repeated and nested.
PIECES = ["&", "a", "mp;", "num;", "38;", "&#51;", "8;", "&#x200b;", "\u200b", "\u037e", "\u0301", "\u0344", " "]


@given(text=st.lists(st.sampled_from(PIECES).flatmap(lambda piece: st.integers(1, 40).map(lambda n: piece * n))))
def test_any_nesting_is_normalised_once_and_for_all(text):
    normalised = normalise("".join(text), NORMALISERS, set())
    assert normalise(normalised, NORMALISERS, set()) == normalised


def test_ordinary_text_keeps_its_ampersands_and_marks():
    for text in ("R&D & more", "q\u0323\u0307" * 50, "q" + "\u0316\u0317" * 15):
        assert normalise(text, NORMALISERS, set()) == text


def test_text_escaped_a_few_times_is_read():
    assert normalise("&&num;38;lt; &amp;&num;38;gt;", ["html_entities"], set()) == "< >"


def test_numbers_beyond_unicode_are_replaced():
    assert normalise("a&#99999999999;b&#xfffffff;c", ["html_entities"], set()) == "a\ufffdb\ufffdc"


# What each normaliser does, without the short ways round that make usual text quick.
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0001\U000e0020-\U000e007f]"
)
DEFINITIONS = {
    "html_entities": html.unescape,
    "nfc": lambda text: unicodedata.normalize("NFC", text),
    "control_characters": lambda text: re.sub(r"[^\S ]", " ", INVISIBLE.sub("", text)),
    "quotes": lambda text: re.sub("[“”„‟]", '"', re.sub("[‘’‚‛ʼ]", "'", text)),
    "spaces": lambda text: re.sub(" +", " ", text).strip(" "),
}
USUAL = st.text(
    st.sampled_from(
        "aZ0 '-&;%~\x7f\xa0\xa1\xac\xad\xae\xffé\u0301ő’“«\u02bc\u3042\u0928\u094d\t\x85\x1c\u3000\U0001f600"
    ),
    max_size=50,
)


@pytest.mark.parametrize("name", NORMALISERS)
@given(text=USUAL)
def test_usual_text_is_rewritten_as_the_definition_says(name, text):
    changed = set()
    assert normalise(text, [name], changed) == DEFINITIONS[name](text)
    assert changed == ({name} if DEFINITIONS[name](text) != text else set())


@pytest.mark.parametrize("name", NORMALISERS)
def test_each_character_is_rewritten_as_the_definition_says(name):
    for number in [*range(0x500), *range(0x2000, 0x2100), 0x3000, 0xFEFF, 0xFFFE, 0xE0001, 0x1F600]:
        for text in (chr(number), f"a{chr(number)}b", f"a {chr(number)} b"):
            assert normalise(text, [name], set()) == DEFINITIONS[name](text), hex(number)


def test_rows_of_marks_are_cut_behind_thirty():
    for mark in ("\u0316", "\U0001d165"):  # below and above U+10000
        assert normalise("q" + mark * 50, ["nfc"], set()) == "q" + mark * 30
    smiles = "\U0001f600" * 50  # in the same block as marks
    assert normalise(smiles, ["nfc"], set()) == smiles
