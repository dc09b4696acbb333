import re

import pytest

from seq2seq.data.columns import Columns, look
from seq2seq.errors import DataError


def columns(source_language="en", target_language="fr", **named):
    return Columns(source_language=source_language, target_language=target_language, **named)


def raises(message):
    return pytest.raises(DataError, match=re.escape(message))


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("en", "fr"),
        ("EN", "FR"),
        ("English", "French"),
        ("ENGLISH", "Français"),
        ("eng", "fra"),
        ("eng", "fre"),
        ("en_US", "fr_FR"),
        ("en-GB", "fr-CA"),
        ("English (US)", "French (France)"),
        ("src", "tgt"),
        ("src", "trg"),
        ("Source", "Target"),
        ("source", "translation"),
        ("source_text", "target_text"),
        ("sourceText", "targetText"),
        ("sentence_en", "sentence_fr"),
        ("text_en", "text_fr"),
        ("en_sentence", "fr_sentence"),
        ("English words/sentences", "French words/sentences"),
        ("translation.en", "translation.fr"),
        ("text", "translation"),
        ("original", "translated"),
        ("src_en", "tgt_fr"),
    ],
)
def test_usual_headers_are_found_among_others(source, target):
    for others in (["id"], ["source_lang", "target_lang"], ["score", "URL", "Attribution"], []):
        names = [target, *others, source]
        assert columns().find(names, "x.tsv") == (source, target)
        assert columns().is_header(names)


def test_headers_of_any_language_are_found():
    assert columns("pt-BR", "zh-Hant").find(["Chinese (Traditional)", "Portuguese (Brazil)"], "x") == (
        "Portuguese (Brazil)",
        "Chinese (Traditional)",
    )
    assert columns("id", "no").find(["id", "no"], "x") == ("id", "no")
    assert columns("kha", "en").find(["Khasi", "English"], "x") == ("Khasi", "English")


@pytest.mark.parametrize(
    "row", [["German", "English"], ["de", "en"], ["German", "Italian"], ["id", "score"], ["a_b", "c_d"]]
)
def test_headers_of_other_things_are_refused_with_the_columns(row):
    assert columns().is_header(row)
    with raises(
        f"x.tsv: which columns hold the text is not clear; the columns are {row[0]}, {row[1]}: set source_column"
    ):
        columns().find(row, "x.tsv")


def test_numbered_names_are_a_header():
    assert columns().is_header(["Phrase A", "Phrase B"])
    assert columns().is_header(["text 1", "text 2"])
    assert columns().is_header(["sentence1", "sentence2"])
    assert not columns().is_header(["a", "b"])


@pytest.mark.parametrize(
    "names", [["en_a", "en_b", "fr"], ["English", "English (US)", "French"], ["src", "source", "fr"]]
)
def test_ambiguous_headers_are_refused_with_the_columns(names):
    with raises(f"which columns hold the text is not clear; the columns are {', '.join(names)}"):
        columns().find(names, "x.tsv")


@pytest.mark.parametrize(
    "row",
    [
        ["English is easy.", "Le français est facile."],
        ["A cat", "Un chat"],
        ["no", "no"],
        ["Hello!", "Bonjour !"],
        ["1", "2"],
        ["The source of the text", "La source du texte"],
    ],
)
def test_a_first_pair_is_no_header(row):
    assert not columns().is_header(row)


def test_the_same_column_twice_is_refused():
    with raises("x.tsv: source and target are both column en; the columns are en, fr: set source_column"):
        columns(source="en", target="en").find(["en", "fr"], "x.tsv")


NO_TEXT = {
    "ids": [str(number) for number in range(30)],
    "ids with words": [f"tatoeba-{number}" for number in range(30)],
    "ids with codes": [f"eng_{number}" for number in range(30)],
    "hexadecimal": [f"{number:08x}-a3f9-bcde" for number in range(10**9, 10**9 + 30)],
    "scores": [f"{number / 100}" for number in range(30)],
    "dates": [f"2009-01-{number:02}" for number in range(1, 31)],
    "addresses": [f"https://example.org/some/page/{number}" for number in range(30)],
    "mail": [f"cat{number}@example.org" for number in range(30)],
    "language codes": ["eng"] * 30,
    "few labels": ["train", "dev", "test"] * 10,
    "one label, few rows": ["eng"] * 5,
}


@pytest.mark.parametrize("kind", NO_TEXT)
@pytest.mark.parametrize("side", [0, 1])
def test_a_column_without_text_is_refused_with_its_first_rows(kind, side):
    cells = NO_TEXT[kind]
    text = [f"a cat {number}" for number in range(len(cells))]
    sample = list(zip(*((cells, text) if side == 0 else (text, cells)), strict=True))
    with raises(f"x.tsv: column {'ab'[side]} was taken for the {('source', 'target')[side]}, but ") as caught:
        look(columns(), ("a", "b"), sample, "x.tsv")
    assert repr(cells[0]) in str(caught.value)
    assert str(caught.value).endswith("set source_column and target_column to the two that hold sentences")
    with raises(
        f"set {('source', 'target')[side]}_column to one that does (numbers count from 0), or save it as a text"
    ):
        look(columns(source="a", target="b"), ("a", "b"), sample, "x.tsv")


TEXT = {
    "sentences": ["A cat.", "Two cats are asleep in the garden."] * 20,
    "years": [f"It was in {year}." for year in range(1980, 2010)],
    "words": [f"{first}{second}" for first in "abcdef" for second in "ghijkl"],
    "Chinese": ["我昨天在市场上买了三斤苹果", "你好"] * 20,
    "Hindi": ["एक आदमी सो रहा है।"] * 20,
    "letters": ["a", "b"],
    "one sentence again and again": ["A cat sleeps."] * 40,
    "nothing": [],
    "not even text": [None] * 40,
}


@pytest.mark.parametrize("kind", TEXT)
def test_a_column_of_text_is_believed(kind):
    look(columns(), ("a", "b"), [(cell, cell) for cell in TEXT[kind]], "x.tsv")
