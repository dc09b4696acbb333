"""Lines of stdin as they come."""

import os
import threading
import time

import pytest

from seq2seq.streams import ready_lines


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
