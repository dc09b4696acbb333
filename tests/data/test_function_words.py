import os
from itertools import islice
from pathlib import Path

import pytest

from seq2seq.data.function_words import another_language, scores

ENGLISH = ["The man was in the house and she had not seen that he would be there with his dog for a week."] * 20
FRENCH = ["L'homme était dans la maison et elle ne savait pas qu'il serait là avec son chien pour une semaine."] * 20
GERMAN = ["Der Mann war in dem Haus und sie wusste nicht, dass er mit seinem Hund für eine Woche da ist."] * 20


@pytest.mark.parametrize(("lines", "language"), [(ENGLISH, "en"), (FRENCH, "fr"), (GERMAN, "de")])
def test_a_language_is_told_from_others(lines, language):
    assert another_language(lines, language) is None
    for other in {"en", "fr", "de", "es", "it", "pt", "cs"} - {language}:
        assert another_language(lines, other) == language


def test_a_language_that_is_not_listed_is_not_guessed():
    assert another_language(ENGLISH, "sw") is None


def test_little_text_says_nothing():
    assert scores(ENGLISH[:5]) == {}
    assert another_language(ENGLISH[:5], "fr") is None
    assert another_language(["2009", "!"] * 1000, "fr") is None


def test_names_alone_say_nothing():
    assert another_language(["Ada Lovelace", "Kofi Annan"] * 500, "fr") is None


@pytest.mark.data
@pytest.mark.skipif("SEQ2SEQ_DATA" not in os.environ, reason="SEQ2SEQ_DATA names no corpora")
def test_real_corpora_are_told_apart_without_false_alarms():
    for path in sorted(Path(os.environ["SEQ2SEQ_DATA"]).glob("*/*.??")):
        language = path.suffix[1:]
        with path.open(encoding="utf-8") as file:
            lines = list(islice(file, 200))
        assert another_language(lines, language) is None, path
        for other in {"en", "fr", "de", "es", "it", "pt", "cs"} - {language}:
            assert another_language(lines, other) == language, (path, other)
