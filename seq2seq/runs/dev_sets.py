"""The dev sets that a run keeps as text, so that it can be resumed, and gone on from, where its corpora are not.

dev.json         {"pairs": [["A man sleeps.", "Un homme dort."], ...]}
parent_dev.json  the parent's, in a fine-tuned run that measures both
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seq2seq.errors import CheckpointError, shown
from seq2seq.files import write_atomically
from seq2seq.runs import manifest
from seq2seq.runs.reading import MEGABYTE, exists, parse_json

if TYPE_CHECKING:
    from seq2seq.data.corpus import Pair

DEV = "dev.json"
PARENT_DEV = "parent_dev.json"
_LARGEST = 1024 * MEGABYTE


def write_dev(root: Path, name: str, pairs: "Sequence[Pair]") -> None:
    """Keep a dev set in a run.

    Args:
        root: the run's directory.
        name: the file to write, `DEV` or `PARENT_DEV`.
        pairs: the dev set's pairs, already normalised.
    """
    content = json.dumps({"pairs": [(pair.source, pair.target) for pair in pairs]}, indent=1, ensure_ascii=False)
    encoded = f"{content}\n".encode()
    manifest.record(root, {name: manifest.entry_of(encoded)})
    write_atomically(root / name, encoded)


def read_dev(root: Path, name: str) -> "list[Pair] | None":
    """A dev set that a run keeps; none in a run of a version that kept none.

    Raises:
        CheckpointError: the file is damaged; says how.
    """
    from seq2seq.data.corpus import Pair  # here, since translating needs no corpora

    path = root / name
    if not exists(path):
        return None
    rows = parse_json(path, manifest.read(root, name, _LARGEST)).get("pairs")
    if not isinstance(rows, list):
        raise CheckpointError(f"{path} is damaged: pairs cannot be {shown(rows)}: copy the file again")
    for row in rows:
        if not (isinstance(row, list) and len(row) == 2 and all(isinstance(text, str) for text in row)):
            raise CheckpointError(f"{path} is damaged: {shown(row)} is not a pair of texts: copy the file again")
    return [Pair(source, target, str(path), number) for number, (source, target) in enumerate(rows, start=1)]
