"""Training on a GPU: this toolkit beside PyTorch's cuDNN, in float32 and bfloat16.

Two networks: that of Sutskever et al. (2014, arXiv:1409.3215), four layers of 1,000 LSTM units that read the source in
reverse, four that write, 32,000 pieces; and that of recipes/multi30k_en_fr, a bidirectional GRU of 512 and a decoder of
512, 4,000 pieces. Ids are made up; each point is a process of its own, so that its memory is its own. Float32 products
are TF32 on both sides.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from gpu_networks import NETWORKS, Network, made_up, matrix_rate, pytorch, seconds_a_step, seq2seq
from kernels import kernel_table, kernels, traced
from tqdm.auto import tqdm

HERE = Path(__file__).parent
BEGIN, END = "<!-- results: made by gpu.py -->", "<!-- end of gpu -->"
PROFILED_STEPS = 3
CONTENDERS = {"seq2seq": "seq2seq", "pytorch": "PyTorch, cuDNN"}
BATCHES = {"sutskever": [4096, 8192, 16384, 32768], "multi30k": [2048, 8192, 32768]}


def point(contender: str, precision: str, batch_tokens: int, network: Network, options: Any) -> dict[str, Any]:
    """One measurement, in this process."""
    batch = made_up(network, batch_tokens)
    run, about = {"seq2seq": seq2seq, "pytorch": pytorch}[contender](network, batch, precision)
    begun = time.perf_counter()
    run(1)  # compiled
    first_seconds = time.perf_counter() - begun
    run(3)
    seconds = seconds_a_step(run, options.steps)
    memory = about.pop("memory")()
    if options.profile and contender == "seq2seq":
        folder = options.profile / f"{options.network}_{precision}_{batch_tokens}"
        with traced(folder):
            run(PROFILED_STEPS)
        text = kernel_table(kernels(folder), PROFILED_STEPS)
        (folder / "kernels.md").write_text(text + "\n", encoding="utf-8")
    rate = matrix_rate(contender, precision, min(8192, 8 * network.units))
    return about | {
        "contender": contender,
        "network": options.network,
        "precision": precision,
        "batch_tokens": batch[1].size,
        "tokens_per_second": batch[1].size / seconds,
        "step_ms": 1000 * seconds,
        "first_step_seconds": first_seconds,
        "share_of_peak": batch[1].size / seconds * network.operations() / rate,
        "matrix_rate": rate,
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
    return "\n".join([*lines, "", f"Measured on: {devices}; {libraries}."])


def sized(name: str, options: Any) -> Network:
    """The network of this name, smaller or larger where the command line says so."""
    given = {key: getattr(options, key) for key in ("layers", "units", "pieces") if getattr(options, key)}
    if options.units:
        given["embedding"] = options.units
    return NETWORKS[name]._replace(**given)


def measure(options: Any, passed_on: list[str]) -> list[dict[str, Any]]:
    """Every point that the time allows, the cheap ones first; what has been measured is written at once."""
    points = [
        (name, contender, precision, batch)
        for name in options.networks
        for batch in options.batches or BATCHES[name]
        for precision in options.precisions
        for contender in options.contenders
    ]
    begun, results = time.monotonic(), []
    options.results.parent.mkdir(parents=True, exist_ok=True)
    environment = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"} | os.environ
    for index, (name, contender, precision, batch) in enumerate(tqdm(points, unit="point")):
        left = 60 * options.minutes - (time.monotonic() - begun)
        if left <= 0:
            tqdm.write(
                f"{options.minutes:g} minutes are over: {len(points) - index} of {len(points)} points are left out"
            )
            break
        line = [sys.executable, __file__, "--point", name, contender, precision, str(batch), *passed_on]
        try:
            done = subprocess.run(line, capture_output=True, text=True, check=False, env=environment, timeout=left)
        except subprocess.TimeoutExpired:
            continue  # to the message above
        if done.returncode:  # out of memory, most likely: the others are measured all the same
            fault = done.stderr.strip().split("\n")[-1]
            tqdm.write(f"{name}, {contender}, {precision}, {batch:,} tokens failed: {fault}")
            continue
        results.append(json.loads(done.stdout.strip().split("\n")[-1]))
        options.results.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
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
    parser.add_argument("--precisions", nargs="+", choices=["float32", "bfloat16"], default=["float32", "bfloat16"])
    parser.add_argument("--batches", nargs="+", type=int, help="target tokens (default: what suits the network)")
    parser.add_argument("--layers", type=int, help="instead of the network's own")
    parser.add_argument("--units", type=int, help="likewise, and the size of the embedding")
    parser.add_argument("--pieces", type=int, help="likewise")
    parser.add_argument("--steps", type=int, default=10, help="of each of three measurements")
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
        print(json.dumps(point(contender, precision, int(batch), sized(options.network, options), options)))
        return
    if options.profile and os.environ.get("KERAS_BACKEND") != "jax":
        parser.error("--profile reads JAX's traces: set KERAS_BACKEND=jax")
    passed_on = ["--steps", str(options.steps)]
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
