"""From the measurements to tables, a picture, results.json, and the README's section."""

import json
import sys
from pathlib import Path
from typing import Any

import paper
from collectives import sent

from seq2seq.settings.config import Config, load_config

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "shared"))  # for what the recipes share
from plumbing import replace_results  # noqa: E402

Results = dict[str, Any]
COLUMNS = ["devices", "target tokens a batch", "a step, ms", "target tokens/s", "processor, ms a step", "on paper, ms"]
NETWORKS = {"multi30k": "Multi30k's", "sutskever": "Sutskever et al.'s"}
SCALINGS = {"strong": "divided", "weak": "for each GPU"}


def write_report(results: Results, config: Config, folder: Path) -> str:
    """Write results.json and scale.png, put the section into the README where there is one, and return it."""
    results["reduced_bytes_on_paper"] = paper.reduced_bytes(config)
    results["gathered_bytes_on_paper"] = paper.IDS
    results["predictions"] = paper.predictions()
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    draw(results, folder / "scale.png")
    text = section(results)
    replace_results(folder / "README.md", text)
    return text


def section(results: Results) -> str:
    """What the README shows."""
    parts = [_times(results), _sent(results), _predictions(results), _about(results)]
    return "\n\n".join(parts)


def seconds_of(results: Results, point: Results) -> float:
    """What a point costs: the processor's time where one processor plays all devices, else the time on the clock."""
    return float(point["processor_seconds" if results["virtual"] else "seconds"])


def modelled(results: Results, point: Results) -> float:
    """The same on paper, from what one device takes for batches of several sizes."""
    alone = [entry for entry in results["points"] if entry["devices"] == 1]
    cost = paper.fitted([(entry["tokens"], seconds_of(results, entry)) for entry in alone])
    devices = point["devices"]
    if results["virtual"]:  # the rows are as many as before; what does not depend on them is done by each device
        return cost.token * point["tokens"] + devices * cost.step
    link = paper.Link("one machine", 1, paper.NVLINK)
    sending = paper.reducing_seconds(results["reduced_bytes_on_paper"], devices, link)
    return cost.seconds(point["tokens"] / devices) + sending


def efficiency(results: Results, point: Results, seconds: float) -> float:
    """How much of the devices is used, if a step of a point takes so many seconds.

    Virtual devices: against one device with as large a batch. Real ones: tokens a second and device, against one device
    with the batch that is divided.
    """
    alone = [entry for entry in results["points"] if entry["devices"] == 1]
    if results["virtual"]:
        same = next(entry for entry in alone if entry["tokens"] == point["tokens"])
        return seconds_of(results, same) / seconds
    base = next(entry for entry in alone if entry["tokens"] == results["tokens"])
    rate = base["tokens"] / seconds_of(results, base)
    return float(point["tokens"] / seconds / rate / point["devices"])


def _times(results: Results) -> str:
    lines = [*_head([*COLUMNS, "efficiency", "on paper"])]
    for point in results["points"]:
        low, high = (1000 * seconds for seconds in point["fastest_slowest"])
        seconds, wanted = seconds_of(results, point), modelled(results, point)
        share = [f"{100 * efficiency(results, point, value):.0f} %" for value in (seconds, wanted)]
        base = point["devices"] == 1 and point["tokens"] == results["tokens"]
        cells = [
            str(point["devices"]),
            f"{point['tokens']:,}",
            f"{1000 * point['seconds']:,.1f} ({low:,.1f} to {high:,.1f})",
            f"{point['tokens'] / point['seconds']:,.0f}",
            f"{1000 * point['processor_seconds']:,.1f}",
            f"{1000 * wanted:,.1f}",
            *(share if point["devices"] > 1 or base else ["", ""]),
        ]
        lines.append(_row(cells))
    return "\n".join(lines)


def _sent(results: Results) -> str:
    lines = _head(["devices", "target tokens a batch", "kind", "operations", "bytes", "on paper", "a device sends"])
    for point in results["points"]:
        for kind, about in point["collectives"].items():
            on_paper = {
                "all-reduce": results["reduced_bytes_on_paper"],
                "all-gather": results["gathered_bytes_on_paper"] * point["tokens"],
            }.get(kind, 0)
            cells = [str(point["devices"]), f"{point['tokens']:,}", kind, str(about["operations"])]
            cells += [f"{about['bytes']:,}", f"{on_paper:,}", f"{sent({kind: about}, point['devices']):,.0f}"]
            lines.append(_row(cells))
    return "\n".join(lines)


def _predictions(results: Results) -> str:
    """A row for each network, scaling and batch; a cell for each place of the GPUs."""
    rows: dict[tuple[str, str, int], dict[str, str]] = {}
    for entry in results["predictions"]:
        row = rows.setdefault((entry["network"], entry["scaling"], entry["batch_tokens"]), {})
        row.setdefault("1 GPU, measured", f"{entry['alone_ms']:.1f} ms")
        times = f"{entry['computing_ms']:.1f} + {entry['sending_ms']:.1f} ms"
        row[entry["link"]] = f"{times}, {entry['speed_up']:.1f} ×, {100 * entry['efficiency']:.0f} %"
    lines = _head(["network", "scaling", "tokens a batch", *next(iter(rows.values()))])
    for (network, scaling, tokens), row in rows.items():
        lines.append(_row([NETWORKS[network], SCALINGS[scaling], f"{tokens:,}", *row.values()]))
    return "\n".join(lines)


def _about(results: Results) -> str:
    about = results["about"]
    kind = "virtual devices, which share its cores" if results["virtual"] else f"devices: {about['device']}"
    weights = f"{results['points'][0]['weights']:,} weights"
    versions = ", ".join(f"{name} {about[name]}" for name in ("python", "seq2seq", "keras", "jax", "numpy"))
    turns = f"Medians of {results['turns']} turns, fastest and slowest in brackets; seed 1; {weights}."
    return f"{turns} Measured on: {about['hardware']}; {kind}; {versions}."


def _head(columns: list[str]) -> list[str]:
    return [_row(columns), "|---" * len(columns) + "|"]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def draw(results: Results, path: Path) -> None:
    """Efficiency against devices: measured here beside the model, and what the model says of GPUs."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained")
    tokens = results["tokens"]
    for color, strong in (("C0", True), ("C1", False)):
        chosen = [p for p in results["points"] if p["tokens"] == (tokens if strong else tokens * p["devices"])]
        counts = [point["devices"] for point in chosen]
        name = "same batch" if strong else "larger batch"
        values = [efficiency(results, point, seconds_of(results, point)) for point in chosen]
        left.plot(counts, values, "o-", color=color, label=f"{name}, measured")
        values = [efficiency(results, point, modelled(results, point)) for point in chosen]
        left.plot(counts, values, "x:", color=color, label=f"{name}, on paper")
    left.set_title("virtual devices on the same cores" if results["virtual"] else "devices of this machine", fontsize=9)
    counts = [1 << power for power in range(7)]
    for color, (name, points) in zip(("C2", "C3"), paper.gpu_steps().items(), strict=True):
        for style, scaling, (size, alone) in (("o:", "strong", points[0]), ("o-", "weak", points[-1])):
            values = [_on_gpus(name, points, count, size, scaling) * alone for count in counts]
            right.plot(counts, values, style, color=color, label=f"{name}, {size:,} tokens, {SCALINGS[scaling]}")
    right.set_title("GPUs on paper: NVLink up to 8, then machines of 8 at 100 Gbit/s", fontsize=9)
    for axis, most in ((left, None), (right, 64)):
        axis.set_xscale("log", base=2)
        axis.set_xticks([1 << power for power in range(7) if most or 1 << power <= max(p["devices"] for p in chosen)])
        axis.xaxis.set_major_formatter("{x:.0f}")
        axis.set_ylim(0, 1.55)  # the legend is above the lines
        axis.set_xlabel("devices")
        axis.set_ylabel("efficiency")
        axis.legend(frameon=False, fontsize=7, loc="upper right")
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _on_gpus(name: str, points: list[tuple[int, float]], devices: int, tokens: int, scaling: str) -> float:
    """Batches of so many tokens a second and GPU."""
    settings = load_config(HERE / ("config.toml" if name == "multi30k" else "sutskever.toml"))
    machines = max(1, devices // 8)
    link = paper.Link("", machines, paper.NVLINK if machines == 1 else paper.ETHERNET)
    share = tokens / devices if scaling == "strong" else tokens
    sending = paper.reducing_seconds(paper.reduced_bytes(settings), devices, link)
    return share / tokens / (paper.fitted(points).seconds(share) + sending)
