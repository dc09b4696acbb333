"""What is counted, and when it is worth a warning."""

import pytest

from seq2seq.counts import Counts


def warnings(counts, single=True, known=True):
    return counts.warnings(128, 4096, single=single, known=known)


def translated(pairs):
    counts = Counts(sentences=len(pairs))
    for source, hypothesis in pairs:
        counts.add_translation(source, hypothesis, " ".join(map(str, hypothesis)))
    return counts


def test_nothing_out_of_the_ordinary_is_not_a_word():
    assert warnings(Counts(sentences=5)) == []
    assert warnings(translated([([n], [n, n + 1]) for n in range(10, 40)])) == []


def test_equal_translations_of_different_sources_are_said():
    rows_of_dots = [([n], [7] * (n % 5 + 1)) for n in range(10, 22)]
    [text] = warnings(translated([*rows_of_dots, ([30], [8, 9])]))
    assert text.startswith("12 of 13 different sentences got nearly the same translation ('7')")


def test_equal_translations_of_equal_sources_are_right():
    assert warnings(translated([([4, 5], [7, 8])] * 50)) == []


def test_few_equal_translations_say_nothing():
    assert warnings(translated([([n], [7]) for n in range(9)])) == []


def test_translation_that_repeats_itself_is_said_unless_its_source_does():
    assert warnings(translated([([4, 5], [7, 8] * 10)])) == [
        "1 of 1 translations repeat the same few words over and over"
    ]
    assert warnings(translated([([4] * 20, [7] * 20)])) == []


@pytest.mark.parametrize(("strange", "said"), [(1, False), (2, True)])
def test_strange_sentences_are_said_where_they_are_more_than_usual(strange, said):
    text = "2 of 100 sentences consist of words that training hardly had: their translations are guesses"
    assert warnings(Counts(sentences=100, strange=strange)) == [text] * said


def test_strange_characters_are_said_where_nothing_else_is_known():
    [text] = warnings(Counts(sentences=2, strange=1), known=False)
    assert "1 of 2 sentences consist of characters that the vocabulary lacks" in text


def test_lines_of_several_sentences_are_said_unless_training_had_them():
    counts = Counts(sentences=3, several=2)
    [text] = warnings(counts)
    assert "2 of 3 lines hold several sentences, and training had hardly any such line: what follows" in text
    assert "--split-sentences" in text
    assert warnings(counts, single=False) == []
    assert "which training may not have had" in warnings(counts, single=False, known=False)[0]


def test_sentences_longer_than_any_in_training_are_said():
    assert warnings(Counts(sentences=3, longer=1)) == [
        "1 of 3 sentences were longer than any in training: look at their ends"
    ]
