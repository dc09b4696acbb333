"""What the outputs of a shard were made from, in a JSON file beside them, written last.

    part-1.fr.json  {"format": 1, "seq2seq": "0.1.0", "work": {...}, "inputs": [{"name": ..., "bytes": ..., "sha256":
                    ...}], "outputs": [...], "results": {...}}

A shard is done if its record was made by the same work from the same inputs, and the outputs are still those that the
record knows. So whatever changes (a shard, the run, a setting, an output), the next call notices it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seq2seq import __version__
from seq2seq.bulk.shards import Shard
from seq2seq.files import write_atomically

_FORMAT = 1
Record = dict[str, Any]


def entries_of(paths: Sequence[str]) -> list[dict[str, Any]]:
    """Name, size in bytes and SHA-256 of some files.

    Raises:
        OSError: one cannot be read.
    """
    entries = []
    for path in map(Path, paths):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            entries.append({"name": path.name, "bytes": file.tell(), "sha256": digest})
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
    try:
        record = json.loads(shard.record.read_bytes())
        if not isinstance(record, dict) or not isinstance(record.get("results"), dict):
            return None
        expected = record_of(work, inputs, entries_of(shard.outputs), record["results"])
    except (OSError, ValueError, RecursionError):  # no record, a damaged one, or an output that is gone
        return None
    same = all(record.get(key) == value for key, value in expected.items() if key != "seq2seq")
    return record if same else None


def write_record(shard: Shard, record: Record) -> None:
    """Put a record beside the outputs of its shard; it makes them count."""
    content = json.dumps(record, indent=2, ensure_ascii=False)
    # A file's name need not be UTF-8; what cannot be encoded is written as JSON writes it, such as \udcff.
    write_atomically(shard.record, f"{content}\n".encode(errors="backslashreplace"))
