"""From the finished runs to one table and the README's section."""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "shared"))  # for what the recipes share
from plumbing import hardware, replace_results

TEST = "test_2016_flickr"
ARMS = {"reverse": ("fr", "en"), "parallel": ("en", "fr"), "mixed": ("en", "fr")}


def write_report(runs: Path, data: Path, folder: Path) -> str:
    """Write results.json, put the table into the README where there is one, and return it."""
    results = [result_of(runs, arm, data) for arm in ARMS]
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    text = table(results)
    replace_results(folder / "README.md", text)
    return text


def result_of(runs: Path, arm: str, data: Path) -> dict[str, Any]:
    """What is published of one run; the mix is compared with the parallel text alone."""
    from seq2seq import evaluate

    run, target = runs / arm, ARMS[arm][1]
    last = json.loads(lines(run / "metrics.jsonl")[-1])
    about = json.loads((run / "about.json").read_text(encoding="utf-8"))
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    cleaned = json.loads((run / "cleaning.json").read_text(encoding="utf-8"))
    scores = {}
    for name in ("val", TEST):
        baseline = lines(runs / "parallel" / f"{name}.fr") if arm == "mixed" else None
        references = lines(data / f"{name}.{target}")
        evaluation = evaluate(
            lines(run / f"{name}.{target}"), references, metrics=("BLEU", "chrF2"), baseline=baseline, language=target
        )
        scores[name] = evaluation.to_json()
    return {
        "arm": arm,
        "direction": "-".join(ARMS[arm]),
        "seed": config["training"]["seed"],
        "pairs": cleaned["kept"],
        "epochs": last["epoch"],
        "steps": last["step"],
        "minutes": last["seconds"] / 60,
        "scores": scores,
        "hardware": hardware(about),
    }


def table(results: list[dict[str, Any]]) -> str:
    """The section of the README."""
    rows = ["| run | direction | pairs | epochs | updates | training, minutes | val BLEU | test BLEU | test chrF2 |"]
    rows.append("|---" * 9 + "|")
    for result in results:
        cells = [result["arm"], result["direction"], f"{result['pairs']:,}", result["epochs"], f"{result['steps']:,}"]
        figures = [score(result, "val", "BLEU"), score(result, TEST, "BLEU"), score(result, TEST, "chrF2")]
        minutes = f"{result['minutes']:.1f}"
        rows.append(f"| {' | '.join(map(str, [*cells, minutes, *figures]))} |")
    rows += [
        "",
        "In brackets: 95 % bootstrap intervals over the sentences. The mix against the parallel text alone:",
        "",
    ]
    rows += ["| set | metric | mixed | parallel | difference | p |", "|---|---|---|---|---|---|"]
    for name in ("val", TEST):
        for pair in results[-1]["scores"][name]["comparisons"]:
            figures = (
                f"{pair['system']:.2f} | {pair['baseline']:.2f} | {pair['difference']:+.2f} | {pair['p_value']:.3f}"
            )
            rows.append(f"| {name} | {pair['metric']} | {figures} |")
    signatures = [f"{each['name']} `{each['signature']}`" for each in results[-1]["scores"][TEST]["scores"]]
    rows += [
        "",
        f"p: paired bootstrap, 1,000 resamples. Signatures: {', '.join(signatures)}. Seed {results[-1]['seed']}.",
    ]
    rows.append(f"Measured on: {', '.join(dict.fromkeys(result['hardware'] for result in results))}.")
    return "\n".join(rows)


def score(result: dict[str, Any], name: str, metric: str) -> str:
    """A figure with its interval."""
    found = next(each for each in result["scores"][name]["scores"] if each["name"] == metric)
    return f"{found['value']:.1f} ({found['low']:.1f} to {found['high']:.1f})"


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]
