"""Text into the commands and out of them: lines as they come, and streams that the caller closed."""

import codecs
import os
import selectors
import sys
from collections.abc import Iterator

from seq2seq.errors import DataError, Seq2SeqError

_STREAM_LINES = 4096  # translated together when they are all there already


def open_missing_streams() -> None:
    """Put a null device where the caller closed stdin, stdout or stderr.

    Otherwise a file that is opened later gets the number, and what is meant for the screen is written into it.
    `sys.stdin` and `sys.stdout` stay None, for `require_stdin` and `require_stdout`; without stderr, nothing is said.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def require_stdin() -> None:
    """Refuse to go on without text to read.

    Raises:
        DataError: the caller closed stdin.
    """
    if sys.stdin is None:
        raise DataError("stdin is closed: give it text, as in < sentences.txt")


def require_stdout() -> None:
    """Refuse to go on without a place for the results.

    Raises:
        Seq2SeqError: the caller closed stdout.
    """
    if sys.stdout is None:
        raise Seq2SeqError("stdout is closed: send the output somewhere, as in > out.txt")


def ready_lines() -> Iterator[list[str]]:
    """Lines of stdin, as many at a time as are there: one from a person, thousands from a file.

    A line that is not UTF-8 comes as an empty one, so that the output keeps its place.

    Raises:
        DataError: stdin is a folder, cannot be read, or begins like a compressed or binary file.
    """
    descriptor = sys.stdin.fileno()
    waiting = []
    is_checked = False
    parts: list[bytes] = []  # of a line whose end has not come; joined once, or a long line takes quadratic time
    with selectors.DefaultSelector() as selector:
        try:
            selector.register(descriptor, selectors.EVENT_READ)
        except PermissionError:  # a regular file: always ready
            selector = None  # type: ignore[assignment]
        while block := _read(descriptor):
            if not is_checked:
                is_checked = True
                block = _checked_beginning(block)
            parts.append(block)
            if b"\n" in block:
                *lines, rest = b"".join(parts).split(b"\n")
                waiting += [_decoded(line) for line in lines]
                parts = [rest]
            idle = selector is not None and not selector.select(timeout=0)
            if waiting and (idle or len(waiting) >= _STREAM_LINES):
                yield waiting
                waiting = []
    if any(parts):
        waiting.append(_decoded(b"".join(parts)))
    if waiting:
        yield waiting


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except OSError as error:
        raise DataError(f"stdin cannot be read: {error.strerror}: give it text, as in < sentences.txt") from error


def _checked_beginning(block: bytes) -> bytes:
    """The first bytes of stdin without a byte order mark; refused where they are those of a file that is not text.

    What can be typed, such as HTML, is let through: it is a sentence like any other.
    """
    if not (block[:512].isascii() and b"\0" not in block[:512]):
        from seq2seq.data.lines import refuse_other_kinds  # here, since plain text need not wait for it

        refuse_other_kinds(block[:512], "stdin", compressed="compressed: decompress it, as in zcat FILE | seq2seq")
    return block.removeprefix(codecs.BOM_UTF8)


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8").removesuffix("\r")
    except UnicodeDecodeError:
        return ""


def close_stdout() -> None:
    """Nobody reads any more: what is still buffered goes nowhere, so that leaving raises no second error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
