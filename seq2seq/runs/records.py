"""What a run notes of itself, in about.json and parent.json: read, compared with the manifest, and looked at."""

import re
from pathlib import Path
from typing import Any

from seq2seq.errors import CheckpointError, cut, shown
from seq2seq.runs import manifest
from seq2seq.runs.checkpoint import FORMAT
from seq2seq.runs.reading import JSON_BYTES, expect, parse_json, read_inside

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def is_tag(language: Any) -> bool:
    """Whether a name can be a language's, which never leads to another folder."""
    return isinstance(language, str) and bool(_TAG.fullmatch(language))


def read_about(root: Path) -> dict[str, Any]:
    """What a run depends on: versions, backend, precision, hardware.

    Raises:
        CheckpointError: it is missing or damaged, or a newer seq2seq wrote it.
    """
    path = root / "about.json"
    about = parse_json(path, read_inside(path, root, JSON_BYTES))
    if about.get("format") != FORMAT:
        version = cut(f"{about.get('format')} (seq2seq {about.get('seq2seq')})")
        raise CheckpointError(f"{root} has format {version}, this reads {FORMAT}")
    manifest.read(root, "about.json")
    expect(path, about, {"seq2seq": str, "backend": str, "precision": str, "targets": list})
    for language in about.get("targets", []):
        if not is_tag(language):
            raise CheckpointError(f"{path} is damaged: targets has {shown(language)}, which is not a language tag")
    return about


def read_parent(root: Path) -> dict[str, Any]:
    """Where a fine-tuned run comes from: path, step, updates, settings.

    Raises:
        CheckpointError: it is missing or damaged.
    """
    path = root / "parent.json"
    parent = parse_json(path, manifest.read(root, "parent.json"))
    expect(path, parent, {"config": dict, "updates": int, "step": int, "path": str})
    missing = [key for key in ("config", "updates") if key not in parent]
    if missing:
        raise CheckpointError(f"{path} is damaged: it has no {missing[0]}: copy the file again")
    return parent
