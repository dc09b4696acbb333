"""From the analyses of all groups to one table, and the README's section with their pictures."""

import json
import statistics
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "shared"))  # for what the recipes share
from plumbing import agree, hardware, meaning, over_seeds, replace_results, with_published

PICTURES = {  # of each group, what answers its question
    "cells": {"lengths": "quality by source length", "positions": "what is forgotten"},
    "widths": {"capacity": "exact translations by source length", "capacity_by_size": "how many words fit"},
    "slots": {"lengths": "quality by source length"},
    "attention": {"lengths": "quality by source length"},
    "laws": {"lengths": "quality by source length"},
}


def publish(runs: Path, seeds: list[int], arms: list[str], groups: dict[str, list[str]], folder: Path | None) -> str:
    """The table of all arms; written into a folder's README, with results.json and the pictures, where one is given.

    What was published of other groups stays.
    """
    found = [
        result_of(runs / f"seed-{seed}", group, arm, members[0])
        for group, members in groups.items()
        for arm in members
        for seed in seeds
        if arm in arms and (runs / f"seed-{seed}" / group / "lengths.json").exists()
    ]
    place = folder or runs
    found = with_published(found, place / "results.json", "group", list(groups))
    text = table(found)
    (place / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if folder:
        shown = []
        for group in dict.fromkeys(result["group"] for result in found):
            for name, caption in PICTURES[group].items():
                picture, published = runs / f"seed-{seeds[0]}" / group / f"{name}.png", folder / f"{group}_{name}.png"
                if picture.exists():
                    published.write_bytes(picture.read_bytes())
                if published.exists():
                    shown.append(f"![{group}: {caption}, one seed]({published.name})")
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
    pooled = config["model"]["pooling"] == "slots"
    return {
        "group": group,
        "arm": arm,
        "seed": config["training"]["seed"],
        "summary": config["model"]["encoder_units"] * (config["model"]["slots"] if pooled else 1),
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
    """Markdown, a row for each arm of each group: means over the seeds."""
    if not found:
        return "Not measured yet."
    text = [
        "| group | arm | seeds | numbers in h(T) | minutes | dev loss, nats | BLEU | exact | words that fit |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    arms: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for result in found:
        arms.setdefault((result["group"], result["arm"]), []).append(result)
    firsts: dict[str, list[dict[str, Any]]] = {}
    for (group, arm), seeds in arms.items():
        first = firsts.setdefault(group, seeds)
        pairs = zip(seeds, first, strict=True)
        differences = [(seed["bleu"][0] - other["bleu"][0], seed["p_value"]) for seed, other in pairs]
        bleu = over_seeds([seed["bleu"][0] for seed in seeds])
        cells = [
            group,
            arm,
            ", ".join(str(seed["seed"]) for seed in seeds),
            f"{seeds[0]['summary']}" + (", and all states" if seeds[0]["attention"] else ""),
            f"{statistics.mean(seed['minutes'] for seed in seeds):.1f}",
            over_seeds([seed["dev_loss"] for seed in seeds], 2),
            f"**{bleu}**" if agree(differences) else bleu,
            f"{100 * statistics.mean(seed['exact'] for seed in seeds):.0f} %",
            _words(seeds),
        ]
        text.append(f"| {' | '.join(cells)} |")
    signatures = dict.fromkeys(result["signature"] for result in found)
    machines = ", ".join(dict.fromkeys(result["hardware"] for result in found))
    text += [
        "",
        *meaning("the first arm of the group"),
        "Words that fit: the longest length at which half of the translations are the reference, word for word.",
        "",
        f"BLEU: `{'`, `'.join(signatures)}`. Measured on: {machines}.",
    ]
    return "\n".join(text)


def _words(seeds: list[dict[str, Any]]) -> str:
    fits = [seed["capacity"]["mean"] for seed in seeds]
    if not any(fits):
        return "none"
    least = "at least " if all(seed["longest"] == words for seed, words in zip(seeds, fits, strict=True)) else ""
    return least + over_seeds(fits, 0)
