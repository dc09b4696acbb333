"""From all finished runs to a table and a picture, and the README's section."""

import json
import statistics
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "shared"))  # for what the recipes share
from plumbing import agree, hardware, meaning, over_seeds, replace_results


def publish(runs: Path, seeds: list[int], arms: list[str], tests: list[tuple[int, int]], folder: Path | None) -> str:
    """The table of all arms; written into a folder's README, with results.json and the picture, where one is given."""
    found = [result_of(runs, f"seed-{seed}", arm, tests, arms[0]) for arm in arms for seed in seeds]
    place = folder or runs
    (place / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    draw(found, place / "lengths.png")
    text = table(found)
    if folder:
        replace_results(folder / "README.md", text)
    return text


def result_of(runs: Path, seed: str, arm: str, tests: list[tuple[int, int]], first: str) -> dict[str, Any]:
    """Scores of an arm by length, each with the p-value of its difference from the first arm."""
    from seq2seq import evaluate

    run = runs / seed / arm
    about = json.loads((run / "about.json").read_text(encoding="utf-8"))
    metrics = [json.loads(line) for line in lines(run / "metrics.jsonl")]
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    by_length = []
    for low, high in tests:
        name = f"test.{low}-{high}.fr"
        ours, truth = lines(run / name), lines(runs / "data" / name)
        evaluation = evaluate(
            ours, truth, baseline=None if arm == first else lines(runs / seed / first / name), metrics=("BLEU", "chrF2")
        )
        bleu, chrf = evaluation.scores
        by_length.append(
            {
                "words": [low, high],
                "middle": statistics.mean(len(line.split()) for line in lines(runs / "data" / f"test.{low}-{high}.en")),
                "bleu": [bleu.value, bleu.low, bleu.high],
                "chrf": chrf.value,
                "length_ratio": evaluation.length_ratio,
                "exact": sum(a == b for a, b in zip(ours, truth, strict=True)) / len(truth),
                "p_value": evaluation.comparisons[0].p_value if evaluation.comparisons else None,
            }
        )
    return {
        "arm": arm,
        "seed": config["training"]["seed"],
        "pairs": json.loads((run / "cleaning.json").read_text(encoding="utf-8"))["kept"],
        "minutes": metrics[-1]["seconds"] / 60,
        "by_length": by_length,
        "signatures": {score.name: score.signature for score in evaluation.scores},
        "hardware": hardware(about),
    }


def table(found: list[dict[str, Any]]) -> str:
    """Markdown, a row for each arm: BLEU and length ratio by length and exact matches, all means over the seeds."""
    if not found:
        return "Not measured yet."
    arms = by_arm(found)
    first = next(iter(arms.values()))
    heads = [f"{low}-{high}" for low, high in (each["words"] for each in found[0]["by_length"])]
    text = [f"| encoder | seeds | minutes | {' | '.join(heads)} | exact |", "|---" * (len(heads) + 4) + "|"]
    for arm, seeds in arms.items():
        cells = []
        for place in range(len(heads)):
            figures = [seed["by_length"][place] for seed in seeds]
            others = [seed["by_length"][place]["bleu"][0] for seed in first]
            pairs = zip(figures, others, strict=True)
            told = agree([(figure["bleu"][0] - other, figure["p_value"]) for figure, other in pairs])
            bleu = over_seeds([figure["bleu"][0] for figure in figures])
            ratio = statistics.mean(figure["length_ratio"] for figure in figures)
            cells.append(f"{f'**{bleu}**' if told else bleu}; {ratio:.2f}")
        minutes = statistics.mean(seed["minutes"] for seed in seeds)
        exact = statistics.mean(figure["exact"] for seed in seeds for figure in seed["by_length"][:2])
        names = ", ".join(str(seed["seed"]) for seed in seeds)
        text.append(f"| {arm} | {names} | {minutes:.1f} | {' | '.join(cells)} | {100 * exact:.0f} % |")
    machines = ", ".join(dict.fromkeys(result["hardware"] for result in found))
    text += [
        "",
        "BLEU by English words, then the length ratio.",
        *meaning(found[0]["arm"]),
        "Exact: share of sentences of the first two columns that are the reference, word for word.",
        "",
        f"{found[0]['pairs']:,} training pairs. Signatures:",
        "",
        *(f"- {name}: `{signature}`" for name, signature in found[0]["signatures"].items()),
        "",
        f"Measured on: {machines}.",
    ]
    return "\n".join(text)


def by_arm(found: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The results of each arm, one for each seed."""
    arms: dict[str, list[dict[str, Any]]] = {}
    for result in found:
        arms.setdefault(result["arm"], []).append(result)
    return arms


def draw(found: list[dict[str, Any]], path: Path) -> None:
    """BLEU by length, the mean over the seeds as a curve for each arm, within the lowest and the highest of them."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.4), layout="constrained")
    axes = figure.add_subplot()
    styles = {"forward": "o-", "reversed": "s--", "bidirectional": "^:", "slots": "d-."}
    colours: dict[str, str] = {}
    for arm, seeds in by_arm(found).items():
        cell, direction = arm.split("-")
        colour = colours.setdefault(cell, f"C{len(colours)}")
        middles = [each["middle"] for each in seeds[0]["by_length"]]
        bleu = [[each["bleu"][0] for each in seed["by_length"]] for seed in seeds]
        low, mean, high = ([of(values) for values in zip(*bleu, strict=True)] for of in (min, statistics.mean, max))
        axes.plot(middles, mean, styles[direction], color=colour, label=f"{cell}, {direction}", markersize=5)
        axes.fill_between(middles, low, high, color=colour, alpha=0.08, linewidth=0)
    longest = found[0]["by_length"][-1]["words"][1]
    axes.axvspan(20.5, longest, color="grey", alpha=0.15, linewidth=0)
    axes.text(21, 1, "longer than any in training", fontsize="small", alpha=0.7)
    axes.set(xlabel="English words", ylabel="BLEU", xlim=(0, longest), ylim=(0, 100))
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small", ncols=3)
    figure.savefig(path, dpi=150)


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]
