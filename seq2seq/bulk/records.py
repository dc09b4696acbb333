"""What the outputs of a shard were made from, in a JSON file beside them.

    part-1.fr.json  {"format": 1, "seq2seq": "0.1.0", "work": {...}, "inputs": [{"name": ..., "bytes": ..., "sha256":
                    ...}], "outputs": [...], "results": {...}}

A shard is done if its record was made by the same work from the same inputs, and the outputs are still those that the
record knows. So whatever changes (a shard, the run, a setting, an output), the next call notices it.

A record is written when the outputs are complete, just before they get their names. So an output without a record that
lists its name was made by somebody else, and is never replaced.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seq2seq import __version__
from seq2seq.bulk.shards import Shard
from seq2seq.errors import DataError
from seq2seq.files import write_atomically

_FORMAT = 1
Record = dict[str, Any]


def entries_of(paths: Sequence[str], names: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Name, size in bytes and SHA-256 of some files.

    Args:
        paths: where the files are.
        names: the paths that they will have, where they do not have them yet.

    Raises:
        OSError: one cannot be read.
    """
    entries = []
    for path, name in zip(paths, names or paths, strict=True):
        with Path(path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            entries.append({"name": Path(name).name, "bytes": file.tell(), "sha256": digest})
    return entries


def record_of(work: Mapping[str, Any], inputs: Sequence[Any], outputs: Sequence[Any], results: Any) -> Record:
    """A record.

    Args:
        work: all that decides the outputs beside the inputs, as plain JSON.
        inputs, outputs: what `entries_of` says of the files read and written.
        results: what is said of the shard in the end, such as counts, as plain JSON.
    """
    made = {"format": _FORMAT, "seq2seq": __version__, "work": dict(work), "inputs": list(inputs)}
    return made | {"outputs": list(outputs), "results": results}


def holding_record(shard: Shard, work: Mapping[str, Any], inputs: Sequence[Any]) -> Record | None:
    """The record of a shard if it is done: if its outputs are what this work makes of these inputs."""
    record = _read(shard)
    if record is None:
        return None
    try:
        expected = record_of(work, inputs, entries_of(shard.outputs), record["results"])
    except OSError:  # an output is gone: the process was killed before it got its name, or somebody removed it
        return None
    same = all(record.get(key) == value for key, value in expected.items() if key != "seq2seq")
    return record if same else None


def refuse_to_replace(shard: Shard) -> None:
    """See that the places of a shard's outputs and record are free, or hold what was written there for this shard.

    Raises:
        DataError: there is a file of somebody else, or the record is damaged.
    """
    record = _read(shard)
    if record is None and os.path.lexists(shard.record):
        raise DataError(
            f"{shard.record} is no record of this program, or a damaged one, and would be replaced: move it away, with "
            f"{Path(shard.outputs[0]).name}, or choose another --output"
        )
    names = [entry["name"] for entry in record["outputs"]] if record else []
    for output in shard.outputs:
        if os.path.lexists(output) and Path(output).name not in names:
            raise DataError(
                f"{output} would be replaced, but nothing says that it was written here before (there is no record "
                f"{shard.record.name} that lists it): move it away, or choose another --output"
            )


def _read(shard: Shard) -> Record | None:
    """The record of a shard; nothing if there is none, or something else in its place."""
    try:
        record = json.loads(shard.record.read_bytes())
        named = all(isinstance(entry["name"], str) for entry in record["outputs"])
        return record if named and isinstance(record["results"], dict) else None
    except (OSError, ValueError, RecursionError, LookupError, TypeError):
        return None


def write_record(shard: Shard, record: Record) -> None:
    """Put a record where the outputs of its shard will be: it claims their names."""
    content = json.dumps(record, indent=2, ensure_ascii=False)
    # A file's name need not be UTF-8; what cannot be encoded is written as JSON writes it, such as \udcff.
    write_atomically(shard.record, f"{content}\n".encode(errors="backslashreplace"))
