"""Files that a command writes: looked at before its work begins, written whole at its end."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from seq2seq.errors import DataError
from seq2seq.files import write_atomically


def check_outputs(outputs: Mapping[str, str | None], inputs: Mapping[str, str | None]) -> None:
    """See, before the work begins, that every output can be written and overwrites nothing that is read.

    Args:
        outputs: the files that a command will write, by the name of the option; None where it is not given.
        inputs: the files and folders that it reads, likewise.

    Raises:
        DataError: an output lies in a folder that does not exist, may not be written, or is an input or another output.
    """
    taken = {name: path for name, path in inputs.items() if path}
    for name, path in outputs.items():
        if not path:
            continue
        _check_writable(name, path)
        for other, place in taken.items():
            if _is_same(path, place) or _belongs_to(path, place):
                raise DataError(f"{name} {path} would overwrite {other} {place}: choose another place")
        taken[name] = path


def _check_writable(name: str, path: str) -> None:
    target = Path(path)
    if path == "-":
        raise DataError(f"{name} - is not stdout here: write {name} /dev/stdout, or ./- for a file of that name")
    if target.is_dir():
        raise DataError(f"{name} {path} is a folder: give the name of a file in it")
    if target.exists() and not target.is_file():  # a device or a pipe
        return
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        raise DataError(f"{name} {path}: there is no folder {folder}: make it first")
    if not os.access(folder, os.W_OK | os.X_OK) or (target.exists() and not os.access(target, os.W_OK)):
        raise DataError(f"{name} {path} may not be written: check its permissions and those of {folder}")


def _is_same(one: str, other: str) -> bool:
    """Whether two names mean one file, through links as well; devices can be read and written."""
    if Path(one).exists() and not Path(one).is_file() and not Path(one).is_dir():
        return False
    return os.path.realpath(one) == os.path.realpath(other) or (
        Path(one).exists() and Path(other).exists() and Path(one).samefile(other)
    )


def _belongs_to(path: str, run: str) -> bool:
    """Whether a file would replace a part of a run that is read, or anything in a folder in it, such as its corpora.

    It may lie beside these parts, and replace what an earlier command wrote there.
    """
    from seq2seq.runs.folder import PARTS

    place, folder = Path(os.path.realpath(path)), Path(os.path.realpath(run))
    in_folder = place.exists() and place.is_relative_to(folder) and place.parent != folder
    return folder.is_dir() and (in_folder or any(place.is_relative_to(folder / part) for part in PARTS))


def check_folder(name: str, path: str, runs: Sequence[str]) -> None:
    """See, before the work begins, that a folder can be filled and is not a run that is read.

    Raises:
        DataError: it is a file, may not be written, or is a run or a part of one.
    """
    nearest = next(place for place in (Path(path), *Path(os.path.realpath(path)).parents) if place.exists())
    if not nearest.is_dir():
        raise DataError(f"{name} {path}: {nearest} is not a folder: choose another place")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise DataError(f"{name} {path} may not be written: check the permissions of {nearest}")
    for run in runs:
        if _is_same(path, run) or _belongs_to(path, run):
            raise DataError(f"{name} {path} belongs to the run {run}, which is only read: choose a folder of its own")


def cannot_be_replaced(path: str | Path) -> bool:
    """Whether this is a device, a pipe or our own stdout: what is written goes into it, from the beginning on."""
    target = Path(path)  # not resolved: behind /dev/stdout, a pipe has no name that could be opened
    return _is_stdout(path) or (target.exists() and not target.is_file() and not target.is_dir())


def _is_stdout(path: str | Path) -> bool:
    target = Path(path)
    return sys.stdout is not None and target.exists() and os.path.samestat(target.stat(), os.fstat(1))


def write_file(path: str, content: bytes) -> None:
    """Write a file that the user named, whole or not at all; into a device, a pipe or our own stdout, straight."""
    try:
        if _is_stdout(path):
            sys.stdout.flush()
            os.write(1, content)
        elif cannot_be_replaced(path):
            Path(path).write_bytes(content)
        else:
            write_atomically(Path(path).resolve(), content)
    except OSError as error:
        error.filename = path
        raise
