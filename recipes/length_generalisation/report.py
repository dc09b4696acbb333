"""From all finished runs to a table and a picture, and the README's section."""

import json
import statistics
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "shared"))  # for what the recipes share
from plumbing import hardware, replace_results


def publish(runs: Path, arms: list[str], tests: list[tuple[int, int]], folder: Path | None) -> str:
    """The table of all arms; written into a folder's README, with results.json and the picture, where one is given."""
    found = [result_of(runs, arm, tests, arms[0]) for arm in arms]
    place = folder or runs
    (place / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    draw(found, place / "lengths.png")
    text = table(found)
    if folder:
        replace_results(folder / "README.md", text)
    return text


def result_of(runs: Path, arm: str, tests: list[tuple[int, int]], first: str) -> dict[str, Any]:
    """Scores of an arm by length, each with the p-value of its difference from the first arm."""
    from seq2seq import evaluate

    about = json.loads((runs / arm / "about.json").read_text(encoding="utf-8"))
    metrics = [json.loads(line) for line in lines(runs / arm / "metrics.jsonl")]
    config = json.loads((runs / arm / "config.json").read_text(encoding="utf-8"))
    by_length = []
    for low, high in tests:
        name = f"test.{low}-{high}.fr"
        ours, truth = lines(runs / arm / name), lines(runs / "data" / name)
        evaluation = evaluate(
            ours, truth, baseline=None if arm == first else lines(runs / first / name), metrics=("BLEU", "chrF2")
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
        "pairs": json.loads((runs / arm / "cleaning.json").read_text(encoding="utf-8"))["kept"],
        "minutes": metrics[-1]["seconds"] / 60,
        "by_length": by_length,
        "signatures": {score.name: score.signature for score in evaluation.scores},
        "hardware": hardware(about),
    }


def table(found: list[dict[str, Any]]) -> str:
    """Markdown: BLEU, length ratio and exact matches by length."""
    if not found:
        return "Not measured yet."
    heads = [f"{low}-{high}" for low, high in (each["words"] for each in found[0]["by_length"])]
    text = [
        f"BLEU by English words, then the length ratio; in bold where p < 0.01 against {found[0]['arm']} (paired",
        "bootstrap). Exact: share of sentences of the first two columns that are the reference, word for word.",
        "",
        f"| encoder | minutes | {' | '.join(heads)} | exact |",
        "|---" * (len(heads) + 3) + "|",
    ]
    for result in found:
        cells = []
        for each in result["by_length"]:
            bleu = f"{each['bleu'][0]:.1f}"
            told = each["p_value"] is not None and each["p_value"] < 0.01
            cells.append(f"{f'**{bleu}**' if told else bleu} ({each['length_ratio']:.2f})")
        exact = sum(each["exact"] for each in result["by_length"][:2]) / 2
        text.append(f"| {result['arm']} | {result['minutes']:.1f} | {' | '.join(cells)} | {100 * exact:.0f} % |")
    first = found[0]
    text += ["", f"Seed {first['seed']}, {first['pairs']:,} training pairs. Signatures:", ""]
    text += [f"- {name}: `{signature}`" for name, signature in first["signatures"].items()]
    text += ["", f"Measured on: {first['hardware']}."]
    return "\n".join(text)


def draw(found: list[dict[str, Any]], path: Path) -> None:
    """BLEU by length, a curve for each arm with its bootstrap interval; unseen lengths are shaded."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.4), layout="constrained")
    axes = figure.add_subplot()
    styles = {"forward": "o-", "reversed": "s--", "bidirectional": "^:"}
    colours: dict[str, str] = {}
    for result in found:
        cell, direction = result["arm"].split("-")
        colour = colours.setdefault(cell, f"C{len(colours)}")
        middles = [each["middle"] for each in result["by_length"]]
        values, low, high = zip(*(each["bleu"] for each in result["by_length"]), strict=True)
        axes.plot(middles, values, styles[direction], color=colour, label=f"{cell}, {direction}", markersize=5)
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
