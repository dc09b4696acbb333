"""What do several devices gain? A training step on 1, 2, 4, ... of them, what they send each other, the cost on paper.

KERAS_BACKEND=jax python recipes/scale/run.py

Takes the devices that JAX shows. Where it shows only a processor, that processor plays several devices.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from presentation import write_report

from seq2seq import Seq2SeqError, load_config

HERE = Path(__file__).parent
VIRTUAL = 4
_SHOW = "import jax; print(jax.default_backend(), jax.local_device_count())"


def devices_here() -> tuple[str, int]:
    """Which devices JAX shows, and how many; asked in another process, since this one uses none."""
    command = [sys.executable, "-c", _SHOW]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    if shown.returncode:
        raise SystemExit(f"error: JAX cannot be loaded; pip install 'seq2seq[jax]'\n{shown.stderr[-1000:]}")
    kind, count = shown.stdout.split()
    return kind, int(count)


def counts_up_to(most: int) -> list[int]:
    """1, 2, 4, ... and the number itself."""
    return sorted({1 << power for power in range(most.bit_length()) if 1 << power <= most} | {most})


def settings_of(options: argparse.Namespace) -> list[str]:
    """What differs from config.toml."""
    given = {
        "training.batch_tokens": options.tokens,
        "training.precision": options.precision,
        "tokenizer.vocabulary_size": options.pieces,
        "model.encoder_units": options.units,
        "model.decoder_units": options.units,
        "model.embedding": options.units and max(1, options.units // 2),
    }
    return [f"{key}={value}" for key, value in given.items() if value]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, help=f"at most so many (default: all; {VIRTUAL} virtual ones)")
    parser.add_argument("--tokens", type=int, help="target tokens of the batch that is divided (default: 2,048)")
    parser.add_argument("--units", type=int, help="of each layer; half as many of the embedding (default: 512)")
    parser.add_argument("--pieces", type=int, help="of each vocabulary (default: 4,000)")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], help="of products (default: float32)")
    parser.add_argument("--seconds", type=float, default=1.0, help="of a turn of a point, about (default: 1)")
    parser.add_argument("--turns", type=int, default=5, help="of which the median is taken (default: 5)")
    parser.add_argument("--run", type=Path, default=Path("runs/scale"), help="where results go")
    parser.add_argument("--publish", action="store_true", help="write the results into this folder, README too")
    options = parser.parse_args()
    if os.environ.get("KERAS_BACKEND") != "jax":
        parser.error("only JAX shares batches among devices: set KERAS_BACKEND=jax")
    settings = settings_of(options)
    config = load_config(HERE / "config.toml", settings)
    kind, here = devices_here()
    virtual = kind == "cpu"
    most = options.devices or (VIRTUAL if virtual else here)
    print(f"measuring up to {most} {'virtual devices' if virtual else 'devices'} ({kind})", file=sys.stderr, flush=True)
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count={most}".strip()
    environment = os.environ | ({"XLA_FLAGS": flags} if virtual else {})
    counts = [str(count) for count in counts_up_to(most)]
    command = [sys.executable, str(HERE / "measure.py"), "--seconds", str(options.seconds)]
    command += ["--turns", str(options.turns), *settings, "--counts", *counts]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"error: the measurement failed: {' '.join(command)}")
    results = json.loads(done.stdout.strip().split("\n")[-1]) | {"virtual": virtual, "turns": options.turns}
    results |= {"tokens": config.training.batch_tokens}
    folder = HERE if options.publish else options.run
    folder.mkdir(parents=True, exist_ok=True)
    print(write_report(results, config, folder))


if __name__ == "__main__":
    try:
        main()
    except Seq2SeqError as error:
        raise SystemExit(f"error: {error}") from error
