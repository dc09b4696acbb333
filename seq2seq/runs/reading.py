"""Reading the files of a run, which may come from a stranger: only regular files inside the run, and checked JSON."""

import io
import json
import os
import stat
from pathlib import Path
from typing import Any

from seq2seq.errors import CheckpointError, cut, shown

MEGABYTE = 1 << 20
JSON_BYTES = 16 * MEGABYTE  # the most that a JSON file of a run may have: the largest ones have some kilobytes
LARGEST_GRAPH = 2047 * MEGABYTE  # a file of the format ONNX cannot be larger


def exists(path: Path) -> bool:
    """Whether there is a file, folder or link.

    Raises:
        CheckpointError: this user may not look.
    """
    try:
        return path.is_symlink() or path.exists()
    except OSError as error:
        raise CheckpointError(f"cannot look at {path}: {error.strerror}: see that you may read the folder") from error


def open_inside(path: Path, root: Path) -> io.BufferedReader:
    """Open a regular file that lies inside a run.

    Args:
        path: the file to open.
        root: the run's directory, which may itself be a link.

    Raises:
        CheckpointError: the file cannot be read, is not a regular file, or a link leads out of the run.
    """
    try:
        true_path = true_place(path, root)
        # Opening a FIFO would wait for a writer for ever; without blocking, it can be looked at first.
        file = os.fdopen(os.open(true_path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb")
    except OSError as error:
        raise CheckpointError(
            f"cannot read {path}: {error.strerror}: copy the run again, and see that you may read it"
        ) from error
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise CheckpointError(f"{path} is not a regular file but a pipe or a device: remove it and copy the run again")
    return file


def true_place(path: Path, root: Path) -> Path:
    """Where a file or folder of a run really is, behind all links.

    Raises:
        CheckpointError: it is outside of the run.
        OSError: there is no such file or folder.
    """
    try:
        true_path = path.resolve(strict=True)
    except RuntimeError as error:  # Python 3.11 and 3.12 say so where links lead round in a circle
        raise CheckpointError(f"{path} is a link to itself: put the file itself into the run") from error
    if not true_path.is_relative_to(root.resolve()):
        raise CheckpointError(
            f"{path} is a link that leads out of the run, to {true_path}: put the file itself into the run"
        )
    return true_path


def read_inside(path: Path, root: Path, most: int) -> bytes:
    """The bytes of a regular file that lies inside a run, of which there may be `most`.

    Raises:
        CheckpointError: as `open_inside`, or the file is larger.
    """
    try:
        with open_inside(path, root) as file:
            size = os.fstat(file.fileno()).st_size
            if size > most:
                raise CheckpointError(
                    f"{path} has {size:,} bytes, expected {most:,} at most: it is not a file that seq2seq wrote"
                )
            return file.read()
    except OSError as error:
        raise CheckpointError(f"cannot read {path}: {error.strerror}: copy the run again") from error
    except MemoryError as error:
        raise CheckpointError(f"{path} is larger than the memory: it is not a file that seq2seq wrote") from error


def parse_json(path: Path, content: bytes) -> dict[str, Any]:
    """The JSON object that a file of a run holds.

    Raises:
        CheckpointError: it holds something else; names the file.
    """
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:  # of a number with thousands of digits, or of deep nesting
        raise CheckpointError(f"{path} is damaged: {cut(str(error))}: copy it again") from error
    if not isinstance(value, dict):
        raise CheckpointError(f"{path} is damaged: expected an object with keys, received {shown(value)}")
    return value


def expect(path: Path, values: dict[str, Any], types: dict[str, type | tuple[type, ...]]) -> None:
    """See that the keys of a JSON object which are there hold values of the right type.

    Raises:
        CheckpointError: one does not; names the file, the key and the value.
    """
    for key, allowed in types.items():
        value = values.get(key)
        if key in values and (not isinstance(value, allowed) or isinstance(value, bool)):
            raise CheckpointError(f"{path} is damaged: {key} cannot be {shown(value)}: copy the file again")
