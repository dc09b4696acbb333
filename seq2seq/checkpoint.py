"""Checkpoints: a folder of plain arrays and a JSON state, saved whole or not at all, checked when loaded.

last-00001200-0/  best-00000900-0/, each with arrays.npz, state.json and manifest.json
"""

import hashlib
import io
import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seq2seq.errors import CheckpointError
from seq2seq.files import flush_folder, write_and_flush

FORMAT = 1  # of a run directory and its checkpoints: a change that old ones do not survive raises it
Arrays = dict[str, np.ndarray]


class Checkpoint(NamedTuple):
    """Arrays by name and a JSON dictionary, as they were saved at a step."""

    step: int
    arrays: Arrays
    state: dict[str, Any]


def save_checkpoint(place: Path, kind: str, checkpoint: Checkpoint) -> None:
    """Store a checkpoint of a kind and forget the older ones of it.

    It is written beside, flushed to the disk, renamed, and only then is the one before deleted: at every moment a
    complete one is there.

    Args:
        place: the folder of all checkpoints of a run.
        kind: a name, such as ``last`` or ``best``.
        checkpoint: what to store.
    """
    again = [path for path in _kept(place, kind) if path.name.startswith(f"{kind}-{checkpoint.step:08d}-")]
    folder = place / f"{kind}-{checkpoint.step:08d}-{len(again) and _order(again[-1])[1] + 1}"
    part = place / f".{folder.name}.part"
    for unfinished in place.glob(f".{kind}-*.part"):
        shutil.rmtree(unfinished)
    part.mkdir(parents=True)
    files = {"arrays.npz": pack(checkpoint.arrays), "state.json": json.dumps(checkpoint.state).encode()}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    files["manifest.json"] = json.dumps({"format": FORMAT, "step": checkpoint.step, "sha256": digests}).encode()
    for name, content in files.items():
        write_and_flush(part / name, content)
    flush_folder(part)
    part.rename(folder)
    flush_folder(place)
    for older in _kept(place, kind):
        if older != folder:
            shutil.rmtree(older)


def has_checkpoint(place: Path, kind: str) -> bool:
    """Whether there is a complete checkpoint of a kind."""
    return bool(_kept(place, kind))


def load_checkpoint(place: Path, kind: str) -> Checkpoint:
    """The newest complete checkpoint of a kind, of which there must be one.

    Raises:
        CheckpointError: it is corrupt; says which file.
    """
    folder = _kept(place, kind)[-1]
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        contents = {name: (folder / name).read_bytes() for name in ("arrays.npz", "state.json")}
        digests = {name: str(manifest["sha256"][name]) for name in contents}
        step, known = int(manifest["step"]), manifest["format"] == FORMAT
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise CheckpointError(f"checkpoint {folder} is incomplete or not one of seq2seq's: {reason}") from error
    if not known:
        raise CheckpointError(f"checkpoint {folder} has format {manifest['format']}, this reads {FORMAT}")
    for name, content in contents.items():
        if hashlib.sha256(content).hexdigest() != digests[name]:
            raise CheckpointError(
                f"checkpoint file {folder / name} is corrupt (its SHA-256 differs): delete {folder} and resume"
            )
    arrays = unpack(folder / "arrays.npz", contents["arrays.npz"])
    return Checkpoint(step, arrays, json.loads(contents["state.json"]))


def _kept(place: Path, kind: str) -> list[Path]:
    folders = (path for path in place.glob(f"{kind}-*") if re.fullmatch(rf"{kind}-\d+-\d+", path.name))
    return sorted(folders, key=_order)


def _order(folder: Path) -> tuple[int, int]:
    """The step of a checkpoint, and which one of that step it is."""
    _, step, again = folder.name.split("-")
    return int(step), int(again)


def weights_of(model: Any) -> Arrays:
    """All weights by name, frozen ones too."""
    return {_name(variable): np.asarray(variable.value) for variable in model.weights}


def set_weights(model: Any, arrays: Arrays, *, origin: str) -> None:
    """Assign weights by name.

    Raises:
        CheckpointError: a weight is missing or has another shape; names it with both shapes.
    """
    for variable in model.weights:
        name = _name(variable)
        found = arrays[name].shape if name in arrays else "nothing"
        if found != tuple(variable.shape):
            raise CheckpointError(
                f"{origin}: weight {name} should have shape {tuple(variable.shape)}, found {found}: other settings?"
            )
        variable.assign(arrays[name])


def _name(variable: Any) -> str:
    return str(variable.path)


def pack(arrays: Arrays) -> bytes:
    """Arrays by name as the bytes of an ``.npz`` file."""
    stream = io.BytesIO()
    renamed: dict[str, Any] = {name.replace("/", "|"): array for name, array in arrays.items()}
    np.savez(stream, **renamed)
    return stream.getvalue()


def unpack(path: Path, content: bytes) -> Arrays:
    """Arrays by name from the bytes of a file.

    Raises:
        CheckpointError: it holds anything but plain arrays; says which file.
    """
    try:
        stored = np.load(io.BytesIO(content), allow_pickle=False)
        return {name.replace("|", "/"): stored[name] for name in stored.files}
    except (ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"checkpoint file {path} does not hold plain arrays: {error}") from error
