"""Lines of stdin as they come."""

import gzip
import lzma
import os
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from seq2seq.errors import DataError
from seq2seq.standard_streams import ready_lines


class Stdin:
    """Stands in for sys.stdin: a pipe that a thread fills."""

    def __init__(self, content):
        self._read, self._write = os.pipe()
        self._thread = threading.Thread(target=self._fill, args=(content,))
        self._thread.start()

    def _fill(self, content):
        with os.fdopen(self._write, "wb") as file:
            file.write(content)

    def fileno(self):
        return self._read


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"a", ["a"]),
        (b"a\n", ["a"]),
        (b"\n\n", ["", ""]),
        (b"a\r\n\xff\nb", ["a", "", "b"]),
        (b"x" * 70_000 + b"\n" + b"y" * 140_000 + b"\nz", ["x" * 70_000, "y" * 140_000, "z"]),
    ],
    ids=["nothing", "no end", "a line", "empty lines", "not UTF-8", "over several blocks"],
)
def test_lines_keep_their_order_and_number(monkeypatch, content, lines):
    monkeypatch.setattr("sys.stdin", Stdin(content))
    assert [line for ready in ready_lines() for line in ready] == lines


def test_long_line_takes_no_more_time_than_its_length(monkeypatch):
    monkeypatch.setattr("sys.stdin", Stdin(b"a" * 50_000_000))
    begun = time.process_time()
    [[line]] = ready_lines()
    assert len(line) == 50_000_000
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(b"A cat.\n"), "stdin is compressed: decompress it, as in zcat FILE"),
        (lzma.compress(b"A cat.\n"), "stdin is compressed"),
        ("A cat.\nHe ran.\n".encode("utf-16"), "stdin is UTF-16: convert it"),
        (b"PK\x03\x04" + bytes(40), "stdin is a zip archive"),
    ],
    ids=["gzip", "xz", "UTF-16", "zip"],
)
def test_stdin_that_is_no_text_is_refused(monkeypatch, content, message):
    monkeypatch.setattr("sys.stdin", Stdin(content))
    with pytest.raises(DataError, match=message):
        list(ready_lines())


@pytest.mark.parametrize("text", ["<html>", "PAR1", "BZh", "\ufeff<?xml"])
def test_text_that_begins_like_another_kind_of_file_is_text(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", Stdin(text.encode()))
    assert list(ready_lines()) == [[text.removeprefix("\ufeff")]]


def test_stdin_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    descriptor = os.open(tmp_path, os.O_RDONLY)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(fileno=lambda: descriptor))
    with pytest.raises(DataError, match="stdin cannot be read: Is a directory: give it text"):
        list(ready_lines())
    os.close(descriptor)
