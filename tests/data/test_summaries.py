import numpy as np
import pytest

from seq2seq.data.summaries import Summaries
from seq2seq.errors import CheckpointError

SENTENCES = [[5, 6, 7], [8], [5, 6], [5, 6, 7]]


class Encoder:
    """Vectors that tell their sentence, and how many sentences were asked for."""

    def __init__(self):
        self.calls = 0

    def __call__(self, sentences):
        self.calls += len(sentences)
        return np.asarray([[sum(ids), len(ids)] for ids in sentences], np.float32)


def test_rows_are_those_of_the_sentences_with_zeros_below(tmp_path):
    store = Summaries(tmp_path, "abc", 2)
    assert store.add(SENTENCES, Encoder()) == 3
    np.testing.assert_array_equal(store.rows([[8], [5, 6, 7]], 3), [[8, 1], [18, 3], [0, 0]])


def test_sentence_is_encoded_once_whoever_asks(tmp_path):
    encoder = Encoder()
    Summaries(tmp_path, "abc", 2).add(SENTENCES, encoder)
    again = Summaries(tmp_path, "abc", 2)
    assert again.add([*SENTENCES, [9, 9]], encoder) == 1
    assert encoder.calls == 4
    assert len(Summaries(tmp_path, "abc", 2)) == 4
    np.testing.assert_array_equal(again.rows([[9, 9], [5, 6]], 2), [[18, 2], [11, 2]])


def test_other_encoder_has_its_own(tmp_path):
    Summaries(tmp_path, "abc", 2).add(SENTENCES, Encoder())
    assert len(Summaries(tmp_path, "def", 2)) == 0


def test_sentence_that_is_not_stored_is_an_error(tmp_path):
    store = Summaries(tmp_path, "abc", 2)
    for _ in range(2):
        with pytest.raises(CheckpointError, match="lacks 1 of 1 sentences"):
            store.rows([[1, 2]], 1)
        store.add(SENTENCES, Encoder())


def test_encoder_that_fails_leaves_nothing(tmp_path):
    def fails(sentences):
        raise KeyboardInterrupt

    store = Summaries(tmp_path, "abc", 2)
    with pytest.raises(KeyboardInterrupt):
        store.add(SENTENCES, fails)
    assert len(Summaries(tmp_path, "abc", 2)) == 0
    assert Summaries(tmp_path, "abc", 2).add(SENTENCES, Encoder()) == 3


def test_damaged_file_is_named(tmp_path):
    Summaries(tmp_path, "abc", 2).add(SENTENCES, Encoder())
    (tmp_path / "abc" / "0000.npy").write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match=r"0000\.keys\.npy are damaged"):
        Summaries(tmp_path, "abc", 2)


def test_many_sentences_in_several_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr("seq2seq.data.summaries._CHUNK", 7)
    sentences = [[4 + index % 50, index + 4] for index in range(100)]
    store = Summaries(tmp_path, "abc", 2)
    assert store.add(sentences, Encoder()) == 100
    np.testing.assert_array_equal(store.rows(sentences, 100), Encoder()(sentences))
