"""metrics.jsonl, what training measured: one JSON object a line, one line an epoch.

It has no digest in the manifest, for nothing that is computed depends on it: where training stands, and what was best
so far, is in the checkpoints. The log only tells; the form of each line is checked when it is read.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from seq2seq.errors import CheckpointError
from seq2seq.files import append_and_flush, write_atomically
from seq2seq.runs.reading import MEGABYTE, expect, parse_json, read_inside

_MOST = 256 * MEGABYTE
_NUMBER = (int, float)
_TYPES: dict[str, type | tuple[type, ...]] = {
    "epoch": int,
    "step": int,
    **dict.fromkeys(
        ("loss", "learning_rate", "tokens_per_second", "seconds", "dev_loss", "dev_perplexity", "dev_bleu"), _NUMBER
    ),
}


def read_log(path: Path, root: Path) -> list[dict[str, Any]]:
    """All lines of a log. A last line without an end is left out: a writer is at work, or a power cut stopped it.

    Args:
        path: the log's file.
        root: the run that it lies in.

    Raises:
        CheckpointError: a line is damaged; names it.
    """
    *lines, _ = read_inside(path, root, _MOST).split(b"\n")
    return [_record(path.with_name(f"{path.name}, line {number}"), line) for number, line in enumerate(lines, 1)]


def _record(place: Path, line: bytes) -> dict[str, Any]:
    record = parse_json(place, line)
    expect(place, record, _TYPES)
    if "epoch" not in record:
        raise CheckpointError(f"{place} is damaged: it has no epoch: copy the file again, or delete the line")
    return record


def add_to_log(path: Path, record: dict[str, Any]) -> None:
    """Write one more line, down to the disk."""
    append_and_flush(path, content_of([record]))


def content_of(records: Iterable[Mapping[str, Any]]) -> bytes:
    """The bytes of a log."""
    return "".join(f"{json.dumps(record)}\n" for record in records).encode()


def forget_after(path: Path, root: Path, epoch: int) -> None:
    """Drop what was measured after an epoch, and half a line at the end: it will be measured again."""
    if path.exists():
        records = [record for record in read_log(path, root) if record["epoch"] <= epoch]
        write_atomically(path, content_of(records))
