"""The manifest of a run: size and SHA-256 of the files that belong together.

    manifest.json  {"format": 1, "run": "0f3a...", "files": {"config.json": {"bytes": 2885, "sha256": "..."}, ...}}

A file's entry is written before the file gets its name: a file that is there and has no entry, or another one, was not
put there by seq2seq. `run` is drawn at random when the run begins; the run's checkpoints carry it too.
"""

import hashlib
import io
import json
import logging
from pathlib import Path
from typing import NamedTuple

from seq2seq.errors import CheckpointError, shown
from seq2seq.files import write_atomically
from seq2seq.runs.reading import JSON_BYTES, exists, expect, open_inside, parse_json, read_inside

NAME = "manifest.json"
NEXT = " (next)"  # behind the name of a file that is about to be replaced
_FORMAT = 1
_ADVICE = {
    "config.json": "put the old one back; settings of the search belong on the command line, such as --beam-size 5",
}
_TIED = (  # by the manifest
    "config.json",
    "about.json",
    "parent.json",
    "tokenizer/source.model",
    "tokenizer/target.model",
    "cleaning.json",
    "dev.json",
    "parent_dev.json",
    "transfer.json",
    "encoded/train.arrow",
    "shortlist.npz",
)
_log = logging.getLogger("seq2seq")
_noted: set[Path] = set()  # runs without a manifest of which a note was logged


class Entry(NamedTuple):
    """What is known of a file: its size in bytes and its SHA-256, in hexadecimal digits."""

    bytes: int
    sha256: str


class Manifest(NamedTuple):
    """What belongs together.

    Attributes:
        run: the run's name for its checkpoints; empty where the run is older than its manifest.
        files: size and digest of each file, by its path in the run.
    """

    run: str
    files: dict[str, Entry]

    def write(self, root: Path) -> None:
        """Put the manifest into a run."""
        files = {name: entry._asdict() for name, entry in self.files.items()}
        content = json.dumps({"format": _FORMAT, "run": self.run, "files": files}, indent=2)
        write_atomically(root / NAME, f"{content}\n".encode())


def read_manifest(root: Path) -> Manifest | None:
    """The manifest of a run; none in a run from before there were manifests, of which a note is logged.

    Raises:
        CheckpointError: the manifest is damaged, or of a newer seq2seq.
    """
    path = root / NAME
    if not path.exists() and not path.is_symlink():
        if root.resolve() not in _noted:
            _noted.add(root.resolve())
            _log.info("note: %s has no %s: whether its files belong together cannot be checked", root, NAME)
        return None
    values = parse_json(path, read_inside(path, root, JSON_BYTES))
    if values.get("format") != _FORMAT:
        raise CheckpointError(f"{path} has format {shown(values.get('format'))}, this reads {_FORMAT}: update seq2seq")
    expect(path, values, {"run": str, "files": dict})
    files = values.get("files") or {}
    for name, entry in files.items():
        if not isinstance(entry, dict) or {key: type(value) for key, value in entry.items()} != Entry.__annotations__:
            raise CheckpointError(f"{path} is damaged: the entry of {shown(name)} is not one: copy the run again")
    return Manifest(values.get("run") or "", {name: Entry(**entry) for name, entry in files.items()})


def entry_of(content: bytes | io.BufferedReader) -> Entry:
    """The entry of a file, from its bytes or from the open file."""
    if isinstance(content, bytes):
        return Entry(len(content), hashlib.sha256(content).hexdigest())
    digest = hashlib.file_digest(content, "sha256").hexdigest()
    return Entry(content.tell(), digest)


def check(root: Path, name: str, content: bytes | io.BufferedReader) -> None:
    """See that a file of a run is the one that the manifest knows; without a manifest, all are let through.

    Raises:
        CheckpointError: it is another one; says how it differs and what to do.
    """
    manifest = read_manifest(root)
    if manifest is None:
        return
    known = manifest.files.get(name)
    received = entry_of(content)
    if received in (known, manifest.files.get(f"{name}{NEXT}")):
        return
    advice = _ADVICE.get(name, f"copy the run again, with all its files, or put the old {name} back")
    if known is None:
        raise CheckpointError(f"{root / name} is not of this run: {NAME} does not list it: {advice}")
    differs = (
        "its SHA-256 differs" if received.bytes == known.bytes else f"{received.bytes:,} bytes, not {known.bytes:,}"
    )
    raise CheckpointError(
        f"{root / name} was changed, damaged or exchanged since {root} was made ({differs}; see {NAME}): {advice}"
    )


def read(root: Path, name: str, most: int = JSON_BYTES) -> bytes:
    """A file of a run, of `most` bytes, if it is the one that the manifest knows."""
    content = read_inside(root / name, root, most)
    check(root, name, content)
    return content


def record(root: Path, entries: dict[str, Entry]) -> None:
    """Put files into the manifest, before they get their names; of an old run, all that are there."""
    known = read_manifest(root)
    if known is None:
        known = Manifest("", {})
        for name in (name for name in _TIED if exists(root / name)):
            with open_inside(root / name, root) as file:
                known.files[name] = entry_of(file)
    known._replace(files=known.files | entries).write(root)
