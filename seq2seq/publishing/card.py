"""The model card of a run: what it is, what it learned from, how good it is, where it fails, and who may use it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seq2seq import __version__
from seq2seq.arguments import is_count
from seq2seq.errors import CheckpointError, DataError
from seq2seq.expectations import expectation
from seq2seq.publishing.facts import best_record, facts_of, summary_numbers
from seq2seq.runs.copies import without_paths
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.reading import MEGABYTE, read_inside
from seq2seq.runs.training_text import figures_of
from seq2seq.settings.config import Config
from seq2seq.settings.printing import changed_toml

_OWN = "MODEL_CARD.md"  # a card that somebody wrote for the run
_LIMITS = """A vector of fixed size forgets: of long sentences whole parts are lost, and names and numbers first.
Text of another kind than the training text, and words that it never had, are translated with the same confidence as all
others; `seq2seq translate` warns of them. Do not use it where somebody relies on the translation."""


@dataclass(frozen=True)
class Evidence:
    """What a card says beside what the run knows.

    Attributes:
        licence: the licence of the weights, as an SPDX name such as ``apache-2.0``; empty where none is stated.
        scores: files that `seq2seq evaluate --json` wrote.
        report: the folder that `seq2seq analyze` filled.
    """

    licence: str = ""
    scores: Sequence[Path] = ()
    report: Path | None = None


def card(run: RunDirectory, repository: str, evidence: Evidence) -> str:
    """The model card as Markdown, with the header that a hub reads.

    Args:
        run: a run or an export.
        repository: where it will be, as ``owner/name``.
        evidence: licence, scores and report.

    Raises:
        CheckpointError: the run cannot be read.
        DataError: a file of the evidence cannot be read, or is none that seq2seq wrote.
    """
    config = run.config()
    scores = [_read_scores(path) for path in evidence.scores]
    header = _header(run, config, repository, evidence.licence, scores)
    use = (
        f"```\npip install 'seq2seq[hub]'\nseq2seq translate hub:{repository} < sentences.txt\n"
        f"seq2seq pull {repository} --run {repository.split('/')[1]}   # the folder itself\n```"
    )
    own_card = run.path / _OWN
    if own_card.is_file():
        return "\n\n".join([header, use, _text_of(own_card, run)])
    languages = " and ".join(run.targets())
    parts = [
        header,
        f"# {repository.split('/')[1]}: {config.data.source_language} to {languages}",
        _network(run),
        use,
        "## What it learned from",
        _data(run, config),
        "## How good it is",
        *_quality(run, scores),
        *_analyses(evidence.report),
        "## What it is not for",
        _LIMITS,
        expectation_of(run),
        "## Licence",
        _licence(evidence.licence),
        "## How it was made",
        _made(run, config),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _text_of(path: Path, run: RunDirectory) -> str:
    """The text of a file of a run.

    Raises:
        CheckpointError: it is no text, or a link that leads out of the run, to something that is not to be published.
    """
    try:
        return read_inside(path, run.path, MEGABYTE).decode()
    except UnicodeDecodeError as error:
        raise CheckpointError(f"{path} is not UTF-8 ({error}): write it anew, or remove it") from error


def expectation_of(run: RunDirectory) -> str:
    """What comparable trainings gave, where the number of pairs is known."""
    pairs = figures_of(run).get("pairs", 0)
    text = expectation(pairs, fine_tuned=run.parent() is not None) if pairs else ""
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _header(
    run: RunDirectory, config: Config, repository: str, licence: str, scores: Sequence[Mapping[str, Any]]
) -> str:
    """YAML, of which each value is also JSON."""
    languages = [config.data.source_language, *run.targets()]
    values: dict[str, Any] = {
        "language": list(dict.fromkeys(tag.split("-")[0] for tag in languages)),
        "library_name": "seq2seq",
        "pipeline_tag": "translation",
        "tags": ["seq2seq", "rnn", config.model.cell, "translation"],
    }
    if licence:
        values["license"] = licence
    if scores:
        values["model-index"] = [{"name": repository.split("/")[1], "results": [_result(score) for score in scores]}]
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    return "\n".join(["---", *lines, "---"])


def _result(record: Mapping[str, Any]) -> dict[str, Any]:
    data = {"name": record["name"], "type": record["name"]}
    metrics = [
        {"type": score["name"].lower().rstrip("2"), "value": round(score["value"], 2), "args": score["signature"]}
        for score in record["scores"]
    ]
    return {"task": {"type": "translation"}, "dataset": data, "metrics": metrics}


def _network(run: RunDirectory) -> str:
    facts = facts_of(run)
    cell = facts["cell"].upper()
    units = run.config().model.decoder_units
    through = "attention reads all encoder states, beside" if facts["attention"] else "all that the decoder gets is"
    pieces = facts["pieces"]
    return (
        f"A translator made with seq2seq: a {facts['direction']} {cell} encoder reads the sentence, {through} one "
        f"vector h(T) of {summary_numbers(facts)}, and a {cell} of {units:,} units writes the translation. "
        f"Vocabularies of {pieces['source']:,} and {pieces['target']:,} pieces; {facts['weights']:,} weights, stored "
        f"as {facts['stored_as']}."
    )


def _data(run: RunDirectory, config: Config) -> str:
    figures = figures_of(run)
    lines = []
    if figures:
        longest = (
            f"; the longest source has {figures['longest_source']:,} tokens" if "longest_source" in figures else ""
        )
        lines.append(f"{figures['pairs']:,} pairs{longest}.")
    parent = run.parent()
    if parent:
        lines.append(f"The run was fine-tuned from another one, `{Path(parent.get('path', '')).name}`.")
    corpora = []
    for corpus in config.data.train:
        names = [Path(name).name for name in (corpus.source, corpus.target, corpus.path) if name]
        corpora.append(f"- {' and '.join(f'`{name}`' for name in names) or f'the hub data set `{corpus.hub}`'}")
    lines.append("No sentence of the training text is part of this repository.")
    return "\n\n".join([" ".join(lines), *(["\n".join(corpora)] if corpora else [])])


def _quality(run: RunDirectory, scores: Sequence[Mapping[str, Any]]) -> list[str]:
    """A table for each test set, or what the training measured."""
    parts = []
    for record in scores:
        rows = "".join(
            f"| {score['name']} | {score['value']:.2f} | {_interval(score)} | `{score['signature']}` |\n"
            for score in record["scores"]
        )
        title = f"Test set `{record['name']}`, {record['sentences']:,} sentences:\n\n"
        parts.append(f"{title}| metric | score | 95 % interval | signature |\n|---|---|---|---|\n{rows}".rstrip())
    best = best_record(run)
    if best:
        parts.append(
            f"On its dev set, which chose the weights: loss {best['dev_loss']:.3f} nats a token, BLEU "
            f"{best['dev_bleu']:.1f} (greedy search), after epoch {best['epoch']}."
        )
    if not scores:
        parts.append("It was not scored on a test set.")
    return parts


def _interval(score: Mapping[str, Any]) -> str:
    return "" if score.get("low") is None else f"{score['low']:.2f} to {score['high']:.2f}"


def _analyses(report: Path | None) -> list[str]:
    """What each analysis found, in its own words."""
    if report is None:
        return []
    findings = []
    for path in sorted(report.glob("*.json")):
        record = _read(path)
        said = [record.get(name) for name in ("warnings", "findings")]
        if record.get("title") and all(isinstance(texts, list) for texts in said):
            findings += [f"- {record['title']} {text}" for text in [text for texts in said for text in texts or []][:1]]
    if not findings:
        raise DataError(f"{report} holds no figures of seq2seq analyze: give the folder of its --output")
    return ["## What h(T) keeps and forgets", "\n".join(findings)]


def _licence(licence: str) -> str:
    if not licence:
        return "None is stated: ask the owner before you use it. The training data may ask more."
    return f"The weights: `{licence}`. The training data may ask more."


def _made(run: RunDirectory, config: Config) -> str:
    about = run.about()
    names = ("seq2seq", "keras", "backend", "precision", "hardware", "device")
    known = ", ".join(f"{name} {about[name]}" for name in names if about.get(name))
    settings = changed_toml(without_paths(config))
    block = f"\n\nSettings that differ from the defaults:\n\n```toml\n{settings}\n```" if settings else ""
    return f"{known}; seed {config.training.seed}. This card was made by seq2seq {__version__}.{block}"


def _read_scores(path: Path) -> dict[str, Any]:
    """The figures that `seq2seq evaluate --json` wrote."""
    record = _read(path)
    scores = record.get("scores")
    sentences = record.get("sentences", 0)
    if not isinstance(scores, list) or not all(map(_is_score, scores)) or not is_count(sentences):
        raise DataError(f"{path} holds no scores: give a file that seq2seq evaluate --json wrote")
    return {"name": path.stem, "sentences": sentences, "scores": scores}


def _is_score(score: Any) -> bool:
    """Whether this is what `seq2seq evaluate` writes of a metric."""
    if not isinstance(score, dict) or not all(isinstance(score.get(key), str) for key in ("name", "signature")):
        return False
    ends = (score.get("low"), score.get("high"))
    numbers = [score.get("value"), *(() if ends == (None, None) else ends)]
    return all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers)


def _read(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"cannot read {path}: {error}") from error
    return record if isinstance(record, dict) else {}
