"""Pairs of cells from Parquet files and hub data sets, streamed: types and sizes are looked at before the cells."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seq2seq.data.columns import Columns, with_names
from seq2seq.data.lines import Fault
from seq2seq.data.tables import Cells, cell, checked
from seq2seq.errors import DataError
from seq2seq.extras import require

_BUFFER_BYTES = 1 << 20  # read from a file at a time
_BATCH_ROWS = 1024  # of a table, decoded at a time
_BATCH_BYTES = 64 << 20  # of text: a batch with more is taken cell by cell
_CELL_BYTES = 1 << 20  # no sentence is longer
_GROUP_BYTES = 4 << 30  # of one column in one row group


def read_parquet(path: Path, columns: Columns) -> Cells:
    """The cells of a Parquet file.

    Raises:
        DataError: it is not Parquet, a column is not there or holds no text, or a row group is too large.
        MissingExtraError: pyarrow is not installed.
    """
    require(f"reading {path}", "pyarrow")
    import pyarrow.parquet

    with _sound(path):
        schema = pyarrow.parquet.read_schema(path)
    names = _find(schema, columns, str(path))
    return checked(_parquet_cells(path, names), columns, names, str(path))


def read_hub(hub: str, configuration: str | None, split: str, revision: str | None, columns: Columns) -> Cells:
    """The cells of a Hugging Face data set, memory-mapped from its cache.

    Raises:
        DataError: it cannot be reached or read, or a column is not there or holds no text.
        MissingExtraError: datasets is not installed.
    """
    require(f"reading the data set {hub}", "datasets")
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
    names = _find(table.features.arrow_schema, columns, hub)
    chosen = table.select_columns(_top(names, table.column_names)).with_format("arrow")
    batches = (batch.combine_chunks().to_batches()[0] for batch in chosen.iter(_BATCH_ROWS))
    return checked(_numbered(batches, names), columns, names, hub)


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        if isinstance(error, DataError):
            raise
        reason = str(error).split("\n")[0][:200]
        raise DataError(f"{path} is not sound Parquet ({reason}): copy or download it again") from error


def _parquet_cells(path: Path, names: tuple[str, str]) -> Cells:
    import pyarrow.parquet

    with _sound(path):
        schema = pyarrow.parquet.read_schema(path)
        # Kept as a dictionary, a long text that many rows share takes its memory once.
        texts = [name for name in names if name in _leaves(schema)]
        with pyarrow.parquet.ParquetFile(path, buffer_size=_BUFFER_BYTES, read_dictionary=texts) as table:
            top = _top(names, table.schema_arrow.names)
            _refuse_large_groups(path, table.metadata, top)
            yield from _numbered(table.iter_batches(_BATCH_ROWS, columns=top, use_threads=False), names)


def _refuse_large_groups(path: Path, metadata: Any, top: Sequence[str]) -> None:
    """A small file can expand to any size: the sizes are in its headers."""
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for index in range(group.num_columns):
            column = group.column(index)
            most = min(_GROUP_BYTES, _BATCH_BYTES + _CELL_BYTES * group.num_rows)
            if column.path_in_schema.split(".")[0] in top and column.total_uncompressed_size > most:
                size = f"{column.total_uncompressed_size / 2**20:,.0f} MB in {group.num_rows:,} rows"
                raise DataError(
                    f"{path}: row group {number} of column {column.path_in_schema} expands to {size}: write the file "
                    "anew, with smaller row groups"
                )


def _find(schema: Any, columns: Columns, table: str) -> tuple[str, str]:
    """The two columns of an Arrow schema; their types must be text."""
    leaves = _leaves(schema)
    source, target = with_names(columns, list(leaves)).find(list(leaves), table)
    for name in (source, target):
        kind = leaves.get(name)
        if kind is not None and not _is_text(kind):
            raise DataError(f"{table}: column {name} holds {str(kind)[:80]}, not text: name another column")
    return source, target


def _leaves(schema: Any) -> dict[str, Any]:
    """The types of a schema's columns by their dotted names, two levels deep."""
    return {leaf.name: leaf.type for field in schema for leaf in field.flatten()}


def _is_text(kind: Any) -> bool:
    import pyarrow.types as types

    if types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _numbered(batches: Iterator[Any], names: tuple[str, str]) -> Cells:
    number = 0
    for batch in batches:
        for pair in zip(*(_texts(batch, name) for name in names), strict=True):
            number += 1
            yield number, *pair


def _texts(batch: Any, name: str) -> Sequence[Any] | Iterator[Any]:
    """A column of a batch as Python strings; where they are very long, one at a time."""
    import pyarrow
    import pyarrow.compute

    head, _, rest = name.partition(".")
    array = batch.column(name if name in batch.schema.names else head)
    if name not in batch.schema.names:
        if not any(field.name == rest for field in array.type):  # languages and their translations, as lists
            return [cell({head: value}, name) for value in array.to_pylist()]
        array = pyarrow.compute.struct_field(array, rest)
    lengths = pyarrow.compute.binary_length(array.dictionary if _is_dictionary(array) else array.cast("large_string"))
    if _is_dictionary(array):
        lengths = lengths.take(array.indices)
    if (pyarrow.compute.sum(lengths).as_py() or 0) <= _BATCH_BYTES:
        texts: list[Any] = array.to_pylist()
        return texts
    long = Fault("over_long", f"is longer than {_CELL_BYTES:,} bytes: look for missing line ends")
    return (long if (length.as_py() or 0) > _CELL_BYTES else array[row].as_py() for row, length in enumerate(lengths))


def _is_dictionary(array: Any) -> bool:
    import pyarrow.types

    return bool(pyarrow.types.is_dictionary(array.type))


def _top(names: Sequence[str], columns: Sequence[str]) -> list[str]:
    """The columns to read for the two names: a struct is read whole."""
    return list(dict.fromkeys(name if name in columns else name.split(".")[0] for name in names))
