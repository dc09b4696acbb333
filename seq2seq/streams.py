"""Text into the commands and out of them: lines as they come, files that belong together, files written whole."""

import os
import selectors
import sys
from collections.abc import Iterator
from pathlib import Path

from seq2seq.files import write_atomically

_STREAM_LINES = 4096  # translated together when they are all there already


def ready_lines() -> Iterator[list[str]]:
    """Lines of stdin, as many at a time as are there: one from a person, thousands from a file.

    A line that is not UTF-8 comes as an empty one, so that the output keeps its place.
    """
    descriptor, rest, waiting = sys.stdin.fileno(), b"", []
    with selectors.DefaultSelector() as selector:
        try:
            selector.register(descriptor, selectors.EVENT_READ)
        except PermissionError:  # a regular file: always ready
            selector = None  # type: ignore[assignment]
        while block := os.read(descriptor, 1 << 16):
            *lines, rest = (rest + block).split(b"\n")
            waiting += [_decoded(line) for line in lines]
            idle = selector is not None and not selector.select(timeout=0)
            if waiting and (idle or len(waiting) >= _STREAM_LINES):
                yield waiting
                waiting = []
    if rest:
        waiting.append(_decoded(rest))
    if waiting:
        yield waiting


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8").removesuffix("\r")
    except UnicodeDecodeError:
        return ""


def read_parallel(first: str, second: str) -> tuple[list[str], list[str]]:
    """The lines of two files that belong together."""
    from seq2seq.data.corpus import check_same_lengths  # here, so that --help does not wait for it
    from seq2seq.data.lines import read_lines

    lines = list(read_lines(first)), list(read_lines(second))
    check_same_lengths(first, second, (len(lines[0]), len(lines[1])), (iter(lines[0]), iter(lines[1])))
    return lines


def write_file(path: str, content: bytes) -> None:
    """Write a file that the user named, whole or not at all; into a device or a pipe, straight."""
    target = Path(path).resolve()
    if target.exists() and not target.is_file() and not target.is_dir():
        target.write_bytes(content)
    else:
        write_atomically(target, content)


def close_stdout() -> None:
    """Nobody reads any more: what is still buffered goes nowhere, so that leaving raises no second error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
