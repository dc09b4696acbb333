"""Parallel text from anywhere, as pairs that know where they came from.

Two text files, one table (TSV, CSV, JSON Lines, Parquet) or a hub data set; always streamed, so memory stays flat
however large the corpus. A line or row that cannot be used is left out and counted; many of them are an error.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

from seq2seq.data.arrow_tables import read_hub, read_parquet
from seq2seq.data.columns import Columns
from seq2seq.data.lines import count_lines, existing, fault_of, first_bytes, loose_lines
from seq2seq.data.tables import Cells, read_text_table
from seq2seq.errors import ConfigError, DataError
from seq2seq.settings.config import Corpus

_SIDES = ("source", "target")
_FEW_ROWS = 100  # with fewer rows, a tenth would be a handful: chance decides
_BAD_SHARE = 0.1  # of many rows; of few rows, half
_MANY_BAD = 1000  # so many are judged before the end of the corpus


class Pair(NamedTuple):
    """A sentence and its translation; ``line`` counts from 1 (in Parquet and hub data: the row)."""

    source: str
    target: str
    origin: str
    line: int


def read_pairs(
    corpus: Corpus,
    *,
    source_language: str | None,
    target_language: str | None,
    drop: Callable[[str, str], None] = lambda reason, place: None,
) -> Iterator[Pair]:
    """Streams the pairs of a corpus, in its own order.

    Args:
        corpus: where the text lies.
        source_language: code that finds the column when none is named, such as "en".
        target_language: code that finds the target's column, such as "fr".
        drop: is told the reason and the place of each line or row that cannot be used.

    Returns:
        The pairs. Settings, files, columns and the lengths of text files are checked before the first.

    Raises:
        ConfigError: not exactly one of source+target, path and hub is given.
        DataError: text that is missing, misaligned or damaged, or of which more than a tenth cannot be used.
    """
    _check_settings(corpus)
    columns = Columns(corpus.source_column, corpus.target_column, source_language, target_language)
    if corpus.hub is not None:
        origin = "/".join(part for part in (corpus.hub, corpus.configuration, corpus.split) if part)
        cells = read_hub(corpus.hub, corpus.configuration, corpus.split, corpus.revision, columns)
        return _pairs(cells, (origin, origin), "row", drop)
    if corpus.path is not None:
        path = existing(corpus.path)
        names = (corpus.path, corpus.path)
        if path.suffix.lower() == ".parquet" or _is_parquet(path):
            return _pairs(read_parquet(path, columns), names, "row", drop)
        return _pairs(read_text_table(path, loose_lines(path), columns), names, "line", drop)
    paths = existing(str(corpus.source)), existing(str(corpus.target))
    _check_lengths(*paths)
    return _pairs(_aligned(*paths), (str(corpus.source), str(corpus.target)), "line", drop)


def check_files(corpora: Iterable[Corpus], settings: Path) -> None:
    """See that all files of some corpora are there, before anything else is done.

    Args:
        corpora: where the text lies.
        settings: the folder of the settings; relative paths are read from the current folder, not from there.

    Raises:
        DataError: a file is missing or cannot be read again and again; says so if it lies beside the settings.
    """
    for corpus in corpora:
        for name in (corpus.source, corpus.target, corpus.path):
            try:
                _ = existing(name) if name else None
            except DataError as error:
                if name and (settings / name).is_file() and not Path(name).exists():
                    advice = f"change to {settings.resolve()}, or write the full path"
                    where = "is beside the settings, but relative paths are read from the current folder"
                    raise DataError(f"{name} {where}, {Path.cwd()}: {advice}") from error
                raise


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


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return first_bytes(file).startswith(b"PAR1")


def _aligned(source: Path, target: Path) -> Cells:
    """The lines of two files side by side, however long they are by now."""
    sides = loose_lines(source), loose_lines(target)
    for number in count(1):
        lines = next(sides[0], None), next(sides[1], None)
        if lines == (None, None):
            return
        if None in lines:
            shorter = (source, target)[lines.index(None)]
            raise DataError(f"{shorter} ends before line {number:,}: has it been changed while it was read?")
        yield number, lines[0], lines[1]


def _check_lengths(source: Path, target: Path) -> None:
    lengths = count_lines(source), count_lines(target)
    if lengths == (0, 0):
        raise DataError(f"{source} and {target} are empty: check how they were made")
    check_same_lengths(source, target, lengths, (loose_lines(source), loose_lines(target)))


def check_same_lengths(
    first: str | Path, second: str | Path, lengths: tuple[int, int], texts: tuple[Iterator[object], Iterator[object]]
) -> None:
    """See that two files have as many lines as each other.

    Args:
        first, second: the paths of the two files.
        lengths: how many lines each has.
        texts: their lines, which are read only if the lengths differ.

    Raises:
        DataError: they have not; says which is longer and which of its lines are empty.
    """
    if lengths[0] == lengths[1]:
        return
    longer = int(lengths[1] > lengths[0])
    name = (first, second)[longer]
    extra = abs(lengths[0] - lengths[1])
    empty = [number for number, line in enumerate(texts[longer], 1) if isinstance(line, str) and not line.strip()]
    shown = ", ".join(f"{number:,}" for number in empty[:5]) + (", ..." if len(empty) > 5 else "")
    if not min(lengths):
        advice = "check how the empty one was made"
    elif empty:
        advice = f"its empty lines are {shown}: take out those too many"
    else:
        advice = "compare the last lines, and look for a line that was broken in two"
    counts = f"({lengths[0]:,} and {lengths[1]:,} lines)"
    raise DataError(f"{first} and {second} have different lengths {counts}: {name} has {extra:,} more; {advice}")


def _pairs(cells: Cells, names: tuple[str, str], unit: str, drop: Callable[[str, str], None]) -> Iterator[Pair]:
    """The pairs of which both sides are text; the others are dropped, up to a limit."""
    rows = bad = 0
    first = ""
    for number, source, target in cells:
        rows += 1
        fault = fault_of(source) or fault_of(target)
        if fault is None:
            yield Pair(source, target, names[0], number)
            continue
        bad += 1
        side = 0 if fault_of(source) else 1
        name = names[side]
        drop(fault.reason, f"{name}, {unit} {number:,}")
        # Of a table, the side says which column; a fault of the line itself has none.
        cell = names[0] == names[1] and (source, target)[side] is not fault
        first = first or f"{unit} {number:,}{f': the {_SIDES[side]}' if cell else ''} {fault.detail}"
        if bad == _MANY_BAD:
            _check_share(bad, rows, name, f"{unit}s", first)
    if not rows:
        raise DataError(f"{names[0]} is empty: check how it was made")
    _check_share(bad, rows, names[0], f"{unit}s", first)


def _check_share(bad: int, rows: int, name: str, units: str, first: str) -> None:
    """Many bad rows mean that the file is not what it was taken for."""
    if bad > rows * (_BAD_SHARE if rows >= _FEW_ROWS else 0.5):
        raise DataError(f"{name}: {bad:,} of {rows:,} {units} cannot be used; the first: {first}")
