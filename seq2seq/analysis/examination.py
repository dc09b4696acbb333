"""Run instruments on runs: figures as JSON, pictures as PNG, and the report."""

import importlib
import json
import logging
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from seq2seq.analysis import MOST_SENTENCES, QUICK_SENTENCES
from seq2seq.analysis.instruments import NAMES
from seq2seq.analysis.report import Entry, Frame, page
from seq2seq.analysis.section import Analysis, Figures, Table
from seq2seq.analysis.subject import Sentences, Subject
from seq2seq.errors import ConfigError, DataError
from seq2seq.extras import require
from seq2seq.files import ensure_temporary_folder, write_atomically

ANALYSES: dict[str, Analysis] = {
    name: importlib.import_module(f"seq2seq.analysis.instruments.{name}").ANALYSIS for name in NAMES
}

_SLOWEST = max(NAMES, key=lambda name: ANALYSES[name].seconds)
_PROGRESS = "{desc}{percentage:3.0f}% |{bar}| {elapsed}, about {remaining} to go"
_log = logging.getLogger("seq2seq")


def analyze(
    runs: Sequence[str | Path],
    sources: Sequence[str],
    references: Sequence[str],
    output: str | Path,
    *,
    only: Sequence[str] = (),
    most: int = MOST_SENTENCES,
    quick: bool = False,
) -> Path:
    """Examine one or several runs on a test set, and write what was found.

    The report is written again after each analysis: whatever stops the work, it holds what was done.

    Args:
        runs: run directories; the first is what the others are compared with.
        sources, references: the test set, text.
        output: the folder to fill: report.html, a JSON file for each analysis, and the pictures.
        only: names of analyses, all where none is given.
        most: sentences to look at; of a larger test set, so many are taken, evenly spread.
        quick: look at 200 sentences at most, and leave out the slowest analysis unless `only` names it.

    Returns:
        the path of the report.

    Raises:
        CheckpointError: a directory is not a run.
        ConfigError: an analysis that there is not.
        DataError: fewer than two different sources, or different numbers of lines.
        MissingExtraError: matplotlib is not installed.
    """
    require("an analysis", "matplotlib")  # now, and not when the first picture is drawn
    unknown = [name for name in only if name not in NAMES]
    if unknown:
        raise ConfigError(f"there is no analysis {unknown[0]!r}: there are {', '.join(NAMES)}")
    sentences = _usable(sources, references).sample(min(most, QUICK_SENTENCES) if quick else most)
    subjects = [Subject.load(run, sentences, name) for run, name in zip(runs, _names(runs), strict=True)]
    chosen = [ANALYSES[name] for name in chosen_names(only, quick=quick)]
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    ensure_temporary_folder(output)
    report = output / "report.html"
    frame = _frame(subjects, quick and not only)
    entries: list[Entry] = []
    total = sum(analysis.seconds for analysis in chosen) * len(subjects)
    try:
        with tqdm(total=total, bar_format=_PROGRESS, smoothing=0) as bar:
            for analysis in chosen:
                entries.append(_examined(analysis, subjects, output, bar))
                write_atomically(report, page(entries, frame, chosen[len(entries) :]).encode())
    except BaseException:
        if entries:
            _log.warning("%s holds %d of %d analyses, those that were done", report, len(entries), len(chosen))
        raise
    return report


def chosen_names(only: Sequence[str], *, quick: bool) -> Sequence[str]:
    """The analyses that are done, in the order of the report: those that are named, or all but the slowest, or all."""
    return [name for name in ANALYSES if (name in only if only else not (quick and name == _SLOWEST))]


def _examined(analysis: Analysis, subjects: Sequence[Subject], output: Path, bar: Any) -> Entry:
    """One analysis of all runs, with its figures and pictures written."""
    results: dict[str, Figures] = {}
    start = time.monotonic()
    for subject in subjects:
        bar.set_description(f"{analysis.name}, {subject.name}")
        results[subject.name] = analysis.measure(subject)
        bar.update(analysis.seconds)
    entry = Entry(analysis, analysis.present(results).with_unknowns(), time.monotonic() - start)
    _write(entry, results, output)
    return entry


def _frame(subjects: Sequence[Subject], quick: bool) -> Frame:
    """What stands around the sections."""
    described = [subject.description() for subject in subjects]
    caption = f"The runs, examined on {len(subjects[0].sentences.sources):,} sentences"
    table = Table(caption, list(described[0]), [list(description.values()) for description in described])
    left_out = (
        f"A quick look: at {QUICK_SENTENCES} sentences at most, and without '{ANALYSES[_SLOWEST].title}' ({_SLOWEST})."
    )
    return Frame(table, _caveats(subjects), [left_out] if quick else [])


def _usable(sources: Sequence[str], references: Sequence[str]) -> Sentences:
    """The pairs that have both sides, of which there must be enough."""
    if len(sources) != len(references):
        raise DataError(f"{len(sources):,} sources and {len(references):,} references: each source needs one")
    pairs = [(s, r) for s, r in zip(sources, references, strict=True) if s.strip() and r.strip()]
    if not pairs:
        raise DataError("there is nothing to look at: no line has both a source and a reference")
    if len({source for source, _ in pairs}) < 2:
        raise DataError("one sentence is too few to examine a run on: two different ones at least, better hundreds")
    return Sentences(*(list(side) for side in zip(*pairs, strict=True)))


def _write(entry: Entry, results: dict[str, Figures], output: Path) -> None:
    """The figures of an analysis as JSON, its tables as CSV, and its pictures as PNG and SVG."""
    name = entry.analysis.name
    words = {"title": entry.analysis.title, "warnings": entry.section.warnings, "findings": entry.section.findings}
    content = _finite({"analysis": name, **words, "seconds": entry.seconds, "runs": results})
    write_atomically(output / f"{name}.json", json.dumps(content, indent=1, ensure_ascii=False).encode())
    for number, table in enumerate(entry.section.tables, 1):
        write_atomically(output / f"{name}-{number}.csv", table.csv())
    for picture in entry.section.pictures:
        write_atomically(output / f"{picture.name}.png", picture.png)
        write_atomically(output / f"{picture.name}.svg", picture.svg)


def _caveats(subjects: Sequence[Subject]) -> list[str]:
    """What bears on the whole page: sources that were cut, vocabularies that differ."""
    count = len(subjects[0].source_ids)
    texts = [
        f"{subject.name}: {subject.cut:,} of {count:,} sources have more than {subject.translator.max_source_tokens} "
        "pieces, the most that it reads, and were cut. What is said of long sentences is in part about words that it "
        "never saw."
        for subject in subjects
        if subject.cut
    ]
    if len({tuple(tokenizer.fingerprint for tokenizer in subject.tokenizers) for subject in subjects}) > 1:
        texts.append(
            "The runs cut text into pieces differently. What is counted a token or a step (losses, decays, lengths) is "
            "then not in the same unit, whatever its p; scores and recalled words are."
        )
    return texts


def _finite(content: Any) -> Any:
    """The same figures, with null for what is unknown: JSON has no NaN."""
    if isinstance(content, dict):
        return {key: _finite(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_finite(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


def _names(runs: Sequence[str | Path]) -> list[str]:
    """The last part of each path, or the whole path where that says which."""
    twice = [str(run) for run in runs if [Path(other).resolve() for other in runs].count(Path(run).resolve()) > 1]
    if twice:
        raise ConfigError(f"{twice[0]} is named twice: a run is compared with other runs")
    names = [Path(run).resolve().name for run in runs]
    return [name if names.count(name) == 1 else str(run) for name, run in zip(names, runs, strict=True)]
