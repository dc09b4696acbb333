"""From finished networks to a table of scores, and from one of them to what the whole training costs."""

import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "shared"))  # for what the recipes share
from plumbing import hardware, replace_results

from seq2seq.runs.directory import RunDirectory
from seq2seq.weight_count import count_weights

PAPER = {  # Sutskever et al. 2014, table 1: tokenised BLEU on newstest2014
    ("one", 2): None,
    ("one", 12): 30.59,
    ("all", 2): 34.50,
    ("all", 12): 34.81,
}
WORDS, PASSES = 348e6, 7.5  # French words of their 12 million pairs, and how often training goes through them
# Of this network on one NVIDIA H200, bfloat16, 4,096 target tokens a batch (128 sentences): target tokens a second,
# and memory in MB. From recipes/speed, section "On a GPU".
GPU_TOKENS_A_SECOND, GPU_MEMORY = 156_235, 3_777


def publish(
    runs: Path,
    members: Sequence[Path],
    systems: Mapping[str, Sequence[Path]],
    beams: Sequence[int],
    recipe: Path | None,
) -> str:
    """Score every system, write results.json and, for a recipe's folder, the README's section; return the section."""
    counted = [(name, len(members_of)) for name, members_of in systems.items()]
    results: dict[str, Any] = {
        "networks": [network(run) for run in members],
        "scores": [score(runs, members[0], system, beam) for system in counted for beam in beams],
        "tokens_a_word": tokens_a_word(members[0], lines(runs / "data" / "test.fr")),
    }
    folder = recipe or runs
    (folder / "results.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    text = section(results)
    if recipe:
        replace_results(recipe / "README.md", text)
    return text


def network(run: Path) -> dict[str, Any]:
    """What a run has been trained on, how long it took, and how large it is."""
    directory = RunDirectory(run)
    config = directory.config()
    log = directory.log()
    about = json.loads((run / "about.json").read_text(encoding="utf-8"))
    cleaning = json.loads((run / "cleaning.json").read_text(encoding="utf-8"))
    speed = statistics.median(record["tokens_per_second"] for record in log)
    return {
        "name": run.name,
        "seed": config.training.seed,
        "pairs": cleaning["kept"],
        "units": config.model.encoder_units,
        "updates": log[-1]["step"],
        "minutes": log[-1]["seconds"] / 60,
        "tokens_per_second": speed,
        "dev_bleu": max(record["dev_bleu"] for record in log if "dev_bleu" in record),
        "dev_perplexity": min(record["dev_perplexity"] for record in log if "dev_perplexity" in record),
        "weights": count_weights(config.model, *(tokenizer.size for tokenizer in directory.tokenizers())),
        "hardware": hardware(about),
    }


def tokens_a_word(run: Path, french: Sequence[str]) -> float:
    """How many target tokens a French word has, the end symbols of sentences included."""
    pieces = RunDirectory(run).tokenizers()[1].encode(french)
    return sum(len(ids) + 1 for ids in pieces) / sum(len(text.split()) for text in french)


def score(runs: Path, first: Path, system: tuple[str, int], beam: int) -> dict[str, Any]:
    """The scores of one network or of all together (their name in the table, and how many), with one beam."""
    from seq2seq import evaluate

    called, networks = system
    name = f"{first.name.rpartition('-')[0]}-{networks}-beam{beam}.fr"
    hypotheses, references = (lines(path) for path in (runs / "translations" / name, runs / "data" / "test.fr"))
    evaluation = evaluate(hypotheses, references, metrics=("BLEU", "chrF2"), language="fr")
    return {"system": called, "beam": beam, **evaluation.to_json()}


def section(results: Mapping[str, Any]) -> str:
    """The README's section."""
    rows = [
        "| network | seed | pairs | units | weights | updates | minutes | target tokens/s | dev BLEU | dev perplexity |"
    ]
    rows.append("|---" * 10 + "|")
    for each in results["networks"]:
        rows.append(
            f"| {each['name']} | {each['seed']} | {each['pairs']:,} | {each['units']:,} | {each['weights']:,} "
            f"| {each['updates']:,} | {each['minutes']:.1f} | {each['tokens_per_second']:,.0f} "
            f"| {each['dev_bleu']:.1f} | {each['dev_perplexity']:.1f} |"
        )
    rows += ["", "| networks | beam | BLEU | chrF2 | BLEU in the paper (tokenised) |", "|---|---|---|---|---|"]
    for each in results["scores"]:
        figures = " | ".join(f"{s['value']:.1f} ({s['low']:.1f} to {s['high']:.1f})" for s in each["scores"])
        paper = PAPER.get((each["system"], each["beam"]))
        rows.append(f"| {each['system']} | {each['beam']} | {figures} | {paper or ''} |")
    signatures = {(s["name"], s["signature"]): None for each in results["scores"] for s in each["scores"]}
    rows += ["", "In brackets: 95 % bootstrap intervals over the sentences. Signatures:", ""]
    rows += [f"- {name}: `{signature}`" for name, signature in signatures]
    tokens = WORDS * PASSES * results["tokens_a_word"]
    hours = tokens / GPU_TOKENS_A_SECOND / 3600
    rows += [
        "",
        f"A French word has {results['tokens_a_word']:.2f} target tokens here.",
        f"All passes through 348 million words are then {tokens / 1e9:.1f} thousand million tokens,",
        f"which one H200 trains on in {hours:.1f} hours ({GPU_TOKENS_A_SECOND:,} tokens a second),",
        f"within {GPU_MEMORY / 1000:.1f} GB of its memory; five networks need {5 * hours:.0f} hours.",
    ]
    machines = ", ".join(dict.fromkeys(each["hardware"] for each in results["networks"]))
    return "\n".join([*rows, "", f"Measured on: {machines}."])


def lines(path: Path) -> list[str]:
    """The lines of a text file."""
    return path.read_text(encoding="utf-8").split("\n")[:-1]
