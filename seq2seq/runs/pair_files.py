"""The training pairs of a run as token ids, encoded/train.arrow, and what was counted while they were made."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq.extras import require
from seq2seq.files import move_into_place, write_atomically
from seq2seq.runs import manifest
from seq2seq.runs.reading import open_inside

if TYPE_CHECKING:
    from seq2seq.data.encoded import EncodedPairs

_NAME = "encoded/train.arrow"


def write_pairs(root: Path, encoded: Path, reports: Mapping[str, Mapping[str, Any]]) -> None:
    """Make a file of encoded pairs a run's training pairs, and keep what was counted on the way.

    Args:
        root: the run's directory.
        encoded: the file, in the run's folder `encoded`; it is renamed.
        reports: what was counted, by the name of the JSON file to keep it in.
    """
    contents = {name: (json.dumps(report, indent=2) + "\n").encode() for name, report in reports.items()}
    for name, content in contents.items():
        write_atomically(root / name, content)
    with open_inside(encoded, root) as file:
        entries = {_NAME: manifest.entry_of(file)}
    manifest.record(root, entries | {name: manifest.entry_of(content) for name, content in contents.items()})
    move_into_place(encoded, root / _NAME)


def read_pairs(root: Path, pieces: tuple[int, int], limits: tuple[int, int]) -> "EncodedPairs":
    """The training pairs of a run.

    Args:
        root: the run's directory.
        pieces: sizes of the source and target vocabularies.
        limits: the most tokens that a source and a target have.

    Raises:
        CheckpointError: they are missing, damaged, or those of another run.
        MissingExtraError: pyarrow, which reads them, is not installed.
    """
    require("reading training pairs", "pyarrow")
    from seq2seq.data.encoded import EncodedPairs  # here, since translating does without pyarrow

    path = root / _NAME
    with open_inside(path, root) as file:
        manifest.check(root, _NAME, file)
    pairs = EncodedPairs(path)
    pairs.check(pieces, limits)
    return pairs
