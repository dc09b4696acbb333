"""The words that headers call languages by."""

import pytest

from seq2seq.data.header_words import LANGUAGES, SIDES, language_words, languages_of


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", {"de", "german", "deutsch", "deu", "ger"}),
        ("pt-BR", {"pt-br", "pt", "portuguese", "por"}),
        ("zh-Hant", {"zh-hant", "zh", "chinese", "cn", "zho", "chi"}),
        ("fo", {"fo", "fao"}),
    ],
)
def test_language_is_called_by_its_codes_and_names(language, words):
    assert words <= language_words(language)


def test_words_of_a_header_name_their_languages():
    assert languages_of({"english", "sentence"}) == {"en"}
    assert languages_of({"fra", "deutsch"}) == {"fr", "de"}
    assert languages_of({"sentence", "column"}) == set()


def test_no_name_is_that_of_two_languages_or_of_a_side():
    names = [name for language in LANGUAGES for name in LANGUAGES[language].split()]
    assert len(set(names)) == len(names)
    (source, of_source), (target, of_target) = SIDES
    assert not (source | of_source) & (target | of_target)
    assert not set(names) & (source | target)
