"""Texts become the ids that training would read, and what is out of the ordinary is counted."""

import pytest

from seq2seq.counts import Counts
from seq2seq.errors import DataError
from seq2seq.settings.config import Cleaning
from seq2seq.texts import TextReader
from seq2seq.tokenizer import train_tokenizer


@pytest.fixture(scope="module")
def reader(made_up_sentences):
    """Reads sources of up to 11 tokens and the end symbol."""
    sides = zip(*made_up_sentences(200), strict=True)
    return TextReader(tuple(train_tokenizer(side, vocabulary_size=300) for side in sides), Cleaning(), 12)


def test_sources_are_normalised_and_cut(reader):
    counts = Counts()
    short, spaced, long, empty = reader.sources(["the cat.", "the   cat. ", "the cat " * 50, " "], counts, "encode")
    assert short == spaced == reader.tokenizers[0].encode(["the cat."])[0]
    assert len(long) == 11
    assert empty == []
    assert (counts.sentences, counts.shortened, counts.empty) == (4, 1, 1)


def test_lines_of_several_sentences_are_counted_and_split(reader):
    counts = Counts()
    reader.sources(["The cat sees. The dog sees.", "The cat."], counts, "encode")
    assert counts.several == 1
    assert reader.split("The cat sees.  The dog sees.") == ["The cat sees.", "The dog sees."]


def test_targets_are_read_by_their_own_vocabulary_to_a_limit_of_their_own(reader):
    counts = Counts()
    text = "le chat."
    short, long = reader.targets([text, "manoir " * 5000], counts, "score")
    assert short == reader.tokenizers[1].encode([text])[0]
    assert len(long) == 4095
    assert (counts.targets, counts.long_targets) == (2, 1)


def test_what_was_counted_is_said(reader):
    counts = Counts()
    assert reader.warnings(counts) == []
    reader.sources(["", "the cat."], counts, "encode")
    assert any("1 of 2 lines were empty" in text for text in reader.warnings(counts))


@pytest.mark.parametrize("side", ["sources", "targets"])
def test_one_text_is_no_list(reader, side):
    with pytest.raises(DataError, match="encode takes a list of sentences"):
        getattr(reader, side)("the cat.", Counts(), "encode")
