r"""Parallel text from anywhere, as pairs that know where they came from.

Two text files, one table (TSV, CSV, JSON Lines, Parquet) or a hub data set; always streamed, so memory stays flat
however large the corpus. A line ends at ``\n`` alone: U+2028, NEL and form feeds are text, and stay inside it.
"""

import difflib
import gzip
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from seq2seq.config import Corpus
from seq2seq.data.tables import Cells, Columns, read_hub, read_parquet, read_text_table
from seq2seq.errors import ConfigError, DataError

_BLOCK_BYTES = 1 << 20
_HALF_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON can spell one, UTF-8 cannot
_GZIP_ERRORS = (EOFError, gzip.BadGzipFile, zlib.error)


class Pair(NamedTuple):
    """A sentence and its translation; ``line`` counts from 1 (in Parquet and hub data: the row)."""

    source: str
    target: str
    origin: str
    line: int


def read_pairs(corpus: Corpus, *, source_language: str | None, target_language: str | None) -> Iterator[Pair]:
    """Streams the pairs of a corpus, in its own order.

    Args:
        corpus: where the text lies.
        source_language: code that finds the column when none is named, such as "en".
        target_language: likewise.

    Returns:
        The pairs. Settings, file names and the lengths of text files are checked before the first.

    Raises:
        ConfigError: not exactly one of source+target, path and hub is given.
        DataError: text that is missing, misaligned, truncated or not UTF-8; at the latest when its line is reached.
    """
    _check_settings(corpus)
    columns = Columns(corpus.source_column, corpus.target_column, source_language, target_language)
    if corpus.hub is not None:
        origin = "/".join(part for part in (corpus.hub, corpus.configuration, corpus.split) if part)
        cells = read_hub(corpus.hub, corpus.configuration, corpus.split, corpus.revision, columns)
        return _pairs(cells, origin, "row")
    if corpus.path is not None:
        path = _existing(corpus.path)
        if path.suffix == ".parquet":
            return _pairs(read_parquet(path, columns), corpus.path, "row")
        return _pairs(read_text_table(path, _stream(path), columns), corpus.path, "line")
    source, target = str(corpus.source), str(corpus.target)
    _check_lengths(source, target)
    numbers = enumerate(zip(read_lines(source), read_lines(target), strict=True), 1)
    return (Pair(*texts, source, number) for number, texts in numbers)


def read_lines(path: str | Path) -> Iterator[str]:
    """Streams the lines of a UTF-8 text file, plain or .gz; an empty file has none.

    Raises:
        DataError: the file is missing (at once), or a line is not usable text (when it is reached).
    """
    return _stream(_existing(path))


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
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            wrong = f"byte 0x{error.object[error.start]:02x} at position {error.start + 1:,} is not UTF-8"
            advice = "convert the file, for instance: iconv -f WINDOWS-1252 -t UTF-8 (or -f UTF-16)"
            raise DataError(f"{name}, line {number:,}: {wrong}: {advice}") from error
        if "\0" in line:
            raise DataError(f"{name}, line {number:,}: holds a NUL character: look for binary data or UTF-16")
        yield line.removesuffix("\n").removesuffix("\r")


def _check_settings(corpus: Corpus) -> None:
    keys = ("source", "target", "path", "hub")
    given = [key for key in keys if getattr(corpus, key) is not None]
    if given not in (["source", "target"], ["path"], ["hub"]):
        received = " and ".join(given) or "none of them"
        raise ConfigError(f"a corpus is either source and target, or path, or hub: got {received}")
    if given != ["hub"] and (corpus.configuration or corpus.revision or corpus.split != "train"):
        raise ConfigError(f"configuration, split and revision belong to hub: got {' and '.join(given)}")
    if given == ["source", "target"] and (corpus.source_column or corpus.target_column):
        raise ConfigError("source_column and target_column belong to path or hub: got source and target")


def _existing(path: str | Path) -> Path:
    path = Path(path)
    if path.is_file():
        if not os.access(path, os.R_OK):
            raise DataError(f"{path} may not be read: check its permissions")
        return path
    if path.exists():
        raise DataError(f"{path} is not a file: give the name of one")
    if not path.parent.is_dir():
        raise DataError(f"{path} does not exist, nor does the folder {path.parent}: check the spelling")
    close = difflib.get_close_matches(path.name, [entry.name for entry in path.parent.iterdir()])
    advice = f"did you mean {' or '.join(close)}?" if close else f"check what is in {path.parent}"
    raise DataError(f"{path} does not exist: {advice}")


def _open(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _stream(path: Path) -> Iterator[str]:
    try:
        with _open(path) as stream:
            yield from decode_lines(stream, str(path))
    except _GZIP_ERRORS as error:
        raise _gzip_error(path) from error


def _gzip_error(path: Path) -> DataError:
    return DataError(f"{path} is truncated or not gzip: check it with gzip -t, and copy or download it again")


def _count_lines(path: Path) -> int:
    lines, block = 0, b"\n"
    try:
        with _open(path) as stream:
            while more := stream.read(_BLOCK_BYTES):
                block = more
                lines += block.count(b"\n")
    except _GZIP_ERRORS as error:
        raise _gzip_error(path) from error
    return lines + (not block.endswith(b"\n"))


def _check_lengths(source: str, target: str) -> None:
    lengths = [_count_lines(_existing(path)) for path in (source, target)]
    if lengths[0] != lengths[1]:
        counts = f"({lengths[0]:,} and {lengths[1]:,} lines)"
        raise DataError(f"{source} and {target} have different lengths {counts}: look for a missing last line")
    if lengths[0] == 0:
        raise DataError(f"{source} and {target} are empty: check how they were made")


def _pairs(cells: Cells, origin: str, unit: str) -> Iterator[Pair]:
    empty = True
    for number, source, target in cells:
        empty = False
        where = f"{origin}, {unit} {number:,}"
        yield Pair(_text(source, "source", where), _text(target, "target", where), origin, number)
    if empty:
        raise DataError(f"{origin} is empty: check how it was made")


def _text(value: Any, side: str, where: str) -> str:
    if not isinstance(value, str):
        received = "is missing or null" if value is None else f"is {type(value).__name__}, not text"
        raise DataError(f"{where}: the {side} {received}: mend or remove it, or name another {side}_column")
    if "\0" in value:
        raise DataError(f"{where}: the {side} holds a NUL character: look for binary data")
    if _HALF_SURROGATE.search(value):
        raise DataError(f"{where}: the {side} holds half of a surrogate pair: write it as UTF-8, or remove it")
    return value
