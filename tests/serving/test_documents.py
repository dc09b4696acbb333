"""Texts that are taken apart and put together again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data.sentences import split_sentences
from seq2seq.serving.documents import Document, text_document


def upper(text):
    """A text through a translator that writes in capitals."""
    document = text_document(text, split_sentences)
    return document.joined([sentence.upper() for sentence in document.sentences])


@pytest.mark.parametrize(
    "text",
    ["", "\n", "  ", "\r\n\r\n", "a", " a\n", "A b.\n\n\tC d.\r\nE.  ", "One. Two!\u2028Three?\x0b\x85", "\n\n a b \n"],
)
def test_line_breaks_and_spaces_around_lines_stay(text):
    assert upper(text) == text.upper()


@given(st.text(alphabet="aB .!?\n\r\t「。」\u2028\xa0", max_size=40))
def test_any_text_keeps_its_lines_and_its_words(text):
    written = upper(text)
    assert len(written.splitlines()) == len(text.splitlines())
    assert written.split() == text.upper().split() or "。" in text


def test_sentences_are_parted_and_joined_as_their_script_does():
    document = text_document("One. Two.\n猫。狗。", split_sentences)
    assert document.sentences == ["One.", "Two.", "猫。", "狗。"]
    assert document.joined(["Un.", "Deux.", "Cat.", "Dog."]) == "Un. Deux.\nCat. Dog."
    assert document.joined(["一。", "二。", "", "Dog."]) == "一。二。\nDog."


def test_translation_in_markup_is_escaped_and_the_rest_is_not():
    document = Document(split_sentences)
    document.keep("<b>")
    document.add_text("a", escaped=True)
    document.keep("</b>")
    document.add_text("b")
    assert document.joined(["<&>", "<&>"]) == "<b>&lt;&amp;&gt;</b><&>"
