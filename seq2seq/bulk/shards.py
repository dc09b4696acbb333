"""Which files are the shards of a corpus, and where the output of each will be."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from seq2seq.data.lines import existing
from seq2seq.errors import DataError

_COMPRESSED = (".gz", ".bz2", ".xz")  # endings that an output, which is not compressed, does not keep
RECORD = ".json"  # behind the name of a shard's first output: what the outputs were made from


class Shard(NamedTuple):
    """A part of a corpus that is worked on by itself.

    Attributes:
        inputs: the absolute paths of the files to read: one text, or a source and its translation.
        outputs: the absolute paths of the files to write, as many as there are inputs.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the first input, for messages."""
        return Path(self.inputs[0]).name

    @property
    def record(self) -> Path:
        """Where the record of the shard is."""
        return Path(f"{self.outputs[0]}{RECORD}")

    def bytes(self) -> int:
        """The size of the inputs on the disk; of a file that cannot be looked at, 0."""
        return sum(os.stat(path).st_size for path in self.inputs if os.path.exists(path))  # noqa: PTH110, PTH116


def shards_in(places: Sequence[str], folder: str, *sides: Sequence[str]) -> list[Shard]:
    """The shards of a corpus.

    Args:
        places: files, and folders whose files are meant, hidden ones left out, in the order of their names.
        folder: where the outputs will be.
        sides: files or folders that belong to the first ones, file by file, such as those of the translations.

    Raises:
        DataError: a file or folder is not there, or is a pipe; a folder is empty, two shards would have the same
            output, an output would replace an input, or one side has more files than the other.
    """
    files = [_files_of(side) for side in (places, *sides)]
    counts = [len(side) for side in files]
    if len(set(counts)) > 1:
        raise DataError(
            f"there are {counts[0]:,} sources and {counts[1]:,} targets: give as many files on both sides, in the same "
            "order"
        )
    target = Path(os.path.abspath(folder))  # noqa: PTH100
    shards = [
        Shard(tuple(map(str, inputs)), tuple(str(target / _output_name(path)) for path in inputs))
        for inputs in zip(*files, strict=True)
    ]
    _refuse_clashes(shards)
    return shards


def _files_of(places: Sequence[str]) -> list[Path]:
    files: list[Path] = []
    for place in places:
        path = Path(os.path.abspath(Path(place).expanduser()))  # noqa: PTH100
        if not path.is_dir():
            gone = path.is_symlink() and not path.exists()  # which is a fault of the shard alone
            if not gone and not path.is_file():
                existing(path)  # raises: there is none, and the nearest one is named, or it is a pipe or a device
            files.append(path)
            continue
        inside = sorted(entry for entry in path.iterdir() if not entry.name.startswith(".") and not entry.is_dir())
        if not inside:
            raise DataError(
                f"the folder {place} has no files: give the folder that holds the shards, or name the files"
            )
        files += inside
    return files


def _output_name(path: Path) -> str:
    return path.stem if path.suffix.lower() in _COMPRESSED else path.name


def _refuse_clashes(shards: Sequence[Shard]) -> None:
    """See that no output replaces an input, another output or a record."""
    taken: dict[str, str] = {}
    inputs = {os.path.realpath(path) for shard in shards for path in shard.inputs}
    for shard in shards:
        written = [*zip(shard.outputs, shard.inputs, strict=True), (str(shard.record), shard.inputs[0])]
        for output, path in written:
            if taken.get(output) == path:
                raise DataError(f"{path} is named twice: leave one out")
            if output in taken:
                raise DataError(
                    f"{taken[output]} and {path} would both be written to {output}: rename one, or choose another "
                    "--output for it"
                )
            if os.path.realpath(output) in inputs:
                raise DataError(f"--output would replace the input {output}: choose another folder")
            taken[output] = path
