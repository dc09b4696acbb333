"""How cost grows: time and memory against the corpus, the vocabulary, the sentence, the batch and the beam.

Each point is a process of its own, so that its memory is its own. A straight line through the logarithms gives the
exponent: 1 is proportional, 0 is constant.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from task import open_task, tokens
from tqdm.auto import tqdm

SCALES: dict[str, tuple[int, ...]] = {
    "pairs in the corpus": (10_000, 100_000, 1_000_000),
    "pieces in the vocabulary": (2_000, 4_000, 8_000, 16_000, 32_000),
    "tokens in a sentence": (10, 25, 50, 100, 200),
    "target tokens in a batch": (256, 512, 1_024, 2_048, 4_096),
    "hypotheses in the beam": (1, 2, 4, 8, 16),
}
STEPS = 8
BEGIN, END = "<!-- results: made by growth.py -->", "<!-- end of growth -->"


def peak_mb() -> float:
    """The most memory that this process has had, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return next(int(line.split()[1]) / 1024 for line in status.split("\n") if line.startswith("VmHWM"))


def corpus(folder: Path, pairs: int) -> dict[str, float]:
    """Raw text to the plan of an epoch and its first batches; the task's sentences, repeated."""
    from seq2seq.data.batching import Batches
    from seq2seq.runs.directory import RunDirectory
    from seq2seq.settings.config import parse_config
    from seq2seq.training.preparation import prepare

    with tempfile.TemporaryDirectory() as scratch:
        for side in ("en", "fr"):
            lines = (folder / "data" / f"train.{side}").read_bytes().split(b"\n")[:-1]
            with (Path(scratch) / f"train.{side}").open("wb") as file:
                for index in range(pairs):
                    file.write(lines[index % len(lines)] + b"\n")
        files = {"source": f"{scratch}/train.en", "target": f"{scratch}/train.fr"}
        data = {"train": [files], "cleaning": {"duplicates": False}}
        config, run = parse_config({"data": data, "tokenizer": {"vocabulary_size": 2000}}), RunDirectory(scratch)
        run.create(config, {})
        begun = time.perf_counter()
        batches = Batches(prepare(config, run).train, batch_tokens=1440, seed=1)
        for _, _ in zip(range(100), batches.epoch(0), strict=False):
            pass
        return {"seconds": time.perf_counter() - begun, "peak_mb": peak_mb()}


def training(pieces: int, width: int, batch_tokens: int) -> dict[str, float]:
    """Seconds a target token of a training step on made-up ids."""
    from task import Task
    from toolkit import Contender

    from seq2seq.data.batching import Shape, teacher_forcing

    rows = max(1, batch_tokens // width)
    draw = np.random.default_rng(1)
    pairs = [(draw.integers(4, pieces, width - 1), draw.integers(4, pieces, width - 1)) for _ in range(rows)]
    batch = teacher_forcing(pairs, Shape(rows, width, width))
    contender = Contender(Task(Path(), pieces, [], [], []), "auto")
    contender.train([batch] * 3)
    begun = time.perf_counter()
    contender.train([batch] * STEPS)
    seconds = (time.perf_counter() - begun) / STEPS
    return {"seconds": seconds, "peak_mb": peak_mb(), "microseconds_a_token": 1e6 * seconds / tokens([batch])}


def beam(folder: Path, size: int) -> dict[str, float]:
    """Seconds for 128 sentences."""
    from toolkit import Contender

    task = open_task(folder)
    contender = Contender(task, "float32")
    contender.load()
    sources = task.sources[:128]
    contender.translate(sources, size, 32)
    begun = time.perf_counter()
    contender.translate(sources, size, 32)
    return {"seconds": time.perf_counter() - begun, "peak_mb": peak_mb()}


POINTS: dict[str, Callable[[Path, int], dict[str, float]]] = {
    "pairs in the corpus": corpus,
    "pieces in the vocabulary": lambda _, size: training(size, 16, 1_024),
    "tokens in a sentence": lambda _, size: training(6_000, size, 1_000),
    "target tokens in a batch": lambda _, size: training(6_000, 16, size),
    "hypotheses in the beam": beam,
}


def exponents(points: list[dict[str, Any]]) -> dict[str, float]:
    """Slopes of the logarithms, over the upper half of the sizes where there are enough: small ones are overhead."""
    upper = points[-3:]
    sizes = np.log([point["size"] for point in upper])
    return {key: float(np.polyfit(sizes, np.log([p[key] for p in upper]), 1)[0]) for key in ("seconds", "peak_mb")}


def table(results: dict[str, Any]) -> str:
    """Markdown: sizes, seconds, memory, exponents."""
    lines = ["| against | sizes | seconds | grows as | peak memory, MB | grows as |", "|---|---|---|---|---|---|"]
    for kind, result in results.items():
        points, slope = result["points"], result["exponents"]
        cells = [
            kind,
            " / ".join(f"{point['size']:,}" for point in points),
            " / ".join(f"{point['seconds']:.3g}" for point in points),
            f"size ^ {slope['seconds']:.2f}",
            " / ".join(f"{point['peak_mb']:,.0f}" for point in points),
            f"size ^ {slope['peak_mb']:.2f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def draw(results: dict[str, Any], path: Path) -> None:
    """Seconds and memory on logarithmic axes, each with its fitted line."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter, LogLocator

    figure, axes = pyplot.subplots(2, len(results), figsize=(3 * len(results), 5.2), layout="constrained")
    for column, (kind, result) in enumerate(results.items()):
        sizes = np.array([point["size"] for point in result["points"]], float)
        for axis, key, label in zip(
            axes[:, column], ("seconds", "peak_mb"), ("seconds", "peak memory, MB"), strict=True
        ):
            values = [point[key] for point in result["points"]]
            slope = result["exponents"][key]
            axis.loglog(sizes, values, "o", color="tab:blue")
            factor = np.exp(np.mean(np.log(values[-3:])) - slope * np.mean(np.log(sizes[-3:])))
            axis.loglog(sizes, factor * sizes**slope, "-", color="tab:gray", label=f"size ^ {slope:.2f}")
            axis.set_xlabel(kind, fontsize=8)
            axis.set_ylabel(label if column == 0 else "", fontsize=8)
            axis.legend(fontsize=8, frameon=False, loc="upper left")
            axis.set_xticks(sizes, labels=[f"{size:,.0f}" for size in sizes], rotation=45)
            middle = np.sqrt(min(values) * max(values))  # at least a factor of ten, so that flat looks flat
            axis.set_ylim(min(min(values) / 1.5, middle / 4), max(max(values) * 1.5, middle * 4))
            axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axis.minorticks_off()
            axis.tick_params(labelsize=7)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", type=Path, help="the folder that run.py works in, such as runs/speed/full")
    parser.add_argument("--point", nargs=2, metavar=("KIND", "SIZE"), help="one measurement, in this process")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, help="where growth.json and .png go")
    options = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parent / "contenders"))
    if options.point:
        kind, size = options.point
        print(json.dumps(POINTS[kind](options.task, int(size))))
        return
    results: dict[str, Any] = {}
    with tqdm(total=sum(map(len, SCALES.values())), unit="point") as bar:
        for kind, sizes in SCALES.items():
            points = []
            for size in sizes:
                bar.set_description(f"{size:,} {kind}")
                command = [sys.executable, __file__, str(options.task), "--point", kind, str(size)]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode:
                    raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
                points.append({"size": size, **json.loads(done.stdout.strip().split("\n")[-1])})
                bar.update()
            results[kind] = {"points": points, "exponents": exponents(points)}
    publish(results, options.output)


def publish(results: dict[str, Any], folder: Path) -> None:
    """Write growth.json and growth.png, and the table into the README where there is one."""
    (folder / "growth.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    draw(results, folder / "growth.png")
    text = table(results)
    print(text)
    readme = folder / "README.md"
    if readme.exists():
        section = f"{BEGIN}\n{text}\n{END}"
        pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
        readme.write_text(pattern.sub(lambda _: section, readme.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
