"""Whether a run can be resumed with some settings: what decides its training must be the same, the rest may change."""

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from seq2seq.data.fingerprint import corpus_fingerprint
from seq2seq.errors import CheckpointError, shown
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import Config, Corpus

_log = logging.getLogger("seq2seq")
_FREE = {  # no weight, no choice of the best checkpoint depends on them
    "training.samples",
    "training.checkpoint_seconds",
    "training.tensorboard",
    "training.devices",  # to rounding
    "translation.beam_size",
    "translation.length_penalty",
    "translation.batch_sentences",
    "translation.shortlist",
    "finetune.summaries",  # a place; what is stored there is known by its content
}
_PLACES = ("source", "target", "path")  # of a corpus, whose content is compared instead
Fingerprints = dict[str, list[str | None]]


def corpora_fingerprints(config: Config) -> Fingerprints:
    """What the corpora hold, for a run to remember."""
    return {side: [corpus_fingerprint(corpus) for corpus in getattr(config.data, side)] for side in ("train", "dev")}


def differences(run: RunDirectory, config: Config) -> list[str]:
    """What differs between the settings of a run and others in a way that decides the training, a line for each.

    Args:
        run: the run's directory, with its settings and the fingerprints of its corpora.
        config: the settings to go on with.
    """
    before = run.config()
    known = run.about().get("corpora")
    if known is None:
        _log.info("note: %s does not say what its corpora held: whether they are the same cannot be checked", run.path)
    lines = [
        f"{key} is {shown(current)}, was {shown(previous)}"
        for key, current, previous in _differing(config.model_dump(), before.model_dump())
        if key not in _FREE and key not in ("data.train", "data.dev", "finetune.parent")
    ]
    for side in ("train", "dev"):
        kept = known.get(side) if isinstance(known, dict) else None
        lines += _corpora_differ(side, getattr(config.data, side), getattr(before.data, side), kept, run)
    if not _same_parent(config.finetune.parent, before.finetune.parent, run):
        lines.append(f"finetune.parent is {shown(config.finetune.parent)}, was {shown(before.finetune.parent)}")
    return lines


def _differing(current: dict[str, Any], previous: dict[str, Any], outer: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Each setting that differs, by its full name."""
    for key, value in current.items():
        if isinstance(value, dict):
            yield from _differing(value, previous[key], f"{outer}{key}.")
        elif value != previous[key]:
            yield f"{outer}{key}", value, previous[key]


def _corpora_differ(
    side: str,
    current: Sequence[Corpus],
    previous: Sequence[Corpus],
    known: Sequence[str | None] | None,
    run: RunDirectory,
) -> list[str]:
    if len(current) != len(previous):
        return [f"data.{side} has {len(current)} corpora, had {len(previous)}"]
    lines = []
    known = known if known and len(known) == len(previous) else [None] * len(previous)
    for number, (corpus, old, fingerprint) in enumerate(zip(current, previous, known, strict=True)):
        place = f"data.{side}.{number}"
        lines += [
            f"{place}.{key} is {shown(value)}, was {shown(getattr(old, key))}"
            for key, value in corpus.model_dump().items()
            if key not in _PLACES and value != getattr(old, key)
        ]
        if fingerprint is None:
            if _places(corpus) != _places(old):
                lines.append(f"{place} is {_named(corpus)}, was {_named(old)}")
            continue
        content = corpus_fingerprint(corpus)
        if content is None and (run.has_pairs() if side == "train" else run.dev() is not None):
            _log.info("note: %s cannot be read: going on with the pairs that the run keeps", _named(corpus))
        elif content is not None and content != fingerprint:
            lines.append(f"{place} ({_named(corpus)}) holds other text than when the run was begun")
    return lines


def _places(corpus: Corpus) -> list[str | None]:
    """Where the files are, however they are spelled."""
    names = [getattr(corpus, key) for key in _PLACES]
    return [name and os.path.realpath(Path(name).expanduser()) for name in names]


def _named(corpus: Corpus) -> str:
    return " and ".join(name for name in (corpus.hub, *(getattr(corpus, key) for key in _PLACES)) if name)


def _same_parent(current: str, previous: str, run: RunDirectory) -> bool:
    """Whether both are the run that the weights came from; where it lies does not matter."""
    if os.path.realpath(current) == os.path.realpath(previous) or not current or not previous:
        return bool(current) == bool(previous)
    try:
        return RunDirectory(current).config() == run.parent_config()
    except CheckpointError:
        return False
