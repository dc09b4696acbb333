import logging
import os
import threading

import pytest

from seq2seq.errors import CheckpointError
from seq2seq.locking import owned


def test_owner_is_named_and_the_folder_is_free_afterwards(tmp_path):
    lock = tmp_path / ".lock"
    with owned(lock, "training"), pytest.raises(CheckpointError, match=rf"process {os.getpid()} is training in "):
        owned(lock, "training").__enter__()
    with owned(lock, "training"):
        assert lock.read_text().endswith("is training\n")
    assert lock.read_text() == ""


def test_owner_on_another_machine_is_named_with_it(tmp_path):
    lock = tmp_path / ".lock"
    with owned(lock, "training"):
        lock.write_text("process 7 on far.example is training\n")
        with pytest.raises(CheckpointError, match=r"process 7 on far\.example is training in .*: wait for it"):
            owned(lock, "training").__enter__()


@pytest.mark.parametrize("content", ["", "\0" * 9, "process", "x" * 1_000_000])
def test_damaged_note_of_the_owner_does_not_matter(tmp_path, content):
    lock = tmp_path / ".lock"
    with owned(lock, "training"):
        lock.write_text(content)
        with pytest.raises(CheckpointError, match="another process is at work in"):
            owned(lock, "training").__enter__()


def test_waiting_is_said_and_ends(tmp_path, caplog):
    lock, order = tmp_path / ".lock", []

    def second():
        with owned(lock, "training", wait=True):
            order.append("second")

    thread = threading.Thread(target=second)
    with caplog.at_level(logging.INFO, logger="seq2seq"):
        with owned(lock, "storing"):
            thread.start()
            while "waiting until it is done" not in caplog.text:
                assert thread.is_alive()
            order.append("first")
        thread.join()
    assert order == ["first", "second"]
    assert f"process {os.getpid()} is storing in {tmp_path}" in caplog.text


def test_error_gives_the_lock_back(tmp_path):
    with pytest.raises(KeyError), owned(tmp_path / ".lock", "training"):
        raise KeyError
    with owned(tmp_path / ".lock", "training"):
        pass


def test_lock_that_its_owner_removed_is_made_anew(tmp_path):
    lock = tmp_path / ".lock"
    with owned(lock, "training"):
        lock.unlink()
        with owned(lock, "training"):
            assert lock.exists()


def test_file_system_without_locks_is_said(tmp_path, monkeypatch, caplog):
    def none(*arguments):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", none)
    with owned(tmp_path / ".lock", "training"):
        pass
    assert "cannot be locked (Operation not supported): see that no other process writes there" in caplog.text


def test_folder_that_may_not_be_written_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"cannot write .*\.lock: No such file or directory: look at its"):
        owned(tmp_path / "missing" / ".lock", "training").__enter__()
