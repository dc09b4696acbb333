"""From the analyses of all groups to one table, and the README's section with their pictures."""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "shared"))  # for what the recipes share
from plumbing import hardware, replace_results

PICTURES = {  # of each group, what answers its question
    "cells": {"lengths": "quality by source length", "positions": "what is forgotten"},
    "widths": {"capacity": "exact translations by source length", "capacity_by_size": "how many words fit"},
    "attention": {"lengths": "quality by source length"},
    "laws": {"lengths": "quality by source length"},
}


def publish(runs: Path, arms: list[str], groups: dict[str, list[str]], folder: Path | None) -> str:
    """The table of all arms; written into a folder's README, with results.json and the pictures, where one is given."""
    found = [
        result_of(runs, group, arm, members[0])
        for group, members in groups.items()
        for arm in members
        if arm in arms and (runs / group / "lengths.json").exists()
    ]
    text = table(found)
    place = folder or runs
    (place / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if folder:
        shown = []
        for group in dict.fromkeys(result["group"] for result in found):
            for name, caption in PICTURES[group].items():
                picture = runs / group / f"{name}.png"
                if picture.exists():
                    (folder / f"{group}_{name}.png").write_bytes(picture.read_bytes())
                    shown.append(f"![{group}: {caption}]({group}_{name}.png)")
        replace_results(folder / "README.md", "\n\n".join([text, *shown]))
    return text


def result_of(runs: Path, group: str, arm: str, first: str) -> dict[str, Any]:
    """What is published of a run: scores of its translations in a group, and what the analyses found."""
    from seq2seq import evaluate

    figures = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (runs / group).glob("*.json")}
    lengths = figures["lengths"]["runs"]
    ours, truth = lengths[arm]["hypotheses"], lengths[arm]["references"]
    evaluation = evaluate(
        ours,
        truth,
        baseline=lengths[first]["hypotheses"] if first in lengths and arm != first else None,
        metrics=("BLEU",),
    )
    about = json.loads((runs / arm / "about.json").read_text(encoding="utf-8"))
    config = json.loads((runs / arm / "config.json").read_text(encoding="utf-8"))
    log = [json.loads(line) for line in (runs / arm / "metrics.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]
    bleu = evaluation.scores[0]
    return {
        "group": group,
        "arm": arm,
        "seed": config["training"]["seed"],
        "summary": config["model"]["encoder_units"],
        "minutes": log[-1]["seconds"] / 60,
        "dev_loss": max(log, key=lambda record: record["dev_bleu"])["dev_loss"],  # of the weights that translate
        "pairs": json.loads((runs / arm / "cleaning.json").read_text(encoding="utf-8"))["kept"],
        "sentences": len(truth),
        "bleu": [bleu.value, bleu.low, bleu.high],
        "signature": bleu.signature,
        "p_value": evaluation.comparisons[0].p_value if evaluation.comparisons else None,
        "exact": sum(a == b for a, b in zip(ours, truth, strict=True)) / len(truth),
        "attention": config["model"]["attention"],
        "capacity": figures["capacity"]["runs"][arm]["capacity"],
        "longest": figures["capacity"]["runs"][arm]["longest"],
        "hardware": hardware(about),
    }


def table(found: list[dict[str, Any]]) -> str:
    """Markdown, a row for each arm of each group."""
    if not found:
        return "Not measured yet."
    text = [
        "| group | arm | numbers in h(T) | minutes | dev loss, nats | BLEU (95 %) | p | exact | words that fit |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for each in found:
        value, low, high = each["bleu"]
        cells = [
            each["group"],
            each["arm"],
            f"{each['summary']}" + (", and all states" if each["attention"] else ""),
            f"{each['minutes']:.1f}",
            f"{each['dev_loss']:.2f}",
            f"{value:.1f} ({low:.1f} to {high:.1f})",
            "" if each["p_value"] is None else f"{each['p_value']:.3f}",
            f"{100 * each['exact']:.0f} %",
            _words(each),
        ]
        text.append(f"| {' | '.join(cells)} |")
    text += [
        "",
        "p: paired bootstrap on the same sentences, against the first arm of the group. Words that fit: the longest",
        "length at which half of the translations are the reference, word for word.",
        "",
    ]
    signatures = dict.fromkeys(each["signature"] for each in found)
    seeds = ", ".join(dict.fromkeys(str(each["seed"]) for each in found))
    hardware = ", ".join(dict.fromkeys(each["hardware"] for each in found))
    return "\n".join([*text, f"BLEU: `{'`, `'.join(signatures)}`. Seed {seeds}. Measured on: {hardware}."])


def _words(each: dict[str, Any]) -> str:
    fits = each["capacity"]
    if not fits["mean"]:
        return "none"
    least = "at least " if fits["mean"] == each["longest"] else ""
    return f"{least}{fits['mean']:.0f} ({fits['low']:.0f} to {fits['high']:.0f})"
