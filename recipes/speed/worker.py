"""One contender, one job, one process: python worker.py CONTENDER TASK JOB prints one line of JSON.

A contender is a module in contenders/ with a class `Contender(task, precision)` that has

    train(batches)                    one update for each batch, in order
    loss(batches)                     nats a target token
    load()                            take trained weights
    translate(sources, beam, rows)    one translation for each sentence, `rows` sentences together

Whatever is measured is measured here, in the same way for all.
"""

import time

BEGUN = time.perf_counter()

import argparse  # noqa: E402
import importlib  # noqa: E402
import json  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
from task import open_task, tokens  # noqa: E402

HERE = Path(__file__).parent


def peak_mb() -> float:
    """The most memory that this process has had, in MB; one that was started by another inherits no peak."""
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").split("\n"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


def train(contender, task, options) -> dict:
    """Tokens a second after a warm-up, the dev loss after equal steps, start-up to the first step, memory."""
    contender.train(task.train[:1])
    startup = time.perf_counter() - BEGUN
    contender.train(task.train[1 : options.warmup])
    measured = task.train[options.warmup : options.warmup + options.steps]
    begun = time.perf_counter()
    contender.train(measured)
    seconds = time.perf_counter() - begun
    return {
        "tokens_per_second": tokens(measured) / seconds,
        "first_step_seconds": startup,
        "peak_mb": peak_mb(),
        "dev_loss": contender.loss(task.dev),
        "steps": options.warmup + options.steps,
    }


def reach(contender, task, options) -> dict:
    """Seconds of training until the dev loss is as low as stated; the time of measuring it is not counted."""
    seconds, step, curve = 0.0, 0, []
    while seconds < options.seconds:
        part = [task.train[index % len(task.train)] for index in range(step, step + options.steps)]
        begun = time.perf_counter()
        contender.train(part)
        seconds, step = seconds + time.perf_counter() - begun, step + options.steps
        curve.append((seconds, contender.loss(task.dev)))
        if curve[-1][1] <= options.loss:
            break
    return {"seconds": seconds if curve[-1][1] <= options.loss else float("inf"), "steps": step, "curve": curve}


def translate(contender, task, options) -> dict:
    """Seconds for the sentences, warm, and the latency of each call: text in, text out."""
    contender.load()
    sources = task.sources[: options.sentences] if options.sentences else task.sources
    calls = [[source] for source in sources] if options.rows == 1 else [sources]
    for call in calls[:8]:  # every width has been seen
        contender.translate(call, options.beam, options.rows)
    results, latencies = [], []
    for call in calls:
        begun = time.perf_counter()
        results += contender.translate(call, options.beam, options.rows)
        latencies.append(time.perf_counter() - begun)
    p50, p99 = np.percentile(latencies, [50, 99])
    return {
        "seconds": sum(latencies),
        "sentences_per_second": len(sources) / sum(latencies),
        "p50_ms": 1000 * p50,
        "p99_ms": 1000 * p99,
        "peak_mb": peak_mb(),
        "results": results,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("contender")
    parser.add_argument("task", type=Path)
    parser.add_argument("job", choices=["train", "reach", "translate"])
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--warmup", type=int, default=10, help="steps that are not measured")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--loss", type=float, default=0.0)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--beam", type=int, default=1)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--sentences", type=int, default=0, help="translate only the first so many; 0 for all")
    options = parser.parse_args()
    task = open_task(options.task)
    sys.path.insert(0, str(HERE / "contenders"))
    contender = importlib.import_module(options.contender).Contender(task, options.precision)
    job = {"train": train, "reach": reach, "translate": translate}[options.job]
    print(json.dumps(job(contender, task, options)))


if __name__ == "__main__":
    main()
