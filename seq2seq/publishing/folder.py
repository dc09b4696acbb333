"""The folder that is pushed to a hub: a copy of a run or an export without any text, and its model card."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from seq2seq.files import write_atomically
from seq2seq.publishing.card import Evidence, card
from seq2seq.runs.copies import write_copy
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.eight_bits import rounded
from seq2seq.runs.hub_names import is_part_of_a_run
from seq2seq.runs.new_folder import check_new, new_folder
from seq2seq.runs.reading import MEGABYTE, read_inside, true_place
from seq2seq.runs.shipped import find_run
from seq2seq.runs.trained import is_small

_CARD = "README.md"


def write_folder(run: str | Path, place: Path, repository: str, evidence: Evidence) -> Path:
    """Write what is to be pushed: weights, settings, vocabularies and a model card, and no sentence of the text.

    Args:
        run: a run or an export; it is only read.
        place: the folder to make.
        repository: where it will be, as ``owner/name``.
        evidence: what the card says beside what the run knows.

    Returns:
        the folder.

    Raises:
        CheckpointError: the run cannot be opened, or there is something at the place already.
        ConfigError: the place may not be written, or lies in a run.
        DataError: the evidence cannot be read.
    """
    origin = find_run(run)
    text = card(origin, repository, evidence)
    if origin.is_export():
        _copy_export(origin, place)
    else:
        write_copy(run, place, "folder", {"weights": "int8" if is_small(origin) else "float32"}, _weights, public=True)
    for path in _licences(origin):
        write_atomically(place / path.name, read_inside(path, origin.path, MEGABYTE))
    write_atomically(place / _CARD, text.encode())
    return place


def _weights(origin: RunDirectory, copy: RunDirectory) -> None:
    """Those that translate; of a small run in eight bits again, which changes none."""
    checkpoint = origin.best()
    arrays = rounded(checkpoint.arrays) if origin.about().get("weights") == "int8" else checkpoint.arrays
    copy.save("best", checkpoint._replace(arrays=arrays))


def _copy_export(origin: RunDirectory, place: Path) -> None:
    """The files of an export as they are, but its README, which becomes GRAPHS.md."""
    origin.config()  # or an error that says what is wrong
    check_new(place, "folder", origin.path)
    with new_folder(place, "copying", "folder") as part:
        for path in sorted(origin.path.rglob("*")):
            name = path.relative_to(origin.path).as_posix()
            if path.is_file() and is_part_of_a_run(name):
                target = part / ("GRAPHS.md" if name == _CARD else name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(true_place(path, origin.path), target)


def _licences(origin: RunDirectory) -> Sequence[Path]:
    names = ("LICENSE", "LICENCE", "NOTICE")
    return [path for path in sorted(origin.path.glob("*")) if path.is_file() and path.stem.upper() in names]
