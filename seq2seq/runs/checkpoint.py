"""Checkpoints: a folder of plain arrays and a JSON state, saved whole or not at all, checked when loaded.

last-00001200-0/  best-00000900-0/, each with arrays.npz, state.json and manifest.json
"""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seq2seq.errors import CheckpointError, cut, shown
from seq2seq.files import flush_folder, move_into_place, write_and_flush
from seq2seq.runs.arrays import Arrays as Arrays
from seq2seq.runs.arrays import pack, unpack
from seq2seq.runs.eight_bits import restored
from seq2seq.runs.manifest import entry_of
from seq2seq.runs.reading import JSON_BYTES, MEGABYTE, expect, parse_json, read_inside

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq

FORMAT = 1  # of a run directory and its checkpoints: a change that old ones do not survive raises it
_ARRAYS_BYTES = MEGABYTE * MEGABYTE  # a limit that no network reaches
_NOT_WEIGHTS = ("optimizer/", "seeds/", "metrics/")  # what else a checkpoint of training holds
_KINDS = {"f": "f", "i": "iu", "u": "iu", "b": "b"}  # of NumPy: which arrays a variable of a kind may be given


class Checkpoint(NamedTuple):
    """Arrays by name and a JSON dictionary, as they were saved at a step.

    Attributes:
        step: updates that were done.
        arrays: weights and other arrays, by name.
        state: what else is to be known.
        made_for: what the weights depend on, to be compared with the run that loads them; empty in old checkpoints.
    """

    step: int
    arrays: Arrays
    state: dict[str, Any]
    made_for: Mapping[str, Any] = MappingProxyType({})


def save_checkpoint(place: Path, kind: str, checkpoint: Checkpoint) -> None:
    """Store a checkpoint of a kind and forget the older ones of it.

    It is written beside, flushed to the disk, renamed, and only then is the one before deleted: at every moment a
    complete one is there.

    Args:
        place: the folder of all checkpoints of a run.
        kind: a name, such as ``last`` or ``best``.
        checkpoint: the arrays and facts to store.
    """
    again = [path for path in _kept(place, kind) if path.name.startswith(f"{kind}-{checkpoint.step:08d}-")]
    folder = place / f"{kind}-{checkpoint.step:08d}-{len(again) and _order(again[-1])[1] + 1}"
    part = place / f".{folder.name}.part"
    for unfinished in place.glob(f".{kind}-*.part"):
        shutil.rmtree(unfinished)
    part.mkdir(parents=True)
    files = {"arrays.npz": pack(checkpoint.arrays), "state.json": json.dumps(checkpoint.state).encode()}
    digests = {name: entry_of(content).sha256 for name, content in files.items()}
    manifest = {"format": FORMAT, "step": checkpoint.step, "sha256": digests, "made_for": dict(checkpoint.made_for)}
    files["manifest.json"] = json.dumps(manifest).encode()
    for name, content in files.items():
        write_and_flush(part / name, content)
    flush_folder(part)
    move_into_place(part, folder)
    for older in _kept(place, kind):
        if older != folder:
            shutil.rmtree(older)


def forget_checkpoints(place: Path, kind: str) -> None:
    """Remove all checkpoints of a kind."""
    for folder in _kept(place, kind):
        shutil.rmtree(folder)


def has_checkpoint(place: Path, kind: str) -> bool:
    """Whether there is a complete checkpoint of a kind."""
    return newest_checkpoint(place, kind) is not None


def newest_checkpoint(place: Path, kind: str) -> Path | None:
    """The folder of the newest complete checkpoint of a kind, if there is one."""
    # A listing can miss both of two checkpoints where the newer one replaces the older meanwhile: hence two looks.
    folders = _kept(place, kind) or _kept(place, kind)
    return folders[-1] if folders else None


def load_checkpoint(place: Path, kind: str) -> Checkpoint:
    """The newest complete checkpoint of a kind, of which there must be one.

    Another process may save at the same time, and delete what was the newest a moment ago: then its successor is read.

    Raises:
        CheckpointError: it is corrupt; says which file.
    """
    while True:
        folders = _kept(place, kind) or _kept(place, kind)
        if not folders:
            raise CheckpointError(f"{place} has no {kind!r} checkpoint: let seq2seq train run for longer")
        try:
            return _read(folders[-1], root=place.parent)
        except CheckpointError:
            if _kept(place, kind)[-1:] == folders[-1:]:
                raise


def _read(folder: Path, root: Path) -> Checkpoint:
    """A checkpoint from its folder, which lies in the run `root`."""
    path = folder / "manifest.json"
    try:
        manifest = parse_json(path, read_inside(path, root, JSON_BYTES))
        expect(path, manifest, {"step": int, "sha256": dict, "made_for": dict})
        made_for = manifest.get("made_for") or {}
        expect(path, made_for, {"run": str, "vocabularies": dict, "model": dict})
        contents = {
            name: read_inside(folder / name, root, most)
            for name, most in (("arrays.npz", _ARRAYS_BYTES), ("state.json", JSON_BYTES))
        }
        digests = {name: str(manifest["sha256"][name]) for name in contents}
        step = manifest["step"]
        known = manifest["format"] == FORMAT
    except (CheckpointError, ValueError, KeyError, TypeError) as error:
        reason = cut(f"{error}" if isinstance(error, CheckpointError) else f"{type(error).__name__}: {error}", 300)
        raise CheckpointError(f"checkpoint {folder} is incomplete or not one of seq2seq's: {reason}") from error
    if not known:
        raise CheckpointError(f"checkpoint {folder} has format {shown(manifest['format'])}, this reads {FORMAT}")
    for name, content in contents.items():
        if entry_of(content).sha256 != digests[name]:
            raise CheckpointError(
                f"checkpoint file {folder / name} is corrupt (its SHA-256 differs): delete {folder} and resume"
            )
    arrays = restored(folder / "arrays.npz", unpack(folder / "arrays.npz", contents["arrays.npz"]))
    state = parse_json(folder / "state.json", contents["state.json"])
    return Checkpoint(step, arrays, state, made_for)


def _kept(place: Path, kind: str) -> list[Path]:
    try:
        folders = [path for path in place.iterdir() if re.fullmatch(rf"{kind}-\d+-\d+", path.name)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CheckpointError(f"cannot look into {place}: {error.strerror}: see that you may read it") from error
    return sorted(folders, key=_order)


def _order(folder: Path) -> tuple[int, int]:
    """The step of a checkpoint, and which one of that step it is."""
    _, step, again = folder.name.split("-")
    return int(step), int(again)


def weights_of(model: "Seq2Seq") -> Arrays:
    """All weights by name, frozen ones too."""
    return {_name(variable): np.asarray(variable.value) for variable in model.weights}


def only_weights(arrays: Arrays, *, origin: str) -> Arrays:
    """The weights among the arrays of a checkpoint, as float32.

    Raises:
        CheckpointError: one is not made of finite real numbers; names it.
    """
    weights = {}
    for name, array in arrays.items():
        if name.startswith(_NOT_WEIGHTS):
            continue
        with np.errstate(over="ignore"):
            weights[name] = array.astype(np.float32, copy=False)
        if array.dtype.kind != "f" or not np.isfinite(weights[name]).all():
            raise CheckpointError(f"{origin}: weight {name} is not made of finite real numbers: use an older copy")
    return weights


def set_weights(model: "Seq2Seq", arrays: Arrays, *, origin: str) -> None:
    """Assign weights by name.

    Raises:
        CheckpointError: a weight is missing, has another shape, or is not made of finite real numbers; names it.
    """
    for variable in model.weights:
        assign(variable, _name(variable), arrays, origin=f"{origin}: weight")


def assign(variable: Any, name: str, arrays: Arrays, *, origin: str) -> None:
    """Assign one array to a variable.

    Raises:
        CheckpointError: it is missing or does not fit the variable's shape and kind of numbers, or one of its numbers
            is not finite; names it.
    """
    shape = tuple(variable.shape)
    wanted = np.dtype(variable.dtype)
    stored = arrays[name].shape if name in arrays else "nothing"
    if stored != shape:
        raise CheckpointError(f"{origin} {name} should have shape {shape}, found {stored}: other settings?")
    array = arrays[name]
    if array.dtype.kind not in _KINDS[wanted.kind]:
        raise CheckpointError(f"{origin} {name} should hold {wanted} numbers, found {array.dtype}: other settings?")
    with np.errstate(over="ignore"):
        if wanted.kind == "f" and not np.isfinite(array.astype(wanted, copy=False)).all():
            raise CheckpointError(f"{origin} {name} has numbers that are not finite: go back to an older copy")
    variable.assign(array)


def _name(variable: Any) -> str:
    return str(variable.path)
