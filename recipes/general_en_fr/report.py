"""Makes this recipe's results.json and the tables of its README from finished runs.

python recipes/general_en_fr/report.py SETTING=RUN_DIR [SETTING=RUN_DIR ...]
"""

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

from scoring import NAMES, save

sys.path.append(str(Path(__file__).parents[1] / "shared"))  # for what the recipes share
from plumbing import hardware, replace_results

HERE = Path(__file__).parent
BEGIN = "<!-- results: made by report.py -->"


def result_of(setting: str, run: Path) -> dict[str, Any]:
    """What is published of a run: figures, and all that they depend on."""
    results, about, config = (
        json.loads((run / f"{name}.json").read_text(encoding="utf-8")) for name in ("results", "about", "config")
    )
    metrics = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]
    kept = ("epoch", "step", "seconds", "loss", "dev_loss", "dev_bleu")
    return {
        "setting": setting,
        "about": about,
        "seed": config["training"]["seed"],
        "epochs": metrics[-1]["epoch"],
        "planned_epochs": config["training"]["epochs"],
        "training_minutes": results["seconds"]["training"] / 60,
        "tokens_per_second": statistics.median(
            record["tokens_per_second"] for record in metrics if "tokens_per_second" in record
        ),
        "curve": [{key: record[key] for key in kept if key in record} for record in metrics],
        **results,
    }


def table(results: list[dict[str, Any]]) -> str:
    """The README's section: scores by domain and by length, the curve, and what they depend on."""
    domains, lengths, curve = [], [], []
    for result in results:
        setting = result["setting"]
        for name, domain in result["domains"].items():
            scores = [f"{s['value']:.1f} ({s['low']:.1f} to {s['high']:.1f})" for s in domain["scores"]]
            domains.append((setting, name, f"{domain['sentences']:,}", *scores, f"{domain['length_ratio']:.3f}"))
            for words, figures in domain["by_length"].items():
                cells = (f"{figures['sentences']:,}", figures["BLEU"], figures["chrF2"])
                lengths.append((setting, name, words, *cells))
        for record in result["curve"]:
            if "dev_bleu" in record:
                cells = (f"{record['seconds'] / 60:.1f}", f"{record['dev_loss']:.2f}", f"{record['dev_bleu']:.1f}")
                curve.append((setting, record["epoch"], *cells))
    blocks = [
        rows_of(("setting", "test set", "sentences", "BLEU", "chrF2", "length ratio"), domains),
        rows_of(("setting", "test set", "English words", "sentences", "BLEU", "chrF2"), lengths),
        rows_of(("setting", "finished epochs", "training, minutes", "dev loss, nats", "dev BLEU, greedy"), curve),
        "\n".join(conditions(result) for result in results),
        "In brackets: 95 % bootstrap intervals over the sentences. Signatures:",
        signatures(results),
    ]
    return "\n\n".join(blocks)


def rows_of(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = [" | ".join(map(str, cells)) for cells in (head, *rows)]
    return "\n".join([f"| {lines[0]} |", "|---" * len(head) + "|", *(f"| {line} |" for line in lines[1:])])


def conditions(result: dict[str, Any]) -> str:
    """How a run was made, and how many names came through."""
    rows, about = result["lists"][NAMES], result["about"]
    complete = sum(row["came_through"] for row in rows)
    return (
        f"{result['setting']}: seed {result['seed']}, {result['epochs']} of {result['planned_epochs']} epochs in "
        f"{result['training_minutes']:.1f} minutes, {result['tokens_per_second']:,.0f} target tokens/s in the median "
        f"epoch, {hardware(about)}; translated with beam {result['beam']} on "
        f"{result['translated_on']}. All names and numbers came through in {complete} of {len(rows)} sentences."
    )


def signatures(results: list[dict[str, Any]]) -> str:
    scores = [score for result in results for domain in result["domains"].values() for score in domain["scores"]]
    return "\n".join(f"- {name}: `{text}`" for name, text in dict.fromkeys((s["name"], s["signature"]) for s in scores))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="SETTING=RUN_DIR", help="finished runs, with results.json")
    options = parser.parse_args()
    results = [result_of(setting, Path(run)) for setting, run in (pair.split("=", 1) for pair in options.runs)]
    save(results, HERE / "results.json")
    replace_results(HERE / "README.md", table(results), begin=BEGIN)


if __name__ == "__main__":
    main()
