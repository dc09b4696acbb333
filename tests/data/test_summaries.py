import logging
import threading

import numpy as np
import pytest

from seq2seq.data.summaries import Summaries, _key
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
    next(tmp_path.glob("abc/*[!s].npy")).write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match=r"\.keys\.npy are damaged"):
        Summaries(tmp_path, "abc", 2)


def test_many_sentences_in_several_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr("seq2seq.data.summaries._CHUNK", 7)
    sentences = [[4 + index % 50, index + 4] for index in range(100)]
    store = Summaries(tmp_path, "abc", 2)
    assert store.add(sentences, Encoder()) == 100
    np.testing.assert_array_equal(store.rows(sentences, 100), Encoder()(sentences))


def test_two_that_fill_one_store_wait_and_share(tmp_path, caplog):
    """The second one encodes only what the first one did not store meanwhile, and both read right vectors."""
    stores = [Summaries(tmp_path, "abc", 2) for _ in range(2)]
    second = Encoder()
    results = []
    thread = threading.Thread(target=lambda: results.append(stores[1].add([*SENTENCES, [9]], second)))

    class Slow(Encoder):
        def __call__(self, sentences):
            thread.start()
            while "waiting until it is done" not in caplog.text:
                assert thread.is_alive()
            return super().__call__(sentences)

    with caplog.at_level(logging.INFO, logger="seq2seq"):
        assert stores[0].add(SENTENCES, Slow()) == 3
        thread.join()
    assert results == [1]
    assert second.calls == 1
    for store in (stores[1], Summaries(tmp_path, "abc", 2)):
        np.testing.assert_array_equal(store.rows([[8], [9], [5, 6, 7]], 3), [[8, 1], [9, 1], [18, 3]])


def test_store_that_was_cut_off_goes_on_and_is_swept(tmp_path):
    def full(sentences):
        raise OSError(28, "No space left on device")

    store = Summaries(tmp_path, "abc", 2)
    with pytest.raises(OSError, match="No space left"):
        store.add(SENTENCES, full)
    (store.folder / ".killed.npy.part").write_bytes(b"half")
    (store.folder / "killed.npy").write_bytes(b"vectors without keys")
    assert store.add(SENTENCES, Encoder()) == 3
    assert not list(store.folder.glob("*killed*"))
    np.testing.assert_array_equal(Summaries(tmp_path, "abc", 2).rows([[8]], 1), [[8, 1]])


@pytest.mark.parametrize("suffix", [".npy", ".keys.npy"])
def test_flipped_bit_in_a_store_is_found(tmp_path, suffix):
    store = Summaries(tmp_path, "abc", 2)
    store.add(SENTENCES, Encoder())
    path = next(store.folder.glob("*.keys.npy"))
    path = path.with_name(path.name.replace(".keys.npy", suffix))
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"keys\.npy are damaged \(its SHA-256 differs\): delete "):
        Summaries(tmp_path, "abc", 2)


def test_parts_of_an_older_version_are_read(tmp_path):
    (tmp_path / "abc").mkdir()
    np.save(tmp_path / "abc" / "0000.npy", np.array([[8, 1]], np.float32))
    np.save(tmp_path / "abc" / "0000.keys.npy", np.array([_key([8])], np.uint64))
    store = Summaries(tmp_path, "abc", 2)
    assert store.add(SENTENCES, Encoder()) == 2
    np.testing.assert_array_equal(store.rows([[8], [5, 6]], 2), [[8, 1], [11, 2]])
