"""results.json, the picture, and the README's tables."""

import importlib.metadata
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "shared"))
from plumbing import replace_results

OVERLOAD_HEAD = (
    "| ten times too much | accepted | refused (503) | wrong, failed | accepted, p99 ms | refused, p99 ms "
    "| `/live`, p99 ms | memory before and after, MB |"
)
ENDS_HEAD = "| | ready, s (computing) | hung up: queue empty after, ms | SIGTERM: answered of waiting, exit status |"
PACKAGES = ("seq2seq", "onnxruntime", "numpy", "fastapi", "uvicorn")


def write_report(measured: list[dict[str, Any]], folder: Path) -> str:
    """Write results.json and load.png, put the tables into the README where there is one, and return them."""
    results = {"about": about(), "measured": measured}
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    draw(measured, folder / "load.png")
    text = tables(results)
    replace_results(folder / "README.md", text)
    return text


def about() -> dict[str, str]:
    """The hardware and the versions."""
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"hardware": f"{processor()}, {cores} cores", "python": platform.python_version(), **versions}


def processor() -> str:
    """The processor's name."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def tables(results: dict[str, Any]) -> str:
    """Markdown: load that clients wait for, load that is too much, and what it is measured on."""
    measured = results["measured"]
    lines = ["| | clients | sentences/s | p50, ms | p99, ms |", "|---|---|---|---|---|"]
    for entry in measured:
        plain = entry["plain"]
        lines.append(
            f"| {entry['name']}, translator without a server | all at once; one at a time "
            f"| {plain['sentences_per_second']:,.0f} | {plain['p50_ms']:.1f} | {plain['p99_ms']:.1f} |"
        )
        for client in entry["clients"]:
            lines.append(_row(entry["name"], f"{client['clients']}, a sentence each", client))
        lines.append(_row(entry["name"], "2, lists of 64 sentences", entry["lists"]))
    lines += [
        "",
        OVERLOAD_HEAD,
        "|---|---|---|---|---|---|---|---|",
        *(_overload(entry) for entry in measured),
        "",
        ENDS_HEAD,
        "|---|---|---|---|",
        *(_ends(entry) for entry in measured),
        "",
        "Measured on: " + ", ".join(f"{key} {value}" for key, value in results["about"].items()) + ".",
    ]
    return "\n".join(lines)


def _row(name: str, kind: str, figures: dict[str, Any]) -> str:
    return (
        f"| {name} | {kind} | {figures['sentences_per_second']:,.0f} "
        f"| {figures['p50_ms']:.1f} | {figures['p99_ms']:.1f} |"
    )


def _overload(entry: dict[str, Any]) -> str:
    overload = entry["overload"]
    outcomes = overload["outcomes"]
    failed = sum(count for kind, count in outcomes.items() if kind not in ("right", "refused", "not sent"))
    cells = [
        f"{entry['name']}, {overload['asked_per_second']:,.0f} sentences/s",
        f"{outcomes.get('right', 0):,}",
        f"{outcomes.get('refused', 0):,}",
        f"{failed:,}",
        *(f"{overload[kind].get('p99_ms', 0):,.0f}" for kind in ("accepted", "refused", "live")),
        " and ".join(f"{memory:,.0f}" for memory in overload["memory_mb"]),
    ]
    return f"| {' | '.join(cells)} |"


def _ends(entry: dict[str, Any]) -> str:
    start, end = entry["start"], entry["end"]
    cells = [
        entry["name"],
        f"{start['ready_seconds']:.2f} ({start['cpu_seconds']:.2f})",
        f"{entry['hang_ups']['queue_empty_ms']:.0f}",
        f"{end['right']} of {end['waiting']}, {end['exit_status']}",
    ]
    return f"| {' | '.join(cells)} |"


def draw(measured: list[dict[str, Any]], path: Path) -> None:
    """Throughput and latency against the number of clients."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for number, entry in enumerate(measured):
        color = f"C{number}"
        clients = [client["clients"] for client in entry["clients"]]
        rates = [client["sentences_per_second"] for client in entry["clients"]]
        left.plot(clients, rates, "o-", color=color, label=entry["name"])
        left.axhline(entry["plain"]["sentences_per_second"], color=color, linestyle=":")
        for key, style in (("p50_ms", "o-"), ("p99_ms", "o--")):
            right.plot(clients, [client[key] for client in entry["clients"]], style, color=color)
    left.set_ylabel("sentences/s (dotted: without a server)")
    right.set_ylabel("ms (solid: median, dashed: p99)")
    right.set_yscale("log")
    left.legend(frameon=False, fontsize=8)
    for axis in (left, right):
        axis.set_xscale("log", base=2)
        axis.set_xlabel("clients that each wait for their answer")
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
