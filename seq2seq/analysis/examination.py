"""Run instruments on runs: figures as JSON, pictures as PNG, and the report."""

import json
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from seq2seq.analysis import (
    NAMES,
    capacity,
    counting,
    exposure,
    gradients,
    lengths,
    positions,
    probes,
    round_trip,
    space,
    usage,
)
from seq2seq.analysis.finding import Analysis, Figures, Table
from seq2seq.analysis.report import Entry, write_report
from seq2seq.analysis.subject import Sentences, Subject
from seq2seq.errors import ConfigError, DataError
from seq2seq.files import write_atomically

ANALYSES: dict[str, Analysis] = {
    module.ANALYSIS.name: module.ANALYSIS
    for module in (usage, lengths, positions, probes, gradients, exposure, round_trip, space, counting, capacity)
}


def analyze(
    runs: Sequence[str | Path],
    sources: Sequence[str],
    references: Sequence[str],
    output: str | Path,
    *,
    only: Sequence[str] = (),
    most: int = 1000,
) -> Path:
    """Examine one or several runs on a test set, and write what was found.

    Args:
        runs: run directories; the first is what the others are compared with.
        sources, references: the test set, text.
        output: the folder to fill: report.html, a JSON file for each analysis, and the pictures.
        only: names of analyses, all where none is given.
        most: sentences to look at; of a larger test set, so many are taken, evenly spread.

    Returns:
        the path of the report.

    Raises:
        CheckpointError: a directory is not a run.
        ConfigError: an analysis that there is not.
        DataError: fewer than two different sources, or different numbers of lines.
    """
    unknown = [name for name in only if name not in NAMES]
    if unknown:
        raise ConfigError(f"there is no analysis {unknown[0]!r}: there are {', '.join(NAMES)}")
    sentences = _usable(sources, references).sample(most)
    subjects = [Subject.load(run, sentences, name) for run, name in zip(runs, _names(runs), strict=True)]
    chosen = [analysis for name, analysis in ANALYSES.items() if not only or name in only]
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    entries = []
    with tqdm(total=len(chosen) * len(subjects), unit="analysis") as bar:
        for analysis in chosen:
            results: dict[str, Figures] = {}
            begun = time.monotonic()
            for subject in subjects:
                bar.set_description(f"{analysis.name}, {subject.name}")
                results[subject.name] = analysis.measure(subject)
                bar.update()
            entry = Entry(analysis, analysis.present(results), time.monotonic() - begun)
            entries.append(entry)
            _write(entry, results, output)
    described = [subject.description() for subject in subjects]
    caption = f"The runs, examined on {len(sentences.sources):,} sentences"
    table = Table(caption, list(described[0]), [list(each.values()) for each in described])
    return write_report(output / "report.html", entries, table, _caveats(subjects))


def _usable(sources: Sequence[str], references: Sequence[str]) -> Sentences:
    """The pairs that have both sides, of which there must be enough."""
    if len(sources) != len(references):
        raise DataError(f"{len(sources):,} sources and {len(references):,} references: each source needs one")
    kept = [(s, r) for s, r in zip(sources, references, strict=True) if s.strip() and r.strip()]
    if not kept:
        raise DataError("there is nothing to look at: no line has both a source and a reference")
    if len({source for source, _ in kept}) < 2:
        raise DataError("one sentence is too few to examine a run on: two different ones at least, better hundreds")
    return Sentences(*(list(side) for side in zip(*kept, strict=True)))


def _write(entry: Entry, results: dict[str, Figures], output: Path) -> None:
    """The figures of an analysis as JSON, and its pictures."""
    name = entry.analysis.name
    content = _finite({"analysis": name, "seconds": entry.seconds, "runs": results})
    write_atomically(output / f"{name}.json", json.dumps(content, indent=1, ensure_ascii=False).encode())
    for picture in entry.section.pictures:
        write_atomically(output / f"{picture.name}.png", picture.png)


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
