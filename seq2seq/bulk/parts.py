"""The outputs of a shard while they are written: beside their places, under names that no other process uses."""

import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from seq2seq.files import flush_folder

_ENDING = ".part"
_PART = re.compile(r"\..+\.[0-9a-f]{8}\.part", re.DOTALL)


class Parts:
    """The outputs of a shard that are being written.

    Args:
        outputs: the paths that the files will have.
    """

    def __init__(self, outputs: Sequence[str]):
        token = secrets.token_hex(4)  # a process whose parent was killed may still write to a part of the same shard
        self._outputs = [Path(output) for output in outputs]
        self._paths = [path.with_name(f".{path.name}.{token}{_ENDING}") for path in self._outputs]
        self.files: list[IO[str]] = []

    def open(self) -> None:
        """Make the files, to write text to."""
        for path in self._paths:
            self.files.append(path.open("w", encoding="utf-8", newline="\n"))  # `remove` closes it

    def complete(self) -> list[str]:
        """Bring the files down to the disk and close them; their paths."""
        for file in self.files:
            file.flush()
            os.fsync(file.fileno())
            file.close()
        return [str(path) for path in self._paths]

    def put_into_place(self) -> None:
        """Give the files their names."""
        for path, output in zip(self._paths, self._outputs, strict=True):
            path.replace(output)
        flush_folder(self._outputs[0].parent)

    def remove(self) -> None:
        """Close the files and take away those that did not get their names."""
        for file in self.files:
            with suppress(OSError):  # what a full disk did not take; the file goes anyway
                file.close()
        for path in self._paths:
            path.unlink(missing_ok=True)

    def name_fault(self, error: OSError) -> None:
        """Let an error name the output: a full disk names no file, and nobody knows the part."""
        if error.errno and str(error.filename) in map(str, [*self._paths, None]):
            error.filename = str(self._outputs[0])


@contextmanager
def written(outputs: Sequence[str]) -> Iterator[Parts]:
    """Files to write text to, which the caller completes and puts into place.

    After an error they go. A process that is killed leaves them; `sweep` takes them away.

    Args:
        outputs: the paths that the files will have.
    """
    parts = Parts(outputs)
    try:
        parts.open()
        yield parts
    except OSError as error:
        parts.name_fault(error)
        raise
    finally:
        parts.remove()


def sweep(folder: Path) -> None:
    """Remove what killed processes left in a folder of outputs, which this process owns, and nothing else in it."""
    for part in folder.glob(f".*{_ENDING}"):
        if _PART.fullmatch(part.name) and not part.is_dir():
            part.unlink(missing_ok=True)
