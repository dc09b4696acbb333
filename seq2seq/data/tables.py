"""Pairs of cells from tables: TSV, CSV, JSON Lines, Parquet, and hub data sets, streamed.

:mod:`seq2seq.data.corpus` checks what the cells hold. The loader of TSV and CSV that ``datasets`` has is left
aside: it reads the words null and NA as no text at all.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seq2seq.errors import DataError

Cells = Iterator[tuple[int, Any, Any]]  # line or row from 1, source, target: None where there is nothing
Rows = Iterator[tuple[int, list[str]]]

_BUFFER_BYTES = 1 << 20
_BATCH_ROWS = 1024


@dataclass(frozen=True)
class Columns:
    """Which two columns hold the text: as named, or else found by language codes or usual names."""

    source: str | None = None
    target: str | None = None
    source_language: str | None = None
    target_language: str | None = None

    def find(self, names: Sequence[str], table: str) -> tuple[str, str]:
        """The two among a table's columns.

        Raises:
            DataError: they are not there, or not named and not found.
        """
        found = self.usual(names) or (None, None)
        source, target = self.source or found[0], self.target or found[1]
        absent = [column for column in (self.source, self.target) if column and not _offered(column, names)]
        if source and target and not absent:
            return source, target
        problem = f"no column {' and no '.join(absent)}" if absent else "which columns hold the text is not clear"
        advice = 'set source_column and target_column (inside a struct: "translation.en")'
        raise DataError(f"{table}: {problem}; the columns are {', '.join(names)}: {advice}")

    def usual(self, names: Sequence[str]) -> tuple[str, str] | None:
        """The two that language codes or usual names tell, if there are."""
        source, target = self.source_language, self.target_language
        candidates = [("source", "target"), ("src", "tgt")]
        if source and target:
            candidates[:0] = [(f"translation.{source}", f"translation.{target}"), (source, target)]
        return next((pair for pair in candidates if all(_offered(column, names) for column in pair)), None)


def read_text_table(path: Path, lines: Iterator[str], columns: Columns) -> Cells:
    """The cells of a TSV, CSV or JSON Lines file, whose lines are given.

    Raises:
        DataError: an unknown extension, columns that are not there, or a line that is not JSON or CSV.
    """
    kind = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    readers: dict[str, Callable[[], Cells]] = {
        ".tsv": lambda: _row_cells(_tsv_rows(lines), str(path), columns),
        ".csv": lambda: _row_cells(_csv_rows(lines, str(path)), str(path), columns),
        ".jsonl": lambda: _json_cells(lines, str(path), columns),
        ".json": lambda: _json_cells(lines, str(path), columns),
    }
    if kind not in readers:
        known = f".parquet, or {', '.join(readers)} (also with .gz)"
        raise DataError(f"{path} has an unknown extension: a table is {known}; two text files are source and target")
    return readers[kind]()


def read_parquet(path: Path, columns: Columns) -> Cells:
    """The cells of a Parquet file.

    Raises:
        DataError: it is not Parquet, or the columns are not there.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path, buffer_size=_BUFFER_BYTES) as table:
            names = columns.find(_names(table.schema_arrow), str(path))
            whole = _whole(names, table.schema_arrow.names)
            batches = table.iter_batches(_BATCH_ROWS, columns=whole, use_threads=False)
            yield from _batch_cells((batch.to_pydict() for batch in batches), names)
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not sound Parquet ({error}): copy or download it again") from error


def read_hub(hub: str, configuration: str | None, split: str, revision: str | None, columns: Columns) -> Cells:
    """The cells of a Hugging Face data set, memory-mapped from its cache.

    Raises:
        DataError: it cannot be reached or read, or the columns are not there.
    """
    import datasets

    try:
        table = datasets.load_dataset(hub, configuration, split=split, revision=revision)
    except ConnectionError as error:
        advice = "is this machine offline, or HF_HUB_OFFLINE set? Download it where there is a network, or use path"
        raise DataError(f"the data set {hub} cannot be reached ({error}): {advice}") from error
    except Exception as error:  # whatever the loader of any data set may raise
        reason = f"{type(error).__name__}: {error}"
        advice = "check hub, configuration, split and revision"
        raise DataError(f"the data set {hub} cannot be read ({reason}): {advice}") from error
    names = columns.find(_names(table.features.arrow_schema), hub)
    yield from _batch_cells(table.select_columns(_whole(names, table.column_names)).iter(_BATCH_ROWS), names)


def _tsv_rows(lines: Iterator[str]) -> Rows:
    """No quoting: in a TSV a quote is text."""
    return ((number, line.split("\t")) for number, line in enumerate(lines, 1))


def _csv_rows(lines: Iterator[str], table: str) -> Rows:
    reader = csv.reader((line + "\n" for line in lines), strict=True)
    number = 1
    try:
        for row in reader:
            if row:
                yield number, row
            number = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{table}, line {number:,}: is not CSV ({error}): look for an unbalanced quote") from error


def _row_cells(rows: Rows, table: str, columns: Columns) -> Cells:
    first = next(rows, None)
    if first is None:
        return
    number, names = first
    given = (columns.source, columns.target)
    named = any(name and not name.isdecimal() for name in given)
    headed = named or columns.usual(names) is not None
    if named or (headed and given == (None, None)):
        source, target = (names.index(name) for name in columns.find(names, table))
    else:
        source, target = (int(name or place) for place, name in enumerate(given))
        if source == target:
            raise DataError(f"{table}: source and target are both column {source}: set the other column too")
    if not headed:
        yield number, _at(names, source), _at(names, target)
    for number, row in rows:
        yield number, _at(row, source), _at(row, target)


def _at(row: list[str], place: int) -> str | None:
    return row[place] if place < len(row) else None


def _json_cells(lines: Iterator[str], table: str, columns: Columns) -> Cells:
    names = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            advice = "write one JSON object a line (from an array: jq -c '.[]')"
            raise DataError(f"{table}, line {number:,}: is not JSON ({error}): {advice}") from error
        if not isinstance(row, dict):
            raise DataError(f"{table}, line {number:,}: is a {type(row).__name__}: write one JSON object a line")
        names = names or columns.find(_nested(row), table)
        yield number, _cell(row, names[0]), _cell(row, names[1])


def _batch_cells(batches: Iterable[Mapping[str, list[Any]]], names: tuple[str, str]) -> Cells:
    rows = (dict(zip(batch, values, strict=True)) for batch in batches for values in zip(*batch.values(), strict=True))
    for number, row in enumerate(rows, 1):
        yield number, _cell(row, names[0]), _cell(row, names[1])


def _nested(row: Mapping[str, Any]) -> list[str]:
    """The dotted names that a JSON object offers, two levels deep."""
    inner = {name: value if isinstance(value, dict) else {} for name, value in row.items()}
    return [name for outer in row for name in ([f"{outer}.{key}" for key in inner[outer]] or [outer])]


def _names(schema: Any) -> list[str]:
    """The dotted names that an Arrow schema offers, two levels deep."""
    return [leaf.name for field in schema for leaf in field.flatten()]


def _whole(names: Sequence[str], columns: Sequence[str]) -> list[str]:
    """The columns to read for the two names: a struct is read whole."""
    return list(dict.fromkeys(name if name in columns else name.split(".")[0] for name in names))


def _offered(column: str, names: Sequence[str]) -> bool:
    """Whether a table has a column; one of languages and their translations may have any language."""
    variable = {"translation.language", "translation.translation"} <= set(names)
    return column in names or (variable and column.startswith("translation."))


def _cell(row: Mapping[str, Any], column: str) -> Any:
    """What a column, dotted perhaps, holds in a row."""
    if column in row:
        return row[column]
    head, _, rest = column.partition(".")
    inner = row.get(head)
    if not rest or not isinstance(inner, Mapping):
        return None
    codes, texts = inner.get("language"), inner.get("translation")
    if isinstance(codes, list) and isinstance(texts, list):  # datasets' TranslationVariableLanguages
        return next((text for code, text in zip(codes, texts, strict=False) if code == rest), None)
    return _cell(inner, rest)
