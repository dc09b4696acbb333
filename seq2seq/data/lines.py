r"""Text files as lines: opened by what their first bytes say, whatever their names, and decoded.

A line ends at ``\n`` alone: U+2028, NEL and form feeds are text, and stay inside it.
"""

import bz2
import difflib
import gzip
import lzma
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from seq2seq.errors import DataError

_BLOCK_BYTES = 1 << 20  # read at a time where lines are only counted
_MOST_BYTES = 16 << 20  # of a line: no sentence is as long, but a damaged or hostile file may hold such a line
_MOST_CHARACTERS = 1 << 20  # of a sentence
_HALF_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON can spell one, UTF-8 cannot; bad bytes are decoded to some

_COMPRESSIONS: tuple[tuple[bytes, Callable[[IO[bytes]], Any]], ...] = (
    (b"\x1f\x8b", lambda file: gzip.GzipFile(fileobj=file)),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ\x00", lzma.LZMAFile),
)
_UTF_16 = "UTF-16: convert it to UTF-8, for instance: iconv -f UTF-16 -t UTF-8"
_GIVE_TEXT = "give plain text in UTF-8, one sentence a line"
_OTHER_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"\x28\xb5\x2f\xfd", "compressed with zstd, which is not read here: decompress it (zstd -d)"),
    (b"\x04\x22\x4d\x18", "compressed with lz4, which is not read here: decompress it (lz4 -d)"),
    (b"\x1f\x9d", "compressed with compress, which is not read here: decompress it (gzip -d)"),
    (b"PK\x03\x04", "a zip archive or an Office document: unpack it (unzip), or save the table as CSV in UTF-8"),
    (b"PK\x05\x06", "an empty zip archive: check how it was made"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it (7z x)"),
    (b"Rar!", "a rar archive: unpack it (unrar x)"),
    (b"\xd0\xcf\x11\xe0", "an old Office document: save the table as CSV in UTF-8"),
    (b"\xff\xfe\x00\x00", "UTF-32: convert it to UTF-8, for instance: iconv -f UTF-32 -t UTF-8"),
    (b"\x00\x00\xfe\xff", "UTF-32: convert it to UTF-8, for instance: iconv -f UTF-32 -t UTF-8"),
    (b"\xff\xfe", _UTF_16),
    (b"\xfe\xff", _UTF_16),
    (b"PAR1", "Parquet, a table: name it as path, without source and target"),
    (b"ARROW1", "an Arrow file: save the table as Parquet, or as JSON Lines"),
    (b"\x89PNG\r\n", f"a picture: {_GIVE_TEXT}"),
    (b"\xff\xd8\xff", f"a picture: {_GIVE_TEXT}"),
    (b"GIF8", f"a picture: {_GIVE_TEXT}"),
    (b"\x93NUMPY", f"an array of NumPy, such as encode writes: {_GIVE_TEXT}"),
    (b"%PDF-", "a PDF document: text must come as plain UTF-8, one sentence a line"),
    (b"{\\rtf", "an RTF document: save it as plain text in UTF-8"),
    (b"SQLite format 3\x00", "an SQLite database: save the table as TSV or CSV"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file itself: fetch it (git lfs pull)"),
    (b"<!DOCTYPE html", "a web page: download the file that it speaks of"),
    (b"<!doctype html", "a web page: download the file that it speaks of"),
    (b"<html", "a web page: download the file that it speaks of"),
    (b"<?xml", "XML, such as TMX: convert it to two text files or to a table (TSV, CSV)"),
)


class Fault(NamedTuple):
    """Why a line or a cell cannot be used: a short name to count by, and what is wrong and what to do."""

    reason: str
    detail: str


def existing(path: str | Path, *, read_once: bool = False) -> Path:
    """The path of a file that can be read; ``~`` is the home folder.

    Args:
        path: as the user named it.
        read_once: a pipe will do.

    Raises:
        DataError: there is no such file, or it cannot be read; names the nearest one.
    """
    if "://" in str(path):
        raise DataError(f"{str(path)[:200]} is an address: download the file, and give its path")
    try:
        path = Path(path).expanduser()
        return _existing(path, read_once)
    except (OSError, RuntimeError) as error:  # a folder that may not be looked into, a name that is too long, ~nobody
        raise DataError(f"{str(path)[:200]} cannot be read ({error}): check the path and its permissions") from error


def _existing(path: Path, read_once: bool) -> Path:
    if path.is_file():
        if not os.access(path, os.R_OK):
            raise DataError(f"{path} may not be read: check its permissions")
        return path
    if path.is_fifo() or path == Path("/dev/stdin"):
        if read_once:
            return path
        advice = "write the text to a file, and name that"
        raise DataError(f"{path} is a pipe, which can be read only once, and this text is read again: {advice}")
    if path.exists():
        raise DataError(f"{path} is not a file: give the name of one")
    if path.is_symlink():
        raise DataError(f"{path} is a link to {path.readlink()}, which does not exist: mend the link, or remove it")
    if not path.parent.is_dir():
        raise DataError(f"{path} does not exist, nor does the folder {path.parent}: check the spelling")
    close = difflib.get_close_matches(path.name, [entry.name for entry in path.parent.iterdir()])
    advice = f"did you mean {' or '.join(close)}?" if close else f"check what is in {path.parent}"
    raise DataError(f"{path} does not exist: {advice}")


@contextmanager
def open_text(path: Path) -> Iterator[IO[bytes]]:
    """A file to read in, decompressed if it is compressed with gzip, bzip2 or xz.

    Raises:
        DataError: it is of a kind that is not text, or its compression is damaged; says what to do.
    """
    with path.open("rb") as file:
        try:
            stream: Any = file
            opener = next((opener for magic, opener in _COMPRESSIONS if first_bytes(file).startswith(magic)), None)
            if opener:
                stream = opener(file)
            refuse_other_kinds(first_bytes(stream), path)
            yield stream
        except (EOFError, zlib.error, lzma.LZMAError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:  # the disk's, not the compression's
                raise
            advice = "check it (gzip -t, bzip2 -t or xz -t), and copy or download it again"
            raise DataError(f"{path} is compressed, and truncated or damaged ({error}): {advice}") from error


def first_bytes(stream: Any) -> bytes:
    """The beginning of a stream, which stays there to be read; of a pipe, what there is at once."""
    head: bytes = stream.peek(512)[:512]
    return head


def refuse_other_kinds(head: bytes, path: Path | str, compressed: str = "compressed twice: decompress it once") -> None:
    """See that the first bytes of a file, decompressed if it was compressed, are not those of another kind.

    Args:
        head: the first bytes, 512 at most.
        path: what to call the file.
        compressed: what is wrong and what to do if they are those of a compressed file.

    Raises:
        DataError: the file is of such a kind; says what to do.
    """
    for magic, kind in _OTHER_KINDS:
        if head.startswith(magic):
            raise DataError(f"{path} is {kind}")
    if any(head.startswith(magic) for magic, _ in _COMPRESSIONS):
        raise DataError(f"{path} is {compressed}")
    if head[257:262] == b"ustar":
        raise DataError(f"{path} is a tar archive: unpack it (tar -xf)")
    half = len(head) // 2
    zeros = sorted((head[::2].count(0), head[1::2].count(0)))
    if half > 8 and zeros[1] > half // 2 and zeros[0] <= zeros[1] // 4:
        raise DataError(f"{path} is {_UTF_16}")
    if sum(zeros) > max(3, len(head) // 16):  # a stray one is a fault of its line
        raise DataError(f"{path} is no text, for its first bytes are not: {_GIVE_TEXT}")


def read_lines(path: str | Path) -> Iterator[str]:
    """Streams the lines of a UTF-8 text file or pipe, plain or compressed (gzip, bzip2, xz); an empty one has none.

    Raises:
        DataError: the file is missing (at once), or a line is not usable text (when it is reached).
    """
    return _strict_lines(existing(path, read_once=True), str(path))


def _strict_lines(path: Path, name: str) -> Iterator[str]:
    with open_text(path) as stream:
        yield from decode_lines(stream, name)


def decode_lines(stream: Iterable[bytes], name: str) -> Iterator[str]:
    r"""Decodes UTF-8 lines: drops a byte order mark, the line feed and a carriage return before it.

    Args:
        stream: lines as bytes, such as a binary file or ``sys.stdin.buffer``.
        name: what to call the stream in messages.

    Raises:
        DataError: bytes that are not UTF-8, or a NUL.

    >>> list(decode_lines([b"\xef\xbb\xbfun chat\r\n", b"deux\x0c chats\n"], "chats.fr"))
    ['un chat', 'deux\x0c chats']
    """
    for number, raw in enumerate(stream, 1):
        line = _decoded(raw, number)
        fault = fault_of(line)
        if fault:
            raise DataError(f"{name}, line {number:,}: {fault.detail}")
        yield line


def loose_lines(path: Path) -> Iterator[str | Fault]:
    """Streams the lines of a file, bad ones too: `fault_of` tells what is wrong with a line."""
    with open_text(path) as stream:
        number = 0
        while raw := stream.readline(_MOST_BYTES + 1):
            number += 1
            if len(raw) <= _MOST_BYTES or raw.endswith(b"\n"):
                yield _decoded(raw, number)
            else:
                while raw and not raw.endswith(b"\n"):
                    raw = stream.readline(_MOST_BYTES)
                yield Fault("over_long", f"is longer than {_MOST_BYTES:,} bytes: look for missing line ends")


def _decoded(raw: bytes, number: int) -> str:
    """Bytes that are not UTF-8 become half surrogates, which `fault_of` finds in whatever cell they end up."""
    line = raw.decode("utf-8-sig" if number == 1 else "utf-8", "surrogateescape")
    return line.removesuffix("\n").removesuffix("\r")


def fault_of(value: Any) -> Fault | None:
    """Why a line or a cell of a table cannot be used as text, if it cannot."""
    if isinstance(value, Fault):
        return value
    if value is None:
        return Fault("missing", "is missing or null: mend or remove it, or name another column")
    if not isinstance(value, str):
        return Fault("not_text", f"is {type(value).__name__}, not text: mend or remove it, or name another column")
    if len(value) > _MOST_CHARACTERS:
        return Fault("over_long", f"has {len(value):,} characters: look for missing line ends")
    if "\0" in value:
        return Fault("nul", "holds a NUL character: look for binary data or UTF-16")
    half = None if value.isascii() else _HALF_SURROGATE.search(value)
    if not half:
        return None
    if "\udc80" <= half[0] <= "\udcff":
        position = len(value[: half.start()].encode("utf-8", "surrogatepass")) + 1
        wrong = f"byte 0x{ord(half[0]) - 0xDC00:02x} at position {position:,} is not UTF-8"
        return Fault("not_utf8", f"{wrong}: convert the file, for instance: iconv -f WINDOWS-1252 -t UTF-8")
    return Fault("half_surrogate", "holds half of a surrogate pair: write it as UTF-8, or remove it")


def count_lines(path: Path) -> int:
    """How many lines a file has; a last one without a line feed counts."""
    lines = 0
    block = b"\n"
    with open_text(path) as stream:
        while more := stream.read(_BLOCK_BYTES):
            block = more
            lines += block.count(b"\n")
    return lines + (not block.endswith(b"\n"))
