"""What a run knows of itself, as plain figures: for its model card, and for `seq2seq info`."""

import math
import re
from pathlib import Path
from typing import Any

from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.reading import JSON_BYTES, exists, parse_json, read_inside
from seq2seq.runs.trained import is_small
from seq2seq.runs.training_text import figures_of
from seq2seq.weight_count import count_weights, summary_shape

_BEST = re.compile(r"best-(\d+)-\d+")


def facts_of(run: RunDirectory) -> dict[str, Any]:
    """Languages, network, training and quality of a run or an export; what is not known is None.

    Raises:
        CheckpointError: the run cannot be read.
    """
    config = run.config()
    about = run.about()
    source, target = (tokenizer.size for tokenizer in run.tokenizers())
    parent = run.parent()
    log = run.log()
    training_text = figures_of(run)
    return {
        "run": str(run.path),
        "kind": kind_of(run),
        "source_language": config.data.source_language,
        "target_languages": run.targets(),
        "cell": config.model.cell,
        "direction": config.model.direction,
        "summary_size": math.prod(summary_shape(config.model)),
        "summary_slots": summary_shape(config.model)[0],
        "attention": config.model.attention,
        "weights": count_weights(config.model, source, target),
        "stored_as": about.get("weights", "float32"),
        "pieces": {"source": source, "target": target},
        "pairs": training_text.get("pairs"),
        "longest_source": training_text.get("longest_source"),
        "parent": Path(parent.get("path", "")).name if parent else None,
        "epochs": log[-1]["epoch"] if log else None,
        "epochs_wanted": config.training.epochs,
        "seconds": log[-1].get("seconds") if log else None,
        "seed": config.training.seed,
        "best": best_record(run),
        "made_with": {name: about.get(name) for name in ("seq2seq", "backend", "precision", "hardware", "device")},
    }


def kind_of(run: RunDirectory) -> str:
    """What one has: a run with all that training needs, a small run (or one from a hub), or an export."""
    if run.is_export():
        return "export"
    return "small run" if is_small(run) else "run"


def best_record(run: RunDirectory) -> dict[str, Any] | None:
    """The figures of the epoch whose weights translate; None where there was no dev set, or they are not known."""
    names = [_BEST.fullmatch(path.name) for path in run.checkpoints.glob("best-*")]
    steps = [int(name[1]) for name in names if name]
    facts = run.path / "export.json"
    if run.is_export() and exists(facts):
        steps = [parse_json(facts, read_inside(facts, run.path, JSON_BYTES)).get("step", -1)]
    measured = {"dev_loss", "dev_bleu"}
    return next((record for record in run.log() if record.get("step") in steps and measured <= set(record)), None)


def facts_text(facts: dict[str, Any]) -> str:
    """The facts as aligned lines."""
    stored = f"{facts['weights']:,} weights in {facts['stored_as']}"
    beside = ", and attention" if facts["attention"] else ""
    numbers = summary_numbers(facts)
    pieces = f"{facts['pieces']['source']:,} and {facts['pieces']['target']:,} pieces"
    lines = {
        facts["kind"]: facts["run"],
        "languages": f"{facts['source_language']} to {', '.join(facts['target_languages'])}",
        "network": f"{facts['direction']} {facts['cell'].upper()}; h(T) has {numbers}{beside}",
        "size": f"{stored}; vocabularies of {pieces}",
        "training": _training(facts),
        "parent": facts["parent"] or "",
        "quality": _quality(facts["best"]),
        "made with": ", ".join(str(value) for value in facts["made_with"].values() if value),
    }
    width = max(map(len, lines))
    return "\n".join(f"{name:<{width}}  {_printable(text)}" for name, text in lines.items() if text)


def summary_numbers(facts: dict[str, Any]) -> str:
    """The size of h(T) in words; of a summary with slots, also how it is laid out."""
    size, slots = facts["summary_size"], facts["summary_slots"]
    return f"{size:,} numbers" + (f" ({slots} slots of {size // slots:,})" if slots > 1 else "")


def _printable(text: str) -> str:
    """A stranger's run may hold what would move the cursor of a terminal, or colour it."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _training(facts: dict[str, Any]) -> str:
    parts = []
    if facts["pairs"] is not None:
        parts.append(f"{facts['pairs']:,} pairs")
    if facts["epochs"] is not None:
        parts.append(f"{facts['epochs']} of {facts['epochs_wanted']} epochs")
    if facts["seconds"] is not None:
        parts.append(f"{facts['seconds'] / 60:.1f} minutes")
    return ", ".join([*parts, f"seed {facts['seed']}"])


def _quality(best: dict[str, Any] | None) -> str:
    if best is None:
        return "not measured: there was no dev set"
    return f"dev loss {best['dev_loss']:.3f} nats a token, dev BLEU {best['dev_bleu']:.1f} (epoch {best['epoch']})"
