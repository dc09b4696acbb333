"""Training on a GPU at sizes that fill it: this toolkit beside PyTorch's cuDNN, in float32 and bfloat16.

The network of Sutskever et al. (2014, arXiv:1409.3215): four layers of 1,000 LSTM units that read the source in
reverse, four that write, 32,000 pieces. Ids are made up; each point is a process of its own, so that its memory is its
own.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm.auto import tqdm

HERE = Path(__file__).parent
BEGIN, END = "<!-- results: made by gpu.py -->", "<!-- end of gpu -->"
WIDTH = 32  # tokens of every sentence, so that nothing is padding
CLIP_NORM, LEARNING_RATE = 1.0, 1e-3
CONTENDERS = {"seq2seq": "seq2seq", "pytorch": "PyTorch, cuDNN"}


class Sizes(NamedTuple):
    """Layers of encoder and decoder, units of each (and of an embedding), pieces of each vocabulary."""

    layers: int
    units: int
    pieces: int

    def operations(self) -> float:
        """Multiplications and additions of a training step for each target token, matrix products only.

        Both sides are as long; a product's two gradients take as many each.
        """
        recurrent = self.layers * 2 * self.units * 4 * self.units
        return 3 * 2 * (2 * recurrent + self.units * self.pieces)


def made_up(sizes: Sizes, batch_tokens: int) -> Any:
    """A teacher-forcing batch of sentences without padding."""
    from seq2seq.data.batching import Shape, teacher_forcing

    rows, draw = max(1, batch_tokens // WIDTH), np.random.default_rng(1)
    pairs = [tuple(draw.integers(4, sizes.pieces, WIDTH - 1) for _ in range(2)) for _ in range(rows)]
    return teacher_forcing(pairs, Shape(rows, WIDTH, WIDTH))


def seq2seq(sizes: Sizes, batch: Any, precision: str) -> tuple[Callable[[int], None], dict[str, Any]]:
    """A function of a number of steps, and what can be said of the device."""
    from seq2seq.backend import device, open_backend

    name = open_backend()
    import keras

    from seq2seq.backend import feed
    from seq2seq.losses import SmoothedCrossEntropy
    from seq2seq.model_from_settings import build_model
    from seq2seq.settings.config import Model

    model = build_model(
        Model(
            cell="lstm",
            direction="reversed",
            embedding=sizes.units,
            encoder_units=sizes.units,
            decoder_units=sizes.units,
            encoder_layers=sizes.layers,
            decoder_layers=sizes.layers,
            summary_every_step=False,
            input_dropout=0.0,
            output_dropout=0.0,
        ),
        sizes.pieces,
        sizes.pieces,
        precision,
    )
    optimizer = keras.optimizers.Adam(LEARNING_RATE, global_clipnorm=CLIP_NORM)
    model.compile(optimizer, SmoothedCrossEntropy(), jit_compile=name == "jax")

    def run(steps: int) -> None:
        model.fit(feed(lambda: iter([batch] * steps)), epochs=1, steps_per_epoch=steps, verbose=0, shuffle=False)

    return run, {"device": device(), "library": f"keras {keras.__version__} on {name}", "memory": keras_memory(name)}


def keras_memory(name: str) -> Callable[[], float | None]:
    """A function that tells the most device memory in use so far, in MB; none on a processor."""
    if name == "jax":
        import jax

        return lambda: (jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use", 0) / 2**20 or None
    import tensorflow as tf

    if not tf.config.list_physical_devices("GPU"):
        return lambda: None
    return lambda: float(tf.config.experimental.get_memory_info("GPU:0")["peak"] / 2**20)


def pytorch(sizes: Sizes, batch: Any, precision: str) -> tuple[Callable[[int], None], dict[str, Any]]:
    """Likewise: the same layers from `nn.LSTM`, which is cuDNN's on a GPU."""
    import torch
    from torch import nn

    device = "cuda" if torch.cuda.is_available() else "cpu"

    class Network(nn.Module):
        """Embeddings, encoder, a bridge for each state, decoder, readout, tied output layer."""

        def __init__(self) -> None:
            super().__init__()
            units, layers = sizes.units, sizes.layers
            self.source, self.target = (nn.Embedding(sizes.pieces, units) for _ in range(2))
            self.encoder = nn.LSTM(units, units, layers, batch_first=True)
            self.decoder = nn.LSTM(units, units, layers, batch_first=True)
            self.bridge = nn.Linear(units, 2 * layers * units)
            self.readout = nn.Linear(2 * units, units)
            self.bias = nn.Parameter(torch.zeros(sizes.pieces))

        def forward(self, source: Any, target_in: Any) -> Any:
            states, _ = self.encoder(self.source(source.flip(1)))
            start = torch.tanh(self.bridge(states[:, -1])).view(len(source), 2, sizes.layers, sizes.units)
            h, c = (part.transpose(0, 1).contiguous() for part in start.unbind(1))
            embedded = self.target(target_in)
            outputs, _ = self.decoder(embedded, (h, c))
            readout = torch.tanh(self.readout(torch.cat([outputs, embedded], -1)))
            return nn.functional.linear(readout, self.target.weight, self.bias)

    network = Network().to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=device == "cuda")
    inputs, target_out, _ = batch
    source, target_in, truth = (
        torch.from_numpy(array.astype(np.int64)).to(device)
        for array in (inputs["source"], inputs["target_in"], target_out)
    )

    def run(steps: int) -> None:
        for _ in range(steps):
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16"):
                logits = network(source, target_in)
            nn.functional.cross_entropy(logits.float().flatten(0, 1), truth.flatten()).backward()
            nn.utils.clip_grad_norm_(network.parameters(), CLIP_NORM)
            optimizer.step()
        if device == "cuda":
            torch.cuda.synchronize()

    about = {
        "device": torch.cuda.get_device_name() if device == "cuda" else "CPU",
        "library": f"torch {torch.__version__}",
    }
    memory = (lambda: torch.cuda.max_memory_allocated() / 2**20) if device == "cuda" else (lambda: None)
    return run, about | {"memory": memory}


def matrix_rate(contender: str, precision: str, size: int, repeats: int = 30) -> float:
    """The best measured rate of a square matrix product in the contender's own library, in operations a second."""
    if contender == "pytorch":
        import torch

        place = {"device": "cuda" if torch.cuda.is_available() else "cpu", "dtype": getattr(torch, precision)}
        a = torch.randn(size, size, **place)

        def product() -> float:
            return float((a @ a)[0, 0])
    else:
        import keras
        from keras import ops

        from seq2seq.backend import compiled

        b = ops.cast(keras.random.normal((size, size)), precision)
        run = compiled(lambda x: ops.cast(ops.matmul(x, x)[0, 0], "float32"), keras.Sequential())

        def product() -> float:
            return float(run(b))

    seconds = []
    for _ in range(repeats):
        begun = time.perf_counter()
        product()
        seconds.append(time.perf_counter() - begun)
    return 2 * size**3 / min(seconds)


def point(contender: str, precision: str, batch_tokens: int, sizes: Sizes, steps: int) -> dict[str, Any]:
    """One measurement, in this process."""
    batch = made_up(sizes, batch_tokens)
    run, about = {"seq2seq": seq2seq, "pytorch": pytorch}[contender](sizes, batch, precision)
    run(3)  # the first is compiled
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        run(steps)
        seconds.append((time.perf_counter() - begun) / steps)
    memory = about.pop("memory")()
    tokens = batch[1].size / statistics.median(seconds)
    rate = matrix_rate(contender, precision, min(8192, 8 * sizes.units))
    return about | {
        "contender": contender,
        "precision": precision,
        "batch_tokens": batch_tokens,
        "tokens_per_second": tokens,
        "share_of_peak": tokens * sizes.operations() / rate,
        "matrix_rate": rate,
        "device_mb": memory,
    }


def table(results: list[dict[str, Any]]) -> str:
    """Markdown, a row for each measurement."""
    lines = [
        "| training | precision | tokens a batch | target tokens/s | share of the matrix rate | device memory, MB |",
        "|---|---|---|---|---|---|",
    ]
    for each in results:
        memory = f"{each['device_mb']:,.0f}" if each["device_mb"] else ""
        lines.append(
            f"| {CONTENDERS[each['contender']]} | {each['precision']} | {each['batch_tokens']:,} | "
            f"{each['tokens_per_second']:,.0f} | {100 * each['share_of_peak']:.0f} % | {memory} |"
        )
    libraries = ", ".join(sorted({each["library"] for each in results}))
    return "\n".join(
        [*lines, "", f"Measured on: {', '.join(sorted({each['device'] for each in results}))}; {libraries}."]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contenders", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS))
    parser.add_argument("--precisions", nargs="+", choices=["float32", "bfloat16"], default=["float32", "bfloat16"])
    parser.add_argument("--batches", nargs="+", type=int, default=[4096, 8192, 16384, 32768], help="target tokens")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--pieces", type=int, default=32_000)
    parser.add_argument("--steps", type=int, default=10, help="of each of three measurements")
    parser.add_argument("--publish", action="store_true", help="write gpu.json and the table into this folder's README")
    parser.add_argument("--point", nargs=3, metavar=("CONTENDER", "PRECISION", "TOKENS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    sizes = Sizes(options.layers, options.units, options.pieces)
    if options.point:
        contender, precision, batch = options.point
        print(json.dumps(point(contender, precision, int(batch), sizes, options.steps)))
        return
    results = []
    points = [(c, p, b) for b in options.batches for p in options.precisions for c in options.contenders]
    sized = ["--layers", sizes.layers, "--units", sizes.units, "--pieces", sizes.pieces, "--steps", options.steps]
    for contender, precision, batch in tqdm(points, unit="point"):
        line = [sys.executable, __file__, "--point", contender, precision, batch, *sized]
        environment = os.environ | {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
        done = subprocess.run(list(map(str, line)), capture_output=True, text=True, check=False, env=environment)
        if done.returncode:  # out of memory, most likely: the others are measured all the same
            tqdm.write(f"{contender}, {precision}, {batch:,} tokens failed: {done.stderr.strip().split(chr(10))[-1]}")
            continue
        results.append(json.loads(done.stdout.strip().split("\n")[-1]))
    print(table(results))
    if options.publish:
        (HERE / "gpu.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
        readme = HERE / "README.md"
        section = f"{BEGIN}\n{table(results)}\n{END}"
        readme.write_text(pattern.sub(lambda _: section, readme.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
