"""Words, and which of them carry content."""

import pytest

from seq2seq.analysis.words import function_words, recall, repeats, words


def test_words_have_no_punctuation_and_no_capitals():
    assert words("«Bonjour», dit-elle — à 8h30!") == ["bonjour", "dit-elle", "à", "8h30"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("他没有跑，2009年。", ["他", "没", "有", "跑", "2009", "年"]),
        ("私はAndroidです", ["私", "は", "android", "で", "す"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("나는 학교에 간다", ["나는", "학교에", "간다"]),
    ],
)
def test_each_character_is_a_word_where_no_spaces_are_written(text, expected):
    assert words(text) == expected


def test_elided_words_stand_alone():
    assert words("Jusqu'à ce qu'il l’ait vu") == ["jusqu", "à", "ce", "qu", "il", "l", "ait", "vu"]
    assert words("aujourd'hui, don't") == ["aujourd'hui", "don't"]


def test_function_words_make_up_half_of_the_text():
    texts = ["the cat sees the dog", "the dog sees a house", "the house"]
    assert function_words(texts) == {"the", "sees"}
    assert function_words([]) == frozenset()


def test_recall_counts_each_word_as_often_as_it_is_there():
    assert recall(["a", "a", "b"], ["a", "c"]) == (1, 3)
    assert recall([], ["a"]) == (0, 0)


def test_repetition_is_seen_in_words_and_runs_of_words():
    assert repeats("il dort dort")
    assert repeats("il y a il y a un chat")
    assert repeats("un chat noir dort ici et un chat noir dort ici")
    assert not repeats("un chat voit un chien")
    assert not repeats("")
