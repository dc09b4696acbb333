"""The short-list of a run, shortlist.npz: which target pieces a source piece can lead to."""

from pathlib import Path

from seq2seq.data.shortlist import Shortlist
from seq2seq.errors import CheckpointError
from seq2seq.files import write_atomically
from seq2seq.runs import manifest
from seq2seq.runs.arrays import pack, unpack
from seq2seq.runs.reading import MEGABYTE, exists

_NAME = "shortlist.npz"
_LARGEST = 64 * MEGABYTE


def write_shortlist(root: Path, shortlist: Shortlist) -> None:
    """Put a short-list into a run."""
    content = pack({"likeliest": shortlist.likeliest, "frequent": shortlist.frequent})
    manifest.record(root, {_NAME: manifest.entry_of(content)})
    write_atomically(root / _NAME, content)


def read_shortlist(root: Path, pieces: tuple[int, int]) -> Shortlist:
    """The short-list of a run.

    Args:
        root: the run's directory.
        pieces: sizes of the source and target vocabularies.

    Raises:
        CheckpointError: there is none, or it is damaged or another run's.
    """
    path = root / _NAME
    if not exists(path):
        raise CheckpointError(f"{root} has no {_NAME}: translate without a short-list, or train again")
    arrays = unpack(path, manifest.read(root, _NAME, _LARGEST))
    try:
        shortlist = Shortlist(arrays["likeliest"], arrays["frequent"])
        shortlist.check(*pieces)
    except KeyError as error:
        raise CheckpointError(f"{path} is not a short-list: it has no {error}") from error
    except ValueError as error:
        raise CheckpointError(f"{path} is not a short-list of this run: {error}: copy it again") from error
    return shortlist
