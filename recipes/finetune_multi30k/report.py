"""From all finished runs to one table, the learning curves as a picture, and the README's section."""

import json
import statistics
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "shared"))  # for what the recipes share
from plumbing import hardware, replace_results

TEST = "test_2016_flickr"


def write_report(runs: Path, data: Path, folder: Path) -> str:
    """Write results.json and curves.png, put the table into the README where there is one, and return it."""
    found = [result_of(run, data) for run in sorted(runs.glob("*-*-*-*")) if (run / f"{TEST}.{run.name[:2]}").exists()]
    for result in found:
        result["p_value"] = significance(result, found, runs, data)
    (folder / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    draw(found, folder / "curves.png")
    text = table(found)
    replace_results(folder / "README.md", text)
    return text


def result_of(run: Path, data: Path) -> dict[str, Any]:
    """What is published of one run."""
    from seq2seq import evaluate

    language, size, arm, seed = run.name.split("-")
    metrics = [json.loads(line) for line in lines(run / "metrics.jsonl")]
    about = json.loads((run / "about.json").read_text(encoding="utf-8"))
    measured = [record for record in metrics if "dev_bleu" in record]
    scores = {}
    for name in ("val", TEST):
        references = lines(data / f"{name}.{language}")
        evaluation = evaluate(lines(run / f"{name}.{language}"), references, metrics=("BLEU", "chrF2"))
        scores[name] = {score.name: [score.value, score.low, score.high] for score in evaluation.scores}
    trade_off = run / "tradeoff.json"
    return {
        "language": language,
        "size": int(size),
        "arm": arm.replace("_", " "),
        "seed": int(seed),
        "steps": metrics[-1]["step"],
        "seconds": metrics[-1]["seconds"],
        "tokens_per_second": statistics.median(record["tokens_per_second"] for record in metrics),
        "curve": [[r["step"], r["dev_bleu"], r.get("parent_dev_bleu")] for r in measured],
        "scores": scores,
        "trade_off": json.loads(trade_off.read_text(encoding="utf-8")) if trade_off.exists() else None,
        "signatures": {score.name: score.signature for score in evaluation.scores},
        "hardware": hardware(about),
    }


def significance(result: dict[str, Any], found: list[dict[str, Any]], runs: Path, data: Path) -> float | None:
    """P of the difference in dev BLEU to the training from nothing with the same pairs and seed."""
    from seq2seq import evaluate

    same = ("language", "size", "seed")
    others = [o for o in found if o["arm"] == "scratch" and all(o[key] == result[key] for key in same)]
    if result["arm"] == "scratch" or not others:
        return None
    language = result["language"]
    names = [f"{language}-{r['size']}-{r['arm'].replace(' ', '_')}-{r['seed']}" for r in (result, others[0])]
    ours, theirs = (lines(runs / name / f"val.{language}") for name in names)
    comparison = evaluate(ours, lines(data / f"val.{language}"), baseline=theirs, metrics=("BLEU",)).comparisons[0]
    return comparison.p_value


def table(found: list[dict[str, Any]]) -> str:
    """Markdown, one line for a language, size and arm; of several seeds, the mean and the range."""
    text = [
        (
            "| pairs | to | arm | seeds | steps | dev BLEU | p | steps to scratch's best | test BLEU | test chrF2 | "
            "target tokens/s |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for result in sorted(found, key=lambda r: (r["size"], r["language"], r["arm"] != "scratch", r["arm"], r["seed"])):
        groups.setdefault((result["size"], result["language"], result["arm"]), []).append(result)
    for (size, language, arm), results in groups.items():
        base = groups.get((size, language, "scratch"), [])
        reached = [
            step_of(r, max(b for _, b, _ in o["curve"])) for r in results for o in base if o["seed"] == r["seed"]
        ]
        p_values = [f"{r['p_value']:.3f}" for r in results if r["p_value"] is not None]
        cells = [
            *(f"{size:,}", language, arm, str(len(results))),
            f"{statistics.mean(r['steps'] for r in results):,.0f}",
            spread([r["scores"]["val"]["BLEU"][0] for r in results]),
            ", ".join(p_values),
            ", ".join("never" if step is None else f"{step:,}" for step in reached) if arm != "scratch" else "",
            spread([r["scores"][TEST]["BLEU"][0] for r in results]),
            spread([r["scores"][TEST]["chrF2"][0] for r in results]),
            f"{statistics.median(r['tokens_per_second'] for r in results):,.0f}",
        ]
        text.append(f"| {' | '.join(cells)} |")
    signatures = {(name, signature) for r in found for name, signature in r["signatures"].items() if name != "TER"}
    text += ["", "Signatures:", "", *(f"- {name}: `{signature}`" for name, signature in sorted(signatures))]
    text += ["", f"Measured on: {'; '.join(sorted({r['hardware'] for r in found}))}."]
    kept = [r for r in found if any(old is not None for _, _, old in r["curve"])]
    if kept:
        text += ["", *kept_table(kept)]
    return "\n".join(text)


def kept_table(found: list[dict[str, Any]]) -> list[str]:
    """What became of the parent's pair, where it was watched: greedy dev BLEU, the kept mixture's too."""
    from seq2seq.training.interpolation import Point, best_of

    text = ["| pairs | to | arm | new pair | French, at the end | mixture | new pair | French |"]
    text.append("|---|---|---|---|---|---|---|---|")
    for r in found:
        _, new, old = r["curve"][-1]
        points = [Point(**{"loss": 0.0} | point) for point in r["trade_off"] or []]  # older runs noted no loss
        best = best_of(points) if points else None
        mixed = [f"{best.share:.0%} old", f"{best.new:.1f}", f"{best.old:.1f}"] if best else ["", "", ""]
        cells = [f"{r['size']:,}", r["language"], r["arm"], f"{new:.1f}", f"{old:.1f}", *mixed]
        text.append(f"| {' | '.join(cells)} |")
    return text


def step_of(result: dict[str, Any], bleu: float) -> int | None:
    """The first step at which a run's dev BLEU was as high."""
    return next((step for step, value, _ in result["curve"] if value >= bleu), None)


def spread(values: list[float]) -> str:
    if len(values) == 1:
        return f"{values[0]:.1f}"
    return f"{statistics.mean(values):.1f} ({min(values):.1f} to {max(values):.1f})"


def draw(found: list[dict[str, Any]], path: Path) -> None:
    """Dev BLEU against steps: a panel for each number of pairs and language, a line for each run."""
    from matplotlib.figure import Figure

    panels = sorted({(r["language"], r["size"]) for r in found})
    rows = sorted({language for language, _ in panels})
    columns = sorted({size for _, size in panels})
    figure = Figure(figsize=(3.1 * len(columns), 2.8 * len(rows)), layout="constrained")
    axes = figure.subplots(len(rows), len(columns), squeeze=False, sharey="row")
    colours = {"scratch": "C1", "finetuned": "C0"}
    for row, language in enumerate(rows):
        for column, size in enumerate(columns):
            axis = axes[row][column]
            for result in found:
                if (result["language"], result["size"]) == (language, size) and result["arm"] in colours:
                    steps, bleu, _ = zip(*result["curve"], strict=True)
                    label = result["arm"] if result["seed"] == 1 else None
                    axis.plot(steps, bleu, f"{colours[result['arm']]}.-", alpha=0.8, label=label)
            axis.set_title(f"English to {language}, {size:,} pairs", fontsize=9)
            axis.set_xlabel("updates")
            axis.grid(alpha=0.3)
        axes[row][0].set_ylabel("dev BLEU (greedy)")
    axes[0][0].legend(fontsize=8)
    figure.savefig(path, dpi=150)


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]
