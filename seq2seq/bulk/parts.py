"""The outputs of a shard while they are written: beside their places, under names that no other process uses."""

import os
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from seq2seq.files import flush_folder

_ENDING = ".part"
_PART = re.compile(r"\..+\.[0-9a-f]{8}\.part", re.DOTALL)


@contextmanager
def written(outputs: Iterable[str]) -> Iterator[Sequence[IO[str]]]:
    """Files to write text to, which get their names when all of them are complete and on the disk.

    After an error they go. A process that is killed leaves them; `sweep` takes them away.

    Args:
        outputs: the paths that the files will have.
    """
    token = secrets.token_hex(4)  # a process whose parent was killed may still write to a part of the same shard
    paths = [Path(output) for output in outputs]
    parts = [path.with_name(f".{path.name}.{token}{_ENDING}") for path in paths]
    try:
        with ExitStack() as stack:
            files = [stack.enter_context(part.open("w", encoding="utf-8", newline="\n")) for part in parts]
            yield files
            for file in files:
                file.flush()
                os.fsync(file.fileno())
        for part, path in zip(parts, paths, strict=True):
            part.replace(path)
    except BaseException as error:
        for part in parts:
            part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno and str(error.filename) in map(str, [*parts, None]):
            error.filename = str(paths[0])  # a full disk names no file, and nobody knows the part
        raise
    flush_folder(paths[0].parent)


def sweep(folder: Path) -> None:
    """Remove what killed processes left in a folder of outputs, which this process owns, and nothing else in it."""
    for part in folder.glob(f".*{_ENDING}"):
        if _PART.fullmatch(part.name) and not part.is_dir():
            part.unlink(missing_ok=True)
