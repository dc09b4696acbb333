"""The folder of a run: made where it is missing, refused where it holds something else, taken back after an error."""

import logging
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.files import write_atomically
from seq2seq.locking import owned
from seq2seq.runs import manifest
from seq2seq.runs.manifest import Manifest, entry_of, read_manifest
from seq2seq.runs.reading import exists

LOCK = ".lock"  # the file by which a process owns the run
PARTS = (
    "config.json",
    "about.json",
    "cleaning.json",
    "dev.json",
    "parent_dev.json",
    "metrics.jsonl",
    "tokenizer",
    "encoded",
    "shortlist.npz",
    "parent.json",
    "transfer.json",
    "decoders",
    "checkpoints",
    manifest.NAME,
)
_FIRST = ("about.json", "parent.json", "checkpoints", "encoded", manifest.NAME)  # what is made before config.json
_log = logging.getLogger("seq2seq")


def check_place(path: Path, parent: Path | None = None) -> None:
    """See that a new run can be made, and would not lie in another one.

    Args:
        path: the directory that the run would have.
        parent: the run that it would be fine-tuned from.

    Raises:
        ConfigError: the place is a file, may not be written, or belongs to another run.
    """
    place = Path(os.path.realpath(path))
    if parent and place == Path(os.path.realpath(parent)):
        raise ConfigError(f"{path} is the parent, which is only read: choose another place")
    inside = next((above for above in place.parents if (above / "config.json").is_file()), None)
    if inside and (inside / "about.json").is_file():
        raise ConfigError(f"{path} lies inside the run {inside}: choose another place")
    nearest = next(above for above in (place, *place.parents) if above.exists())
    if not nearest.is_dir():
        raise ConfigError(f"{path} cannot be made, for {nearest} is not a folder: choose another place")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise ConfigError(f"{path} may not be written: check the permissions of {nearest}")


def why_no_run(path: Path) -> str:
    """Why a path is no run, and what to give instead: the end of a message."""
    if not exists(path):
        return ": there is no such folder: give the folder of a run or an export, en-fr, or hub:owner/name"
    if not path.is_dir():
        return " but a file: give the folder of a run or an export"
    runs = sorted(inner.parent for inner in path.glob("*/config.json"))
    advice = f": did you mean {', '.join(map(str, runs[:3]))}?" if runs else ""
    return f" of seq2seq train: it has no config.json{advice}"


def make_folders(path: Path) -> list[Path]:
    """Make a folder and those above it; returns the ones that were not there, the outermost first."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


@contextmanager
def owned_folder(path: Path, doing: str, made: list[Path]) -> Iterator[None]:
    """Be the only process that writes into a run; the folder is made for it, and goes again if no run is begun.

    Args:
        path: the run's directory.
        doing: what this process does there.
        made: folders that this process made, to which those are added that are made now.

    Raises:
        CheckpointError: another process owns it.
    """
    try:
        made += make_folders(path)
    except OSError as error:
        raise CheckpointError(f"cannot make the run directory {path}: {error.strerror}") from error
    try:
        with owned(path / LOCK, doing):
            try:
                yield
            finally:
                if not exists(path / "config.json"):
                    take_back(path, [LOCK], [])
    finally:
        if not exists(path / "config.json"):
            take_back(path, [], made)


def refuse_other_files(path: Path, names: Sequence[str]) -> None:
    """See that a folder has no files that a run would overwrite, but for those of a run that was cut off as it began.

    Args:
        path: the folder, which holds no config.json.
        names: the names that files of a run have.

    Raises:
        CheckpointError: the folder has files that are not of a run.
    """
    taken = [name for name in names if (path / name).exists()]
    if taken and not _is_cut_off(path, taken):
        raise CheckpointError(f"{path} is not a run but has a {taken[0]} of its own: choose another --run")


def _is_cut_off(path: Path, taken: Sequence[str]) -> bool:
    """Whether a run began in a folder and was cut off before its settings were there: it has nothing to lose yet."""
    try:
        known = read_manifest(path) if manifest.NAME in taken else None
    except CheckpointError:
        return False
    empty = all((path / name).is_file() or not any((path / name).iterdir()) for name in taken if name in _FIRST)
    return known is not None and set(taken) <= set(_FIRST) and empty


def begin(path: Path, contents: Mapping[str, bytes]) -> None:
    """Write the first files of a run: the manifest, then what it lists, in this order."""
    for name in ("parent.json", "about.json"):  # of an attempt that was cut off
        (path / name).unlink(missing_ok=True)
    files = {name: entry_of(content) for name, content in contents.items()}
    Manifest(secrets.token_hex(8), files).write(path)
    for folder in ("checkpoints", "encoded"):
        (path / folder).mkdir(exist_ok=True)
    for name, content in contents.items():
        (path / name).parent.mkdir(exist_ok=True)
        write_atomically(path / name, content)


def make_ready(path: Path) -> None:
    """Prepare a run that was begun for more work: parts of files go, and an old run gets its manifest."""
    sweep(path, PARTS)
    (path / "encoded").mkdir(exist_ok=True)  # somebody may have removed it: what it holds is made again
    if not exists(path / manifest.NAME):
        manifest.record(path, {})


def sweep(path: Path, names: Sequence[str]) -> None:
    """Remove the parts of files that an earlier process was still writing when it ended."""
    parts = [path / f".{name}.part" for name in names]
    for folder in (path / "encoded", path / "decoders"):
        parts += folder.glob("*.part")
        parts += folder.glob(".*.part")
    for part in parts:
        _remove(part)


def take_back(path: Path, names: Sequence[str], made: Sequence[Path]) -> None:
    """Remove files of a run, and the folders that were made for it, as far as they are empty.

    What cannot be removed stays, with a warning: the error that led to this is the one to be seen.

    Args:
        path: the run's directory.
        names: the files and folders to remove from it.
        made: folders that were made, the outermost first.
    """
    for name in names:
        _remove(path / name)
    for folder in reversed(made):
        try:
            folder.rmdir()
        except OSError:  # it holds something else by now
            return


def _remove(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("warning: cannot remove %s: %s", path, error.strerror)
