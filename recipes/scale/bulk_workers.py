"""How many lines a second `seq2seq bulk` translates, against its workers.

python recipes/scale/bulk_workers.py

One worker on one core; then all cores: one worker with a thread for each core, and a worker for each core.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from tqdm.auto import tqdm

from seq2seq import phrases

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "shared"))  # for what the recipes share
from plumbing import replace_results  # noqa: E402

BEGIN, END = "<!-- results: made by bulk_workers.py -->", "<!-- end of bulk -->"


class Point(NamedTuple):
    """What is timed.

    Attributes:
        beam: hypotheses of the search.
        cores: that the command may use.
        workers: processes that translate.
    """

    beam: int
    cores: int
    workers: int


def points(beams: list[int], cores: int) -> list[Point]:
    """One core, then all cores with one worker and with a worker for each."""
    places = dict.fromkeys([(1, 1), (cores, 1), (cores, cores)])
    return [Point(beam, *place) for beam in beams for place in places]


def write_shards(folder: Path, lines: int, shards: int) -> None:
    """English sentences of the phrasebook, in files of equal length."""
    folder.mkdir()
    sentences = [pair.english for pair in phrases("train", lines, min_words=4, seed=1)]
    for number in range(shards):
        text = "".join(f"{sentence}\n" for sentence in sentences[number::shards])
        (folder / f"{number:03}.en").write_text(text, encoding="utf-8")


def seconds_of(point: Point, run: str, corpus: Path, output: Path) -> float:
    """The time of the command, from its start to its end."""
    line = [sys.executable, "-m", "seq2seq", "bulk", run, "--input", str(corpus), "--output", str(output)]
    line += ["--workers", str(point.workers), "--beam-size", str(point.beam)]
    allowed = sorted(os.sched_getaffinity(0))[: point.cores]
    begun = time.perf_counter()
    result = subprocess.run(
        line, capture_output=True, text=True, check=False, preexec_fn=lambda: os.sched_setaffinity(0, allowed)
    )
    if result.returncode:
        raise SystemExit(f"error: {' '.join(line)} failed: {result.stderr[-1000:]}")
    return time.perf_counter() - begun


def processor() -> str:
    """The name of the processor, and how many cores this process may use."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split("\n")
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{(names or ['unknown processor'])[0]}, {len(os.sched_getaffinity(0))} cores"


def table(results: dict[str, Any]) -> str:
    """Markdown: a row for each point, and how it was measured."""
    columns = ["beam", "cores", "workers", "threads of each", "s for all lines", "lines/s", "against one core"]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for entry in results["points"]:
        alone = next(p for p in results["points"] if p["beam"] == entry["beam"] and p["cores"] == 1)
        seconds = entry["seconds"]
        cells = [str(entry["beam"]), str(entry["cores"]), str(entry["workers"]), str(entry["threads"])]
        cells += [f"{statistics.median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f})"]
        cells += [f"{results['lines'] / statistics.median(seconds):,.0f}"]
        cells += [f"{statistics.median(alone['seconds']) / statistics.median(seconds):.2f}"]
        lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        f"{results['run']}, {results['lines']:,} lines of the phrasebook in {results['shards']} shards (seed 1).",
    ]
    lines[-1] += f" Medians of {results['turns']} turns, fastest and slowest in brackets. {results['hardware']}."
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", default="en-fr", help="a run, an export or a model that ships (default: en-fr)")
    parser.add_argument("--beams", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--lines", type=int, default=2_000, help="of the corpus (default: 2,000)")
    parser.add_argument("--shards", type=int, default=8, help="files of the corpus (default: 8)")
    parser.add_argument("--turns", type=int, default=3, help="of which the median is taken (default: 3)")
    parser.add_argument(
        "--publish", action="store_true", help="write bulk.json and the table into this folder's README"
    )
    options = parser.parse_args()
    if not hasattr(os, "sched_setaffinity"):
        parser.error("this system cannot confine a process to some cores: measure on Linux")
    from seq2seq.backend import cores

    todo = points(options.beams, cores())
    seconds: list[list[float]] = [[] for _ in todo]
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        write_shards(corpus, options.lines, options.shards)
        with tqdm(total=options.turns * len(todo), unit="call") as bar:
            for turn in range(options.turns):
                for number, point in enumerate(todo):
                    bar.set_description(f"beam {point.beam}, {point.cores} cores, {point.workers} workers")
                    seconds[number].append(seconds_of(point, options.run, corpus, Path(folder) / f"{turn}.{number}"))
                    bar.update()
    measured = [
        point._asdict() | {"threads": max(1, point.cores // point.workers), "seconds": times}
        for point, times in zip(todo, seconds, strict=True)
    ]
    results = {"points": measured, "run": options.run, "lines": options.lines, "shards": options.shards}
    results |= {"turns": options.turns, "hardware": processor()}
    text = table(results)
    print(text)
    if options.publish:
        (HERE / "bulk.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        replace_results(HERE / "README.md", text, begin=BEGIN, end=END)


if __name__ == "__main__":
    main()
