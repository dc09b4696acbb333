"""What a run notes of itself, in about.json, parent.json and config.json: read, and compared with the manifest."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seq2seq.arguments import is_count
from seq2seq.errors import CheckpointError, ConfigError, cut, shown
from seq2seq.files import write_atomically
from seq2seq.runs import manifest
from seq2seq.runs.checkpoint import FORMAT
from seq2seq.runs.reading import JSON_BYTES, exists, expect, parse_json, read_inside
from seq2seq.settings.config import Config, parse_config

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def is_tag(language: Any) -> bool:
    """Whether a name can be a language's, which never leads to another folder."""
    return isinstance(language, str) and bool(_TAG.fullmatch(language))


def first_records(config: Config, about: Mapping[str, Any], parent: Mapping[str, Any] | None) -> dict[str, bytes]:
    """The contents of a run's first files by their names, in the order of writing: config.json is the last."""
    contents = {"about.json": json.dumps({"format": FORMAT, **about}, indent=2).encode()}
    if parent:
        contents["parent.json"] = (json.dumps(parent, indent=2) + "\n").encode()
    return contents | {"config.json": config.to_json().encode()}


def read_config(root: Path) -> Config:
    """The settings of a run.

    Raises:
        CheckpointError: they were changed or damaged, or are of a newer seq2seq.
    """
    path = root / "config.json"
    return settings_of(parse_json(path, manifest.read(root, path.name)), path)


def settings_of(values: Mapping[str, Any], path: Path) -> Config:
    """Settings that a file of a run holds.

    Raises:
        CheckpointError: the content is not settings.
    """
    try:
        return parse_config(values, origin=str(path))
    except ConfigError as error:
        raise CheckpointError(f"{error}: the run is damaged or of a newer seq2seq") from error


def write_config(root: Path, config: Config) -> None:
    """Replace the settings of a run.

    Until the new file has its name, the manifest knows both: a stop in between leaves a run that opens.
    """
    content = config.to_json().encode()
    entry = manifest.entry_of(content)
    manifest.record(root, {f"config.json{manifest.NEXT}": entry})
    write_atomically(root / "config.json", content)
    manifest.record(root, {"config.json": entry})


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
    expect(
        path,
        about,
        {"seq2seq": str, "backend": str, "precision": str, "targets": list, "weights": str, "training_text": dict},
    )
    if not all(map(is_count, about.get("training_text", {}).values())):
        raise CheckpointError(f"{path} is damaged: training_text holds something else than whole numbers")
    for language in about.get("targets", []):
        if not is_tag(language):
            raise CheckpointError(f"{path} is damaged: targets has {shown(language)}, which is not a language tag")
    return about


def read_parent(root: Path) -> dict[str, Any] | None:
    """Where a fine-tuned run comes from: path, step, updates, settings; none for a run trained from nothing.

    Raises:
        CheckpointError: it is damaged, or the manifest lists it and it is gone.
    """
    path = root / "parent.json"
    known = manifest.read_manifest(root)
    if not exists(path) and (known is None or "parent.json" not in known.files):
        return None
    parent = parse_json(path, manifest.read(root, "parent.json"))
    expect(path, parent, {"config": dict, "updates": int, "step": int, "path": str})
    missing = [key for key in ("config", "updates") if key not in parent]
    if missing:
        raise CheckpointError(f"{path} is damaged: it has no {missing[0]}: copy the file again")
    return parent
