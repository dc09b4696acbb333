"""Files that are whole or not there: written beside, flushed to the disk, renamed."""

import os
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file beside, flush it, and rename it: readers see the old file or the new one, never half of one."""
    part = path.with_name(f".{path.name}.part")
    try:
        write_and_flush(part, content)
        move_into_place(part, path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno:
            error.filename = str(path)  # a full disk names no file, and nobody knows the part
        raise


def write_and_flush(path: Path, content: bytes) -> None:
    """Write a file, down to the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def append_and_flush(path: Path, content: bytes) -> None:
    """Add to the end of a file, down to the disk."""
    with path.open("ab") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def flush_file(path: Path) -> None:
    """Bring a file that somebody else wrote down to the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def move_into_place(part: Path, path: Path) -> None:
    """Give a finished file or folder its name, and bring the name down to the disk."""
    part.replace(path)
    flush_folder(path.parent)


def flush_folder(path: Path) -> None:
    """Bring the names in a folder down to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def ensure_temporary_folder(place: Path) -> None:
    """Where the machine has no folder for temporary files, let libraries put theirs into one that is written anyway."""
    import tempfile  # here, so that --help does not wait for it

    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        tempfile.tempdir = str(place)
