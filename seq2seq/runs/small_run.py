"""A small run: a copy of a run for passing on, with weights in eight bits and without what only training needs."""

import shutil
from pathlib import Path

from seq2seq.arguments import path_of
from seq2seq.errors import CheckpointError
from seq2seq.files import move_into_place, write_atomically
from seq2seq.runs.checkpoint import only_weights
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.eight_bits import rounded
from seq2seq.runs.folder import check_place
from seq2seq.runs.metrics_log import content_of
from seq2seq.runs.shipped import find_run


def shrink(run: str | Path, place: str | Path) -> Path:
    """Write a small copy of a trained run, which opens like every run and can be fine-tuned, but not trained further.

    Its matrices are stored in eight bits, a quarter of their size. It has the settings, the vocabularies and the
    figures of the training, and the short-list where the run's own search uses one. Decoders beside the run become
    small too. The optimiser and the last weights are left out, and so are all sentences, training pairs and dev set:
    whoever may pass on weights may not always pass on the text.

    Args:
        run: the trained run; it is only read.
        place: the folder to make.

    Returns:
        the folder.

    Raises:
        CheckpointError: the run cannot be opened, or there is something at the place already.
        ConfigError: the place may not be written, or lies in a run.
    """
    origin, place = find_run(run), path_of(place, "the folder of the small run")
    origin.config()  # or an error that says what is wrong
    check_place(place, origin.path)
    if place.exists():
        raise CheckpointError(f"{place} is there already: choose another --run")
    part = place.with_name(f".{place.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # of an attempt that was cut off
    try:
        _write(origin, part)
        for language in set(origin.targets()) - set(origin.own_targets()):
            _write(origin.for_target(language), part / "decoders" / language)
        move_into_place(part, place)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return place


def _write(origin: RunDirectory, place: Path) -> None:
    """Write the small copy of one run, without the decoders beside it."""
    config = origin.config()
    checkpoint = origin.load("best" if origin.has("best") else "last")
    weights = only_weights(checkpoint.arrays, origin=str(origin.path))
    small = RunDirectory(place)
    about = origin.about() | {"weights": "int8"}
    if text := origin.training_text():
        about["training_text"] = text
    small.create(config, about, origin.parent())
    small.save_tokenizers(*origin.tokenizers())
    if config.translation.shortlist and origin.has_shortlist():
        small.save_shortlist(origin.shortlist())
    if log := origin.log():
        write_atomically(small.metrics, content_of(log))
    small.save("best", checkpoint._replace(arrays=rounded(weights)))
    small.encoded.rmdir()
