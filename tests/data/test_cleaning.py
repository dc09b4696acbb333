import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2seq.data.cleaning import Cleaner
from seq2seq.data.corpus import Pair
from seq2seq.settings.config import Cleaning

NORMALISERS = ("html_entities", "nfc", "control_characters", "quotes", "spaces")
OFF = Cleaning(
    **dict.fromkeys((*NORMALISERS, "empty", "copies", "duplicates"), False),
    max_words=0,
    max_characters=0,
    max_ratio=0.0,
)
# Any text at all, half surrogates included, with what normalisers look for made likely.
ANY_TEXT = st.lists(
    st.text(st.characters(), max_size=4)
    | st.sampled_from(
        ["&amp;", "&", "amp;", "#38;", "lt", "&#x200b;", "\u200b", "\xad", "\u037e", " ", "\u2028", "’", "e\u0301"]
    )
).map("".join)


def only(**limits):
    return Cleaner(OFF.model_copy(update=limits))


def clean(cleaner, *texts):
    pairs = cleaner.clean(Pair(source, target, "test.tsv", line) for line, (source, target) in enumerate(texts, 1))
    return [(pair.source, pair.target) for pair in pairs]


def words(count):
    return " ".join(f"w{number}" for number in range(count))


class TestNormalisers:
    @pytest.mark.parametrize(
        ("name", "text", "normalised"),
        [
            ("html_entities", "R&amp;D &lt;b&gt; &#39;x&#x27; &quot;", "R&D <b> 'x' \""),
            ("html_entities", "&amp;amp;lt; &#38;#38;amp;amp; &ampampamp;", "< & &"),
            ("html_entities", "a & b &unknown; &#389;", "a & b &unknown; Ɔ".replace("Ɔ", chr(389))),
            ("nfc", "e\u0301te\u0301 \u212b", "été \u00c5"),
            ("control_characters", "a\x00b\x07c\x7fd\x9fe\xadf\u200bg\ufeffh\u202ei\u2060j\U000e0020k", "abcdefghijk"),
            (
                "control_characters",
                "a\tb\nc\rd\x0be\x0cf\x1cg\x85h\xa0i\u2003j\u2028k\u202fl\u3000m",
                "a b c d e f g h i j k l m",
            ),
            ("control_characters", "می\u200cخواهم क्\u200dष \u0600", "می\u200cخواهم क्\u200dष \u0600"),
            ("control_characters", "a\ud83db", "ab"),
            ("quotes", "l’eau ‘x’ “y” „z“ Oʼahu", "l'eau 'x' \"y\" \"z\" O'ahu"),
            ("quotes", "« oui » ‹ non › `code` 5′ 6″", "« oui » ‹ non › `code` 5′ 6″"),
            ("spaces", "  a   b  ", "a b"),
        ],
    )
    def test_each_does_its_work_alone(self, name, text, normalised):
        assert only(**{name: True}).normalise(text) == normalised

    @pytest.mark.parametrize("name", NORMALISERS)
    def test_each_can_be_turned_off(self, name):
        dirty = {
            "html_entities": "&lt;",
            "nfc": "e\u0301",
            "control_characters": "a\x07",
            "quotes": "’",
            "spaces": "a  b",
        }
        assert Cleaner(Cleaning(**{name: False})).normalise(dirty[name]) == dirty[name]
        assert Cleaner(Cleaning()).normalise(dirty[name]) != dirty[name]

    @pytest.mark.parametrize("name", NORMALISERS)
    def test_each_counts_the_pairs_it_changed(self, name):
        dirty = "&lt;  e\u0301\x07’"
        cleaner = only(**{name: True})
        clean(cleaner, (dirty, dirty), (dirty, "x"), ("x", dirty), ("x", "x"))
        assert cleaner.counts["read"] == cleaner.counts["kept"] == 4
        assert {name: cleaner.counts[name] for name in NORMALISERS} == {**dict.fromkeys(NORMALISERS, 0), name: 3}

    def test_an_entity_completed_by_another_normaliser_is_replaced(self):
        assert Cleaner(Cleaning()).normalise("&a\u200bmp;&#x200b;lt; &l\xadt\u037e") == "< <"

    @given(text=ANY_TEXT)
    def test_any_text_is_normalised_once_and_for_all(self, text):
        cleaner = Cleaner(Cleaning())
        normalised = cleaner.normalise(text)
        assert cleaner.normalise(normalised) == normalised
        assert normalised.encode().decode() == normalised
        assert not re.search(r"[\n\r\t\x85\u2028\u2029\0]|  |^ | $", normalised)

    @given(text=ANY_TEXT, off=st.sets(st.sampled_from(NORMALISERS)))
    def test_any_choice_of_normalisers_is_idempotent(self, text, off):
        cleaner = Cleaner(Cleaning(**dict.fromkeys(off, False)))
        normalised = cleaner.normalise(text)
        assert cleaner.normalise(normalised) == normalised

    def test_deeply_escaped_text_takes_no_time(self):
        assert Cleaner(Cleaning()).normalise("&" + "amp;" * 200_000 + "lt;") == "<"


class TestFilters:
    @pytest.mark.parametrize(
        ("name", "limits", "dropped", "kept"),
        [
            ("empty", {"empty": True}, [("", "x"), ("x", ""), (" \t", "x"), ("", "")], [("x", "y")]),
            ("too_long", {"max_words": 3}, [(words(4), "x"), ("x", words(4))], [(words(3), words(3))]),
            ("too_long", {"max_characters": 3}, [("abcd", "x"), ("x", "abcd")], [("abc", "abc")]),
            ("length_ratio", {"max_ratio": 2.0}, [(words(6), words(13)), (words(13), words(6)), ("x", words(7))], []),
            ("length_ratio", {"max_ratio": 2.0}, [], [(words(6), words(12)), ("x", words(6)), ("", words(5))]),
            (
                "copies",
                {"copies": True},
                [("Not translated yet", "Not translated yet")],
                [("Ada Lovelace", "Ada Lovelace")],
            ),
            ("copies", {"copies": True}, [], [("1 2 3 4", "1 2 3 4"), ("A big cat", "a big cat")]),
            (
                "duplicates",
                {"duplicates": True},
                [],
                [("a", "bc"), ("ab", "c"), ("a b", "c"), ("a", "b c"), ("a", "BC")],
            ),
        ],
    )
    def test_each_drops_and_counts_alone(self, name, limits, dropped, kept):
        cleaner = only(**limits)
        assert clean(cleaner, *dropped, *kept) == kept
        expected = {"read": len(dropped) + len(kept), "kept": len(kept), name: len(dropped)}
        assert {key: count for key, count in cleaner.counts.items() if count} == {
            k: n for k, n in expected.items() if n
        }
        assert len(clean(only(), *dropped, *kept)) == len(dropped) + len(kept)

    def test_duplicates_are_found_after_normalising_and_over_corpora(self):
        cleaner = Cleaner(Cleaning())
        assert clean(cleaner, ("l’eau", "water"), ("l'eau ", "water"), ("l'eau", "Water")) == [
            ("l'eau", "water"),
            ("l'eau", "Water"),
        ]
        assert clean(cleaner, ("l'eau", "water")) == []
        assert cleaner.counts["duplicates"] == 2

    def test_kept_pairs_are_known(self):
        cleaner = Cleaner(Cleaning())
        kept = list(cleaner.clean([Pair("l’eau", "water", "x", 1), Pair("", "nothing", "x", 2)]))
        assert [
            cleaner.knows(pair) for pair in [*kept, Pair("", "nothing", "x", 2), Pair("l'eau", "Water", "x", 3)]
        ] == [
            True,
            False,
            False,
        ]

    def test_copies_are_found_after_normalising(self):
        assert clean(Cleaner(Cleaning()), ("Don’t translate this", "Don't  translate this")) == []

    @pytest.mark.parametrize(
        "foreign",
        [
            "我昨天在市场上买了三斤新鲜的红苹果和两瓶牛奶",
            "昨日市場で新鮮なりんごを三つと牛乳を二本買いました",
            "เมื่อวานฉันซื้อแอปเปิ้ลสดสามกิโลกรัมและนมสองขวดที่ตลาด",
        ],
    )
    def test_scripts_without_spaces_are_not_taken_for_short(self, foreign):
        english = "Yesterday I bought three pounds of fresh red apples and two bottles of milk at the market"
        assert clean(Cleaner(Cleaning(max_ratio=1.5)), (english, foreign)) == [(english, foreign)]
        assert clean(Cleaner(Cleaning()), ("Why?", foreign)) == []

    @settings(max_examples=40)
    @given(pairs=st.lists(st.tuples(ANY_TEXT, ANY_TEXT), max_size=5))
    def test_every_pair_is_kept_or_counted(self, pairs):
        cleaner = Cleaner(Cleaning())
        kept = clean(cleaner, *pairs)
        drops = sum(cleaner.counts[name] for name in ("empty", "too_long", "length_ratio", "copies", "duplicates"))
        assert cleaner.counts["read"] == len(pairs) == len(kept) + drops
        assert cleaner.counts["kept"] == len(kept)
        assert clean(Cleaner(Cleaning()), *kept) == kept

    def test_a_kept_pair_knows_where_it_came_from(self):
        pairs = [Pair("", "x", "a.tsv", 1), Pair("A cat ", "Un chat", "a.tsv", 2)]
        assert list(Cleaner(Cleaning()).clean(pairs)) == [Pair("A cat", "Un chat", "a.tsv", 2)]


def test_cleaning_is_streamed():
    endless = (Pair(f"Cat {number}", f"Chat {number}", "x", number) for number in iter(int, 1))
    assert next(Cleaner(Cleaning()).clean(endless)).source == "Cat 0"


PEAK = """
import resource, sys
from seq2seq.settings.config import Cleaning
from seq2seq.data.cleaning import Cleaner
from seq2seq.data.corpus import Pair
pairs = (Pair(f"Cat number {n}", f"Chat {n}", "x", n) for n in range(int(sys.argv[1])))
print(sum(1 for _ in Cleaner(Cleaning()).clean(pairs)), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_kilobytes(pairs):
    done = subprocess.run([sys.executable, "-c", PEAK, str(pairs)], capture_output=True, text=True, check=True)
    kept, kilobytes = map(int, done.stdout.split())
    assert kept == pairs
    return kilobytes


def test_cleaning_takes_few_bytes_a_pair():
    assert peak_kilobytes(130_000) - peak_kilobytes(30_000) < 4_000  # 40 bytes a pair


@pytest.mark.slow
def test_memory_stays_flat_over_three_million_pairs():
    assert peak_kilobytes(3_000_000) - peak_kilobytes(30_000) < 25_000


def test_report_is_aligned_and_leaves_out_what_found_nothing():
    cleaner = Cleaner(Cleaning())
    clean(cleaner, *[("A cat", "Un chat")] * 1000, ("Don’t", "Non"))
    assert [re.split("  +", line) for line in cleaner.report().split("\n")] == [
        ["pairs read", "1,001"],
        ["pairs kept", "2"],
        ["dropped, seen before", "999 (first: test.tsv, line 2)"],
        ["changed, typographic quotes made plain", "1"],
    ]
