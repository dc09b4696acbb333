"""Decoders beside a run: others that read the same summaries, each a run without training data."""

import shutil

from seq2seq.files import move_into_place
from seq2seq.runs import manifest
from seq2seq.runs.checkpoint import only_weights
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.folder import begin
from seq2seq.runs.reading import MEGABYTE

_NAMES = ("about.json", "tokenizer/source.model", "tokenizer/target.model", "config.json")
_LARGE = 64 * MEGABYTE  # the most that one of these files may have


def copy_decoders(run: RunDirectory, other: RunDirectory) -> None:
    """Put all decoders of another run beside a run's: settings, vocabularies and the best weights, no more.

    What the run translates into itself is left out. They must read the same summaries.
    """
    for language in other.targets():
        place = run.path / "decoders" / language
        origin = other.for_target(language)
        if language in run.own_targets() or place.exists():
            continue
        part = place.with_name(f".{language}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        decoder = RunDirectory(part)
        begin(part, {name: manifest.read(origin.path, name, _LARGE) for name in _NAMES})
        best = origin.load("best" if origin.has("best") else "last")
        decoder.save("best", best._replace(arrays=only_weights(best.arrays, origin=str(origin.path))))
        move_into_place(part, place)
