"""What the training sources of a run look like, familiarity.npz, in a run whose training pairs are not there."""

from pathlib import Path

from seq2seq.data.familiarity import Familiarity
from seq2seq.errors import CheckpointError
from seq2seq.files import write_atomically
from seq2seq.runs import manifest
from seq2seq.runs.arrays import pack, unpack
from seq2seq.runs.reading import MEGABYTE, exists

_NAME = "familiarity.npz"
_LARGEST = 16 * MEGABYTE


def has_familiarity(root: Path) -> bool:
    """Whether the file is there."""
    return exists(root / _NAME)


def write_familiarity(root: Path, familiarity: Familiarity) -> None:
    """Put it into a run."""
    content = pack(familiarity.to_arrays())
    manifest.record(root, {_NAME: manifest.entry_of(content)})
    write_atomically(root / _NAME, content)


def read_familiarity(root: Path, source_pieces: int) -> Familiarity:
    """What the training sources looked like.

    Args:
        root: the run's directory.
        source_pieces: the size of the source vocabulary.

    Raises:
        CheckpointError: the file is damaged or another run's.
    """
    path = root / _NAME
    arrays = unpack(path, manifest.read(root, _NAME, _LARGEST))
    try:
        return Familiarity.from_arrays(arrays, source_pieces)
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"{path} does not tell what this run was trained on: {error}: copy it again") from error
