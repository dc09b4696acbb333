"""From the finished runs of the ladder to one table and the README's section."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.append(str(Path(__file__).parents[1] / "shared"))  # for what the recipes share
from plumbing import hardware, over_seeds, replace_results, with_published

from seq2seq.runs.directory import RunDirectory
from seq2seq.weight_count import count_weights

BEGIN, END = "<!-- ladder: made by ladder.py -->", "<!-- end of ladder -->"


class System(NamedTuple):
    """What a row of the table is about.

    Attributes:
        name: in the table.
        method: what is special about it, in words.
        runs: the names of its runs: one, or several that translate together.
        beside: the name of the system that it is compared with.
        kept: the rows below have its method too.
    """

    name: str
    method: str
    runs: tuple[str, ...]
    beside: str | None = None
    kept: bool = False


def publish(
    runs: Path, systems: Sequence[System], data: Path, sets: Sequence[str], names: Sequence[str], recipe: Path | None
) -> str:
    """Score all systems, write ladder.json and, for a recipe's folder, the README's section; return the section.

    What was published of other systems stays: a ladder may be trained in several sittings and on several machines.

    Args:
        runs: the folder of the runs and the translations.
        systems: what to compare.
        data: the folder with the references.
        sets: the test sets that all systems translated.
        names: of all systems that there are, in the order of the table.
        recipe: the folder of the recipe, to publish there.
    """
    results = [result_of(system, runs, data, sets) for system in systems]
    path = (recipe or runs) / "ladder.json"
    results = with_published(results, path, "system", names)
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    section = table(results)
    if recipe:
        replace_results(recipe / "README.md", section, begin=BEGIN, end=END)
    return section


def result_of(system: System, runs: Path, data: Path, sets: Sequence[str]) -> dict[str, Any]:
    """What is published of one system."""
    from seq2seq import evaluate

    directories = [RunDirectory(runs / name) for name in system.runs]
    logs = [directory.log() for directory in directories]
    about = json.loads((directories[0].path / "about.json").read_text(encoding="utf-8"))
    scores = {}
    for name in sets:
        translations = runs / "translations" / f"{system.name}.{name}.fr"
        compared = translations.with_name(f"{system.beside}.{name}.fr")
        baseline = lines(compared) if system.beside and compared.exists() else None
        references = lines(data / f"{name}.fr")
        metrics = ("BLEU", "chrF2")
        evaluation = evaluate(lines(translations), references, metrics=metrics, baseline=baseline, language="fr")
        scores[name] = evaluation.to_json()
    return {
        "system": system.name,
        "method": system.method,
        "kept": system.kept,
        "beside": system.beside,
        "seeds": [directory.config().training.seed for directory in directories],
        "epochs": logs[0][-1]["epoch"],
        "minutes": sum(log[-1]["seconds"] for log in logs) / 60,
        "weights": sum(map(_weights, directories)),
        "scores": scores,
        "hardware": hardware(about),
    }


def table(results: Sequence[Mapping[str, Any]]) -> str:
    """The section of the README."""
    sets = list(dict.fromkeys(name for result in results for name in result["scores"]))
    head = ["row", "method", "million weights", "epochs", "minutes"]
    for name in sets:
        head += [f"{name} BLEU", f"{name} chrF2", "BLEU more than", "p"]
    text = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for result in results:
        star = " *" if result["kept"] else ""
        cells = [f"{result['system']}{star}", result["method"], f"{result['weights'] / 1e6:.1f}"]
        cells += [str(result["epochs"]), f"{result['minutes']:.1f}"]
        for name in sets:
            if name not in result["scores"]:  # published without --test
                cells += ["", "", "", ""]
                continue
            bleu, chrf = result["scores"][name]["scores"]
            cells += [f"{bleu['value']:.1f} ({bleu['low']:.1f} to {bleu['high']:.1f})", f"{chrf['value']:.1f}"]
            compared = [pair for pair in result["scores"][name]["comparisons"] if pair["metric"] == "BLEU"]
            cells += _difference(compared[0], result["beside"]) if compared else ["", ""]
        text.append(f"| {' | '.join(cells)} |")
    scores = [score for result in results for scored in result["scores"].values() for score in scored["scores"]]
    text += [
        "",
        "A star: the rows below have the method too. In brackets: 95 % bootstrap intervals over the sentences.",
        "p: paired bootstrap, 1,000 resamples. Beam 5.",
        *_spreads(results, sets),
        "",
        "Signatures:",
        "",
        *dict.fromkeys(f"- {score['name']}: `{score['signature']}`" for score in scores),
        "",
    ]
    seeds = ", ".join(map(str, sorted({seed for result in results for seed in result["seeds"]})))
    machines = ", ".join(dict.fromkeys(result["hardware"] for result in results))
    return "\n".join([*text, f"Seed {seeds}. Measured on: {machines}."])


def _spreads(results: Sequence[Mapping[str, Any]], sets: Sequence[str]) -> list[str]:
    """A line for each method that was trained from several seeds."""
    methods: dict[str, list[Mapping[str, Any]]] = {}
    for result in results:
        methods.setdefault(result["method"], []).append(result)
    text = []
    for repeated in (each for each in methods.values() if len(each) > 1):
        names = ", ".join(result["system"] for result in repeated)
        figures = []
        for name in sets:
            if all(name in result["scores"] for result in repeated):
                values = [result["scores"][name]["scores"][0]["value"] for result in repeated]
                figures.append(f"{name} BLEU {over_seeds(values)}")
        text.append(f"Mean of {names}, with the lowest and the highest: {'; '.join(figures)}.")
    return text


def _weights(directory: RunDirectory) -> int:
    source, target = directory.tokenizers()
    return count_weights(directory.config().model, source.size, target.size)


def _difference(comparison: Mapping[str, Any], beside: str) -> list[str]:
    return [f"{comparison['difference']:+.1f} ({beside})", f"{comparison['p_value']:.3f}"]


def lines(path: Path) -> list[str]:
    """The lines of a text file."""
    return path.read_text(encoding="utf-8").split("\n")[:-1]
