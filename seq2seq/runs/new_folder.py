"""A folder that is made in one step: it is filled beside its place, by one process, and moved when all is there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seq2seq.errors import CheckpointError
from seq2seq.files import move_into_place
from seq2seq.locking import owned
from seq2seq.runs.folder import LOCK, check_place, make_folders, take_back


def check_new(place: Path, option: str, parent: Path | None = None) -> None:
    """See that a folder can be made, that nothing is at its place, and that it would not lie in a run.

    Args:
        place: the folder to make.
        option: of the command line that names the place, for errors.
        parent: the run that is copied.

    Raises:
        CheckpointError: there is something at the place already.
        ConfigError: the place may not be written, or lies in a run.
    """
    check_place(place, parent)
    if os.path.lexists(place):  # also a link to nothing
        raise CheckpointError(f"{place} is there already: choose another {option}")


@contextmanager
def new_folder(place: Path, doing: str, option: str) -> Iterator[Path]:
    """Give a folder to fill, which is moved to its place at the end, and removed after an error.

    What an earlier attempt left that was cut off is removed first. A second process that wants to make the same folder
    at the same time is refused.

    Args:
        place: the folder to make.
        doing: what this process does, such as ``copying``, for the other one.
        option: of the command line that names the place, for errors.

    Raises:
        CheckpointError: another process is making the folder, or has made it.
    """
    part = place.with_name(f".{place.name}.part")
    above = make_folders(part.parent)
    part.mkdir(exist_ok=True)
    try:
        with owned(part / LOCK, doing):
            try:
                check_new(place, option)  # again: another process may have made it since
                _clear(part)
                yield part
                move_into_place(part, place)  # with the lock, so that nobody fills a part that is about to go
                (place / LOCK).unlink()
            except BaseException:
                shutil.rmtree(part, ignore_errors=True)
                raise
    finally:
        take_back(part.parent, [], above)


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name != LOCK:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
