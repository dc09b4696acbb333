"""Pairs of cells from tables of text: TSV, CSV and JSON Lines, streamed.

:mod:`seq2seq.data.corpus` checks what the cells hold. The loader of TSV and CSV that ``datasets`` has is left
aside: it reads the words null and NA as no text at all.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from seq2seq.data.columns import Columns, clean_name, look, unnamed, with_names
from seq2seq.data.lines import Fault
from seq2seq.errors import DataError

Cells = Iterator[tuple[int, Any, Any]]  # line or row from 1, source, target: None where there is nothing
Lines = Iterator[str | Fault]
Rows = Iterator[tuple[int, list[str] | Fault]]

_SAMPLE_ROWS = 300  # looked at before the columns are believed
_RECORD_LINES = 64  # of a CSV record, at most: behind an unbalanced quote, the rest of the file would be one
_SUFFIXES = {".tsv": "tsv", ".tab": "tsv", ".csv": "csv", ".jsonl": "json", ".ndjson": "json", ".json": "json"}
_COMPRESSED = (".gz", ".bz2", ".xz")
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def read_text_table(path: Path, lines: Lines, columns: Columns) -> Cells:
    """The cells of a TSV, CSV or JSON Lines file, whose lines are given.

    Raises:
        DataError: an unknown kind of file, or columns that are not there, not clear, or hold no text.
    """
    lines = iter(lines)
    head = list(islice(lines, _SAMPLE_ROWS))
    first = next((line for line in head if isinstance(line, str) and line.strip()), "")
    kind = _kind(path, first)
    if kind is None:
        known = f".parquet, or {', '.join(_SUFFIXES)} (also compressed: {', '.join(_COMPRESSED)})"
        raise DataError(f"{path} has an unknown extension: a table is {known}; two text files are source and target")
    table = str(path)
    if len(head) == 1 and "\r" in first:
        raise DataError(f"{table}: its lines end in carriage returns alone: convert them, for instance: tr '\\r' '\\n'")
    excel = re.fullmatch("sep=(.)", first)  # a line by which some programs say what parts the cells
    if excel:
        head[head.index(first)] = ""
    lines = chain(head, lines)
    if kind == "json":
        return _looked_at(_json_rows(lines), columns, table)
    if kind == "tsv" and not _quoted(first):
        rows: Rows = _tsv_rows(lines)
    else:
        delimiter = excel[1] if excel else "\t" if kind == "tsv" else _delimiter(head, columns)
        rows = _csv_rows(lines, delimiter)
    return _row_cells(rows, table, columns)


def _kind(path: Path, first: str) -> str | None:
    """By the suffix in any case; where it says nothing, by the first line."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    while suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    known = _SUFFIXES.get(suffixes[-1]) if suffixes else None
    return known or ("json" if first.lstrip().startswith("{") else "tsv" if "\t" in first else None)


def _quoted(line: str) -> bool:
    """Whether each cell of a TSV's line is in quotes; otherwise a quote in a TSV is text."""
    cells = line.split("\t")
    return len(cells) > 1 and all(len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in cells)


def _delimiter(head: Sequence[str | Fault], columns: Columns) -> str:
    """What parts the cells of a CSV: what makes the first row a header, or else what parts all rows alike."""
    regular = []
    for delimiter in _DELIMITERS:
        rows = [row for _, row in _csv_rows(iter(head), delimiter) if isinstance(row, list)]
        if rows and len(rows[0]) > 1 and columns.is_header(rows[0]):
            return delimiter
        widths = Counter(map(len, rows)).most_common(1)
        if widths and widths[0][0] > 1 and 10 * widths[0][1] >= 9 * len(rows):
            regular.append(delimiter)
    return regular[0] if regular else ","


def _tsv_rows(lines: Lines) -> Rows:
    """No quoting: in a TSV a quote is text."""
    return ((n, line if isinstance(line, Fault) else line.split("\t")) for n, line in enumerate(lines, 1) if line)


def _csv_rows(lines: Lines, delimiter: str) -> Rows:
    """Records of one line or, where a quote stays open, of several; an unbalanced quote costs its own line only."""
    numbered = enumerate(lines, 1)
    waiting = list[tuple[int, str | Fault]]()
    while waiting or (waiting := list(islice(numbered, 1))):
        number, line = waiting.pop(0)
        if not line:
            continue
        row = _csv_record(line, delimiter)
        used = 0
        record = line if isinstance(line, str) else ""
        while row is None and used < _RECORD_LINES:
            if len(waiting) == used:
                waiting += islice(numbered, 1)
            if len(waiting) == used or isinstance(waiting[used][1], Fault):
                break
            record += f"\n{waiting[used][1]}"
            used += 1
            row = _csv_record(record, delimiter) if record.count('"') % 2 == 0 else None
        if isinstance(row, list):
            del waiting[:used]
        yield number, row or Fault("not_csv", "is not CSV: look for an unbalanced quote")


def _csv_record(record: str | Fault, delimiter: str) -> list[str] | Fault | None:
    """The cells of a record; None where a quote stays open."""
    if isinstance(record, Fault):
        return record
    try:
        return next(csv.reader([f"{record}\n"], delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            return None
        if "field limit" in str(error):
            return Fault("over_long", f"has a cell of over {csv.field_size_limit():,} characters: look for a quote")
        return Fault("not_csv", f"is not CSV ({str(error).partition(' - ')[0]}): look for an unbalanced quote")


def _row_cells(rows: Rows, table: str, columns: Columns) -> Cells:
    head = list(islice(rows, _SAMPLE_ROWS))
    sound = [row for _, row in head if isinstance(row, list)]
    if not sound:
        return _faults(head, rows)
    names = [clean_name(cell) for cell in sound[0]]
    columns = with_names(columns, names)
    headed = columns.is_header(names) and not _recurs(sound)
    width = len(names) if headed else Counter(map(len, sound)).most_common(1)[0][0]
    usual = [row for row in sound if len(row) == width]
    places = _places(columns, names if headed else [], usual, table)
    header = sound[0] if headed else None  # files that were put together have it again inside
    cells = ((number, *_at(row, places, width)) for number, row in chain(head, rows) if row != header)
    shown = [names[place] if headed else str(place) for place in places]
    return checked(cells, columns, (shown[0], shown[1]), table)


def _recurs(rows: Sequence[list[str]]) -> bool:
    """Whether a cell of the first row stands in most of the others too: language codes, not names of columns."""
    return any(
        2 * sum(place < len(row) and row[place] == cell for row in rows[1:]) > len(rows) - 1 > 0
        for place, cell in enumerate(rows[0])
        if cell
    )


def _faults(head: Sequence[tuple[int, Any]], rows: Rows) -> Cells:
    return ((number, fault, fault) for number, fault in chain(head, rows))


def _places(columns: Columns, header: Sequence[str], rows: Sequence[list[str]], table: str) -> tuple[int, int]:
    """Where the two columns stand in a row, by the header (which may be empty) or by their numbers."""
    given = [name for name in (columns.source, columns.target) if name is not None]
    numbers = [name for name in given if name.isdecimal() and name not in header]
    if len(numbers) < len(given) or (header and len(numbers) < 2):
        names = list(header or rows[0])
        chosen = _numbers_named(columns, names, table).find(names, table)
        return names.index(chosen[0]), names.index(chosen[1])
    filled = [place for place in range(len(rows[0])) if any(row[place] for row in rows)]
    if len(filled) < 2:
        parts = " or ".join(_DELIMITERS.values())
        raise DataError(
            f"{table}: has one column only: check what parts the cells ({parts}); the first row is {str(rows[0])[:200]}"
        )
    if len(numbers) < 2 and len(filled) > 2:
        raise unnamed(rows[0], table)
    source = int(columns.source) if columns.source is not None else filled[0]
    target = int(columns.target) if columns.target is not None else filled[1]
    if source == target:
        raise DataError(f"{table}: source and target are both column {source}: set the other column too")
    if max(source, target) >= len(rows[0]):
        raise _no_column(max(source, target), rows[0], table)
    return source, target


def _numbers_named(columns: Columns, names: Sequence[str], table: str) -> Columns:
    """The same columns, by the names that the header gives to those with a number."""
    given = [columns.source, columns.target]
    for side, name in enumerate(given):
        if name is not None and name.isdecimal() and name not in names:
            if int(name) >= len(names):
                raise _no_column(int(name), names, table)
            given[side] = names[int(name)]
    return replace(columns, source=given[0], target=given[1])


def _no_column(number: int, row: Sequence[str], table: str) -> DataError:
    return DataError(f"{table}: no column {number}: a row has {len(row)} columns, and the first is number 0")


def _at(row: list[str] | Fault, places: tuple[int, int], width: int) -> tuple[Any, Any]:
    """The two cells of a row; a row with more or fewer cells than usual may have them in other places."""
    if isinstance(row, Fault):
        return row, row
    while len(row) > width and not row[-1]:
        row = row[:-1]
    if len(row) != width:
        fault = Fault("cells", f"has {len(row)} cells where the others have {width}: look for a missing quote or a tab")
        return fault, fault
    return row[places[0]], row[places[1]]


def _json_rows(lines: Lines) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    advice = "write one JSON object a line (from an array: jq -c '.[]')"
    for number, line in enumerate(lines, 1):
        if isinstance(line, Fault):
            yield number, line
            continue
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, Fault("not_json", f"is not JSON ({error}): {advice}")
            continue
        yield number, row if isinstance(row, dict) else Fault("not_json", f"is a {type(row).__name__}: {advice}")


def _looked_at(rows: Iterator[tuple[int, dict[str, Any] | Fault]], columns: Columns, table: str) -> Cells:
    """The cells of objects, whose names are found in the first of them."""
    head = list(islice(rows, _SAMPLE_ROWS))
    objects = [row for _, row in head if isinstance(row, dict)]
    if not objects:
        return _faults(head, rows)  # type: ignore[arg-type]
    names = list(dict.fromkeys(name for row in objects for name in _nested(row)))
    columns = with_names(columns, names)
    source, target = columns.find(names, table)
    cells = (
        (number, row, row) if isinstance(row, Fault) else (number, cell(row, source), cell(row, target))
        for number, row in chain(head, rows)
    )
    return checked(cells, columns, (source, target), table)


def checked(cells: Cells, columns: Columns, names: tuple[str, str], table: str) -> Cells:
    """The same cells, after a look at the first ones: whether they hold text at all."""
    head = list(islice(cells, _SAMPLE_ROWS))
    look(columns, names, [(source, target) for _, source, target in head], table)
    return chain(head, cells)


def _nested(row: Mapping[str, Any]) -> list[str]:
    """The dotted names that a JSON object offers, two levels deep."""
    inner = {name: value if isinstance(value, dict) else {} for name, value in row.items()}
    return [name for outer in row for name in ([f"{outer}.{key}" for key in inner[outer]] or [outer])]


def cell(row: Mapping[str, Any], column: str) -> Any:
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
    return cell(inner, rest)
