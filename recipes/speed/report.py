"""The table, the picture, and the README's section."""

import json
import re
from pathlib import Path
from typing import Any

NAMES = {
    "toolkit": "seq2seq",
    "toolkit_onnx": "seq2seq on onnxruntime",
    "toolkit_onnx_shortlist": "seq2seq on onnxruntime with a short-list",
    "pytorch": "PyTorch by hand, same network",
    "keras_tutorial": "Keras as its tutorial teaches",
    "eole": "eole",
}
DEV_LOSS = "time to a dev loss"
BEGIN, END = "<!-- results: made by run.py -->", "<!-- end of results -->"


def write_report(results: dict[str, Any], task: Path, folder: Path) -> str:
    """Write results.json and speed.png, put the table into the README where there is one, and return it."""
    for entry in results["measured"]:
        hypotheses = entry.pop("results", None)
        if hypotheses:
            entry["bleu"] = _bleu(hypotheses, task)
    results["measured"].sort(key=lambda entry: entry["group"] not in ("training", DEV_LOSS))
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    draw(results, folder / "speed.png")
    text = table(results)
    readme = folder / "README.md"
    if readme.exists():
        section = f"{BEGIN}\n{text}\n{END}"
        pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
        readme.write_text(pattern.sub(lambda _: section, readme.read_text(encoding="utf-8")), encoding="utf-8")
    return text


def table(results: dict[str, Any]) -> str:
    """Markdown: medians, ranges, and the ratio to the fastest other."""
    lines = [
        (
            "| training | precision | target tokens/s | dev loss, nats | "
            f"s to dev loss {results['loss']} | first step, s | peak memory, MB |"
        ),
        "|---|---|---|---|---|---|---|",
    ]
    reached = {
        (entry["contender"], entry["precision"]): _range(entry["seconds"], ",.0f")
        for entry in results["measured"]
        if entry["group"] == DEV_LOSS
    }
    for entry in results["measured"]:
        if entry["group"] == "training":
            cells = [
                NAMES[entry["contender"]],
                entry["precision"],
                _range(entry["tokens_per_second"], ",.0f"),
                f"{entry['dev_loss'][0]:.3f}" if "dev_loss" in entry else "",
                reached.get((entry["contender"], entry["precision"]), ""),
                f"{entry['first_step_seconds'][0]:.1f}",
                f"{entry['peak_mb'][0]:,.0f}",
            ]
            lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        "| translating | | precision | sentences/s | p50, ms | p99, ms | memory, MB | BLEU | to float32 | to int8 |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for entry in results["measured"]:
        if entry["group"] not in ("training", DEV_LOSS):
            alone = entry["group"].endswith("one at a time") and "p50_ms" in entry
            cells = [
                entry["group"],
                _name(entry),
                entry["precision"],
                _range(entry["sentences_per_second"], ",.1f"),
                f"{entry['p50_ms'][0]:.0f}" if alone else "",
                f"{entry['p99_ms'][0]:.0f}" if alone else "",
                f"{entry['peak_mb'][0]:,.0f}" if "peak_mb" in entry else "",
                f"{entry['bleu']:.1f}" if entry.get("bleu") is not None else "",
                _ratio(results, entry, "float32"),
                _ratio(results, entry, "int8"),
            ]
            lines.append(f"| {' | '.join(cells)} |")
    roofline, commands = results["roofline"], results["commands"]
    operations = roofline["operations_per_token"]
    limits = [
        f"{rate / operations:,.0f} tokens/s in {precision} ({_share(results, precision)})"
        for precision, rate in roofline["rates"].items()
    ]
    rates = [f"{rate / 1e9:,.0f} in {precision}" for precision, rate in roofline["rates"].items()]
    sentences = [
        f"A training step needs {operations / 1e6:.1f} million operations a target token.",
        f"The output layer's product runs here at {' and '.join(rates)}, in thousand million operations a second.",
        f"So the limits are {' and '.join(limits)}.",
        f"`seq2seq --help`: {commands['help']:.2f} s.",
        f"`echo 'A man is sleeping.' | seq2seq translate RUN`, cold: {commands['cold translation']:.1f} s.",
        f"The same with an export in int8: {commands['cold translation of an export']:.1f} s.",
        f"The same with `--engine keras`: {commands['cold translation by Keras']:.1f} s.",
        f"Medians of {results['repeats']} turns, lowest and highest in brackets; contenders alternate.",
        *(
            f"{half.capitalize()}: {', '.join(f'{key} {value}' for key, value in about.items())}."
            for half, about in results["about"].items()
        ),
    ]
    return "\n".join([*lines, *(f"\n{sentence}" for sentence in sentences)])


def draw(results: dict[str, Any], path: Path) -> None:
    """Bars: training and the four ways to translate, each group on its own scale."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    groups = list(dict.fromkeys(entry["group"] for entry in results["measured"] if entry["group"] != DEV_LOSS))
    figure, axes = pyplot.subplots(1, len(groups), figsize=(3.2 * len(groups), 3.4), layout="constrained")
    for axis, group in zip(axes, groups, strict=True):
        entries = [entry for entry in results["measured"] if entry["group"] == group]
        key = "tokens_per_second" if group == "training" else "sentences_per_second"
        labels = [
            _name(entry)
            .split(",")[0]
            .replace(" as its tutorial teaches", " tutorial")
            .replace(" on onnxruntime", "")
            .replace(" on", ",")
            .replace(" with a", ",")
            + f"\n{entry['precision']}"
            for entry in entries
        ]
        values = [entry[key] for entry in entries]
        colors = ["tab:blue" if entry["contender"].startswith("toolkit") else "tab:gray" for entry in entries]
        errors = [[v[0] - v[1] for v in values], [v[2] - v[0] for v in values]]
        axis.bar(range(len(values)), [v[0] for v in values], yerr=errors, color=colors, capsize=3)
        axis.set_xticks(range(len(values)), labels, rotation=60, ha="right", fontsize=8)
        axis.set_title(f"{group}, {'tokens/s' if group == 'training' else 'sentences/s'}", fontsize=9)
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _bleu(hypotheses: list[str], task: Path) -> float | None:
    from sacrebleu.metrics import BLEU

    references = (task / "data" / "test.fr").read_text(encoding="utf-8").split("\n")[:-1]
    whole = len(hypotheses) == len(references)
    return float(BLEU().corpus_score(hypotheses, [references]).score) if whole else None


def _name(entry: dict[str, Any]) -> str:
    """A contender's name; what trains with Keras also translates with it."""
    on_keras = entry["contender"] == "toolkit" and entry["group"] not in ("training", DEV_LOSS)
    return NAMES[entry["contender"]] + (" on Keras" if on_keras else "")


def _range(values: list[float], form: str) -> str:
    return f"{values[0]:{form}} ({values[1]:{form}} to {values[2]:{form}})"


def _ratio(results: dict[str, Any], entry: dict[str, Any], precision: str) -> str:
    """The toolkit's rate over that of the fastest other in a precision."""
    others = [
        other["sentences_per_second"][0]
        for other in results["measured"]
        if other["group"] == entry["group"]
        and other["precision"] == precision
        and not other["contender"].startswith("toolkit")
    ]
    return (
        f"{entry['sentences_per_second'][0] / max(others):.2f}"
        if entry["contender"].startswith("toolkit") and others
        else ""
    )


def _share(results: dict[str, Any], precision: str) -> str:
    limit = results["roofline"]["rates"][precision] / results["roofline"]["operations_per_token"]
    return ", ".join(
        f"{NAMES[entry['contender']]} {entry['tokens_per_second'][0] / limit:.0%}"
        for entry in results["measured"]
        if entry["group"] == "training" and entry["precision"] == precision and entry["contender"] != "keras_tutorial"
    )
