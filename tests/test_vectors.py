"""A NumPy file that grows: the same bytes as numpy's own, whole or not there."""

import errno
import io
import os
import resource
import signal
import threading
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from seq2seq.vectors import VectorFile


def names(folder):
    return sorted(path.name for path in folder.iterdir())


ROWS = np.random.default_rng(0).normal(size=(12, 5)).astype(np.float32)


@pytest.mark.parametrize("parts", [[0, 12], [0, 5, 5, 12], [0]])
def test_file_is_what_numpy_would_write(tmp_path, parts):
    path = tmp_path / "v.npy"
    with VectorFile(path, 5) as file:
        for start, stop in pairwise(parts):
            file.append(ROWS[start:stop])
    np.save(tmp_path / "expected.npy", ROWS[: parts[-1]])
    assert path.read_bytes() == (tmp_path / "expected.npy").read_bytes()
    assert names(tmp_path) == ["expected.npy", "v.npy"]


def test_interruption_leaves_what_was_there(tmp_path):
    path = tmp_path / "v.npy"
    path.write_bytes(b"older")

    def interrupted():
        with VectorFile(path, 5) as file:
            file.append(ROWS)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"older"
    assert names(tmp_path) == ["v.npy"]


def test_full_disk_names_the_file_and_leaves_nothing(tmp_path):
    def fill():
        with VectorFile(tmp_path / "v.npy", 5) as file:
            for _ in range(100):
                file.append(ROWS)

    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(OSError, match=r"File too large: .*v\.npy"):
            fill()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert names(tmp_path) == []


@pytest.mark.parametrize("failing", ["open", "fsync", "replace"])
def test_any_error_names_the_file_as_it_was_given(tmp_path, monkeypatch, failing):
    def fail(*arguments, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr({"open": Path, "fsync": os, "replace": Path}[failing], failing, fail)
    with pytest.raises(OSError, match=r"No space left on device: 'link/v.npy'"), VectorFile("link/v.npy", 5) as file:
        file.append(ROWS)
    monkeypatch.undo()
    assert names(tmp_path / "folder") == []


def test_pipe_gets_all_rows_at_the_end(tmp_path):
    path, read = tmp_path / "pipe", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: read.append(np.load(io.BytesIO(path.read_bytes()))))
    with VectorFile(path, 5) as file:
        file.append(ROWS)
        reader.start()
    reader.join(timeout=20)
    np.testing.assert_array_equal(read[0], ROWS)


def test_pipe_without_a_name_gets_them_too():
    """As behind /dev/stdout and >(...)."""
    read, write = os.pipe()
    with VectorFile(f"/dev/fd/{write}", 5) as file:
        file.append(ROWS)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        np.testing.assert_array_equal(np.load(io.BytesIO(stream.read())), ROWS)
