"""Makes a recipe's results.json and the table in its README from finished runs.

python recipes/publish.py RECIPE SETTING=RUN_DIR [SETTING=RUN_DIR ...]
"""

import argparse
import json
import statistics
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "shared"))
from plumbing import replace_results

RECIPES = Path(__file__).parent
BEGIN = "<!-- results: made by recipes/publish.py -->"


def result_of(setting: str, run: Path) -> dict:
    """What is published of a run: figures, and all that they depend on."""
    results = json.loads((run / "results.json").read_text(encoding="utf-8"))
    about = json.loads((run / "about.json").read_text(encoding="utf-8"))
    metrics = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]
    seed = json.loads((run / "config.json").read_text(encoding="utf-8"))["training"]["seed"]
    return {
        "setting": setting,
        "hardware": about["hardware"],
        "about": about,
        "seed": seed,
        "epochs": metrics[-1]["epoch"],
        "training_minutes": results["seconds"]["training"] / 60,
        "tokens_per_second": statistics.median(record["tokens_per_second"] for record in metrics),
        **results,
    }


def section(results: list[dict]) -> str:
    """The README's section: a table, the signatures, and the lengths where they were scored apart."""
    names = [score["name"] for score in results[0]["scores"]]
    lines = [f"| setting | seed | epochs | training, minutes | target tokens/s | {' | '.join(names)} | length ratio |"]
    lines.append("|---" * (6 + len(names)) + "|")
    for result in results:
        scores = [f"{s['value']:.1f} ({s['low']:.1f} to {s['high']:.1f})" for s in result["scores"]]
        start = f"| {result['setting']} | {result['seed']} | {result['epochs']} | {result['training_minutes']:.1f} "
        lines.append(
            f"{start}| {result['tokens_per_second']:,.0f} | {' | '.join(scores)} | {result['length_ratio']:.3f} |"
        )
    lines += ["", "In brackets: 95 % bootstrap intervals over the sentences. Signatures:", ""]
    signatures = {(s["name"], s["signature"]): None for result in results for s in result["scores"]}
    lines += [f"- {name}: `{signature}`" for name, signature in signatures]
    hardware = ", ".join(dict.fromkeys(f"{r['hardware']} ({r['about']['backend']})" for r in results))
    lines += ["", f"Measured on: {hardware}."]
    for result in results:
        if result.get("by_length"):
            lines += [
                "",
                f"By length, setting {result['setting']}:",
                "",
                "| English words | BLEU | chrF2 | TER |",
                "|---|---|---|---|",
            ]
            lines += [f"| {k} | {v['BLEU']} | {v['chrF2']} | {v['TER']} |" for k, v in result["by_length"].items()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", help="the folder's name")
    parser.add_argument("runs", nargs="+", metavar="SETTING=RUN_DIR", help="finished runs, with results.json")
    options = parser.parse_args()
    results = [result_of(setting, Path(run)) for setting, run in (each.split("=", 1) for each in options.runs)]
    folder = RECIPES / options.recipe
    (folder / "results.json").write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    replace_results(folder / "README.md", section(results), begin=BEGIN)


if __name__ == "__main__":
    main()
