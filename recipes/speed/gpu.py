"""Training on a GPU: this toolkit beside PyTorch's cuDNN, in float32 and bfloat16.

Two networks: that of Sutskever et al. (2014, arXiv:1409.3215), four layers of 1,000 LSTM units that read the source in
reverse, four that write, 32,000 pieces; and that of recipes/multi30k_en_fr, a bidirectional GRU of 512 and a decoder of
512, 4,000 pieces. Ids are made up; each point is a process of its own, so that its memory is its own. Some are compiled
side by side, then each is timed while the others wait. Float32 products are TF32 on both sides.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from gpu_networks import NETWORKS, Network, made_up, matrix_rate, pytorch, seconds_a_step, seq2seq
from kernels import kernel_table, kernels, traced
from tqdm.auto import tqdm

HERE = Path(__file__).parent
BEGIN, END = "<!-- results: made by gpu.py -->", "<!-- end of gpu -->"
PROFILED_STEPS = 3
CONTENDERS = {"seq2seq": "seq2seq", "pytorch": "PyTorch, cuDNN"}
BATCHES = [{"multi30k": 2048, "sutskever": 4096}, {"multi30k": 16384, "sutskever": 32768}]  # target tokens
COMPILED = "compiled"  # what a point's process says before it waits for its turn
Point = tuple[str, str, str, int]  # network, contender, precision, target tokens of a batch


def measured(contender: str, precision: str, batch_tokens: int, network: Network, options: Any) -> dict[str, Any]:
    """One measurement, in this process: all is compiled, and then this process waits for its turn."""
    batch = made_up(network, batch_tokens)
    run, about = {"seq2seq": seq2seq, "pytorch": pytorch}[contender](network, batch, precision)
    begun = time.perf_counter()
    run(1)
    first_seconds = time.perf_counter() - begun
    run(3)
    memory = about.pop("memory")()
    rate = matrix_rate(contender, precision, min(8192, 8 * network.units))
    print(COMPILED, flush=True)
    sys.stdin.readline()
    seconds = seconds_a_step(run, options.seconds)
    if options.profile and contender == "seq2seq":
        folder = options.profile / f"{options.network}_{precision}_{batch_tokens}"
        with traced(folder):
            run(PROFILED_STEPS)
        text = kernel_table(kernels(folder), PROFILED_STEPS)
        (folder / "kernels.md").write_text(text + "\n", encoding="utf-8")
    best = rate()
    return about | {
        "contender": contender,
        "network": options.network,
        "precision": precision,
        "batch_tokens": batch[1].size,
        "tokens_per_second": batch[1].size / seconds,
        "step_ms": 1000 * seconds,
        "first_step_seconds": first_seconds,
        "compiled_together": options.jobs,
        "share_of_peak": batch[1].size / seconds * network.operations() / best,
        "matrix_rate": best,
        "device_mb": memory,
    }


def table(results: list[dict[str, Any]]) -> str:
    """Markdown, a row for each measurement."""
    columns = ["network", "training", "precision", "tokens a batch", "target tokens/s", "a step, ms", "first step, s"]
    columns += ["matrix rate, TFLOP/s", "share of it", "device memory, MB"]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for result in results:
        memory = f"{result['device_mb']:,.0f}" if result["device_mb"] else ""
        tf32 = result["precision"] == "float32" and result["device"] != "CPU"
        precision = "float32 (TF32 products)" if tf32 else result["precision"]
        lines.append(
            f"| {result['network']} | {CONTENDERS[result['contender']]} | {precision} | {result['batch_tokens']:,} | "
            f"{result['tokens_per_second']:,.0f} | {result['step_ms']:,.1f} | {result['first_step_seconds']:.1f} | "
            f"{result['matrix_rate'] / 1e12:,.3g} | {100 * result['share_of_peak']:.0f} % | {memory} |"
        )
    libraries = ", ".join(sorted({result["library"] for result in results}))
    devices = ", ".join(sorted({result["device"] for result in results}))
    jobs = max(result["compiled_together"] for result in results)
    compiled = "compiled alone" if jobs == 1 else f"compiled {jobs} at a time, timed one at a time"
    return "\n".join([*lines, "", f"Measured on: {devices}; {libraries}. Points were {compiled}."])


def sized(name: str, options: Any) -> Network:
    """The network of this name, smaller or larger where the command line says so."""
    given = {key: getattr(options, key) for key in ("layers", "units", "pieces") if getattr(options, key)}
    if options.units:
        given["embedding"] = options.units
    return NETWORKS[name]._replace(**given)


def wave(points: list[Point], seconds: float, passed_on: list[str]) -> Iterator[tuple[int, str, str]]:
    """Compile points side by side, then time one after another.

    Args:
        points: a process for each.
        seconds: after which they are killed.
        passed_on: further arguments of each process.

    Yields:
        For each point, as soon as it is measured: exit status, standard output, standard error.
    """
    environment = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"} | os.environ
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment}
    running: list[tuple[Any, Any]] = []
    with ExitStack() as closing:
        for point in points:
            fault = closing.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))
            line = [sys.executable, __file__, "--point", *map(str, point), *passed_on]
            process = closing.enter_context(subprocess.Popen(line, stderr=fault, **pipes))
            closing.callback(process.kill)
            running.append((process, fault))
        limit = threading.Timer(seconds, lambda: [process.kill() for process, _ in running])
        limit.start()
        closing.callback(limit.cancel)
        for process, _ in running:
            while process.stdout.readline() not in (f"{COMPILED}\n", ""):  # empty when it has ended, which is too early
                pass
        for process, fault in running:
            output, _ = process.communicate("\n")
            fault.seek(0)
            yield process.returncode, output, fault.read()


def measure(options: Any, passed_on: list[str]) -> list[dict[str, Any]]:
    """Every point that the time allows, the cheap ones first; what has been measured is written at once."""
    batches = [dict.fromkeys(NETWORKS, tokens) for tokens in options.batches or ()] or BATCHES
    points = [
        (name, contender, precision, tokens[name])
        for tokens in batches
        for precision in options.precisions
        for name in options.networks
        for contender in options.contenders
    ]
    ends = time.monotonic() + 60 * options.minutes
    results: list[dict[str, Any]] = []
    failed = 0
    options.results.parent.mkdir(parents=True, exist_ok=True)
    progress = tqdm(total=len(points), unit="point")
    for start in range(0, len(points), options.jobs):
        if time.monotonic() >= ends:
            break
        together = points[start : start + options.jobs]
        outcomes = wave(together, ends - time.monotonic(), passed_on)
        for (name, contender, precision, tokens), (status, output, fault) in zip(together, outcomes, strict=True):
            progress.update()
            if status == 0:
                results.append(json.loads(output.strip().split("\n")[-1]))
                options.results.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
            elif time.monotonic() < ends:  # out of memory, most likely: the others are measured all the same
                failed += 1
                reason = fault.strip().split("\n")[-1]
                tqdm.write(f"{name}, {contender}, {precision}, {tokens:,} tokens failed: {reason}")
    progress.close()
    if left_out := len(points) - len(results) - failed:
        tqdm.write(f"{options.minutes:g} minutes are over: {left_out} of {len(points)} points are left out")
    return results


def publish(results: list[dict[str, Any]]) -> None:
    """The results and their table, into this folder."""
    (HERE / "gpu.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    readme = HERE / "README.md"
    section = f"{BEGIN}\n{table(results)}\n{END}"
    readme.write_text(pattern.sub(lambda _: section, readme.read_text(encoding="utf-8")), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", choices=list(NETWORKS), default=list(NETWORKS))
    parser.add_argument("--contenders", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS))
    parser.add_argument("--precisions", nargs="+", choices=["float32", "bfloat16"], default=["bfloat16", "float32"])
    parser.add_argument("--batches", nargs="+", type=int, help="target tokens (default: two that suit the network)")
    parser.add_argument("--layers", type=int, help="instead of the network's own")
    parser.add_argument("--units", type=int, help="likewise, and the size of the embedding")
    parser.add_argument("--pieces", type=int, help="likewise")
    parser.add_argument("--seconds", type=float, default=1.0, help="of each of three measurements, at least")
    parser.add_argument("--jobs", type=int, default=1, help="points that are compiled side by side (default: 1)")
    parser.add_argument("--minutes", type=float, default=60.0, help="no point is begun later, and none runs on")
    parser.add_argument("--results", type=Path, default=Path("runs/speed/gpu.json"), help="rewritten after each point")
    parser.add_argument("--profile", type=Path, metavar="DIR", help="trace three steps of each point of seq2seq (JAX)")
    parser.add_argument("--publish", action="store_true", help="write gpu.json and the table into this folder's README")
    parser.add_argument(
        "--point", nargs=4, metavar=("NETWORK", "CONTENDER", "PRECISION", "TOKENS"), help=argparse.SUPPRESS
    )
    options = parser.parse_args()
    if options.point:
        options.network, contender, precision, batch = options.point
        print(json.dumps(measured(contender, precision, int(batch), sized(options.network, options), options)))
        return
    if options.profile and os.environ.get("KERAS_BACKEND") != "jax":
        parser.error("--profile reads JAX's traces: set KERAS_BACKEND=jax")
    if options.jobs < 1:
        parser.error(f"--jobs {options.jobs}: give 1 or more")
    passed_on = ["--seconds", str(options.seconds), "--jobs", str(options.jobs)]
    for key in ("layers", "units", "pieces", "profile"):
        if value := getattr(options, key):
            passed_on += [f"--{key}", str(value)]
    results = measure(options, passed_on)
    if not results:
        raise SystemExit("error: no point was measured")
    print(table(results))
    if options.publish:
        publish(results)


if __name__ == "__main__":
    main()
