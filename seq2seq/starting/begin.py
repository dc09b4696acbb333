"""From somebody's text to a settings file: look, set pairs aside, advise, write."""

import shlex
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from seq2seq.data.cleaning import Cleaner
from seq2seq.settings.config import Cleaning, Corpus
from seq2seq.starting.advice import Advice, advise
from seq2seq.starting.config_file import config_text, report
from seq2seq.starting.looking import Facts, look, see_that_it_can_be_read, stream
from seq2seq.starting.splitting import held_out, write_splits

_SAMPLE = 10_000  # pairs by which the size of the vocabulary is chosen


class Start(NamedTuple):
    """What is needed to begin a training.

    Attributes:
        text: the settings file.
        report: what was seen in the text, and what to expect, line by line.
        record: the same as plain dictionaries and numbers.
    """

    text: str
    report: list[str]
    record: dict[str, Any]


def begin(
    corpus: Corpus,
    languages: tuple[str | None, str | None],
    *,
    dev: Corpus | None = None,
    folder: Path | None = None,
    place: Path,
) -> Start:
    """Look at a corpus, and make a settings file for it.

    Args:
        corpus: the text to learn from.
        languages: of source and target (BCP 47), None where they are to be told from the text.
        dev: a dev set, if there is one.
        folder: where to write train, dev and test set as files; without it, nothing is set aside.
        place: where the settings file will be, for the commands in it.

    Raises:
        DataError: the text cannot be read or is too little, or its language cannot be told; the dev set cannot be read.
    """
    if dev:
        see_that_it_can_be_read(dev)
    facts = look(corpus, languages)
    held = held_out(facts.kept) if folder else 0
    corpora = {"train": corpus} | ({"dev": dev} if dev else {})
    test: tuple[Path, Path] | None = None
    if folder and held:
        paths = write_splits(stream(corpus, facts.languages), folder, facts.languages, held / facts.kept)
        corpora = {
            split: Corpus(source=str(paths[split][0]), target=str(paths[split][1])) for split in ("train", "dev")
        }
        test = paths["test"]
    sample = list(islice(Cleaner(Cleaning()).clean(stream(corpora["train"], facts.languages)), _SAMPLE))
    advice = advise(facts, sample, facts.kept - 2 * held)
    text = config_text(facts, advice, corpora, _commands(place, test))
    lines = report(facts, advice)
    if folder and held:
        lines.append(f"About {held:,} pairs each were set aside as dev and test set; all three sets are in {folder}.")
    elif not dev:
        lines.append("Warning: there is no dev set, so nothing will say how good the translator is.")
    return Start(text, lines, _record(facts, advice))


def _commands(place: Path, test: tuple[Path, Path] | None) -> dict[str, str]:
    run = shlex.quote(f"runs/{place.stem}")
    commands = {
        "train it:": f"seq2seq train {shlex.quote(str(place))} --run {run}",
        "translate:": f"seq2seq translate {run}",
        "all settings:": "seq2seq settings",
    }
    if test:
        source, reference = (shlex.quote(str(path)) for path in test)
        commands["score it:"] = f"seq2seq evaluate {run} --source {source} --reference {reference}"
    return commands


def _record(facts: Facts, advice: Advice) -> dict[str, Any]:
    settings = {
        section: {key: value for key, (value, _) in values.items()} for section, values in advice.settings.items()
    }
    return {"text": facts._asdict(), "settings": settings, "minutes": advice.minutes, "warnings": list(advice.warnings)}
