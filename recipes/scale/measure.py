"""The measurement, in a process of its own: JAX counts its devices once, when it is loaded.

Prints one line of JSON. All points are compiled first, and then timed in turns, so that a change of the machine's load
meets all of them.
"""

import argparse
import json
import statistics
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from tqdm.auto import tqdm

from seq2seq.backend import open_backend

open_backend()

import keras  # noqa: E402
from collectives import collectives  # noqa: E402

from seq2seq import backend, hardware, load_config  # noqa: E402
from seq2seq.data.batching import Batch, Shape, teacher_forcing  # noqa: E402
from seq2seq.settings.config import Config  # noqa: E402
from seq2seq.training import devices  # noqa: E402
from seq2seq.training.building import compiled_model  # noqa: E402
from seq2seq.training.compiled_steps import CompiledSteps  # noqa: E402

HERE = Path(__file__).parent
WIDTH = 16  # pieces of every sentence, source and target: a caption of Multi30k has 15 on average
SEED = 1


class Point(NamedTuple):
    """What is timed.

    Attributes:
        devices: how many share a batch.
        tokens: target tokens of the batch, of all devices together.
    """

    devices: int
    tokens: int


def points(counts: list[int], tokens: int) -> list[Point]:
    """The same batch and a larger one on more devices; on one device also the larger ones and the smaller shares."""
    same = [Point(count, tokens) for count in counts]
    larger = [Point(count, count * tokens) for count in counts]
    alone = [Point(1, size) for count in counts for size in (tokens // count, count * tokens)]
    return sorted({*same, *larger, *alone})


def made_up(pieces: int, point: Point) -> Batch:
    """A batch of random ids without padding, but for the rows without which it would not divide among the devices."""
    rows = max(1, point.tokens // WIDTH)
    draw = np.random.default_rng(SEED)
    pairs = [tuple(draw.integers(4, pieces, WIDTH - 1) for _ in range(2)) for _ in range(rows)]
    return teacher_forcing(pairs, Shape(-(-rows // point.devices) * point.devices, WIDTH, WIDTH))


class Training:
    """A network that is trained on a batch over and over, as `seq2seq train` does it.

    Args:
        point: the devices and the batch.
        config: the network's settings.
    """

    def __init__(self, point: Point, config: Config):
        self.point = point
        pieces = config.tokenizer.vocabulary_size
        self._batch = made_up(pieces, point)
        with devices.shared_among(point.devices):
            backend.seed_everything(SEED)
            self._model = compiled_model(config, (SimpleNamespace(size=pieces),) * 2, total=10_000, begin=0)
            self.steps = CompiledSteps(self._model, [self._batch])
        self.weights = int(sum(np.prod(weight.shape) for weight in self._model.trainable_variables))

    def run(self, steps: int) -> tuple[float, float]:
        """Train; seconds a step, on the clock and of the processor."""
        feed = backend.feed(lambda: iter([self._batch] * steps))
        with devices.shared_among(self.point.devices):
            begun = time.perf_counter(), time.process_time()
            self._model.fit(feed, epochs=1, steps_per_epoch=steps, verbose=0, shuffle=False)
            return (time.perf_counter() - begun[0]) / steps, (time.process_time() - begun[1]) / steps


def measured(config: Config, counts: list[int], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Compile all points, then time them in turns."""
    with ExitStack() as stack:
        trainings = []
        for point in tqdm(points(counts, config.training.batch_tokens), unit="point", desc="compiling"):
            trainings.append(Training(point, config))
            stack.enter_context(trainings[-1].steps)
        sent = [collectives(text) for training in trainings for text in training.steps.texts()]
        first = [training.run(2) and training.run(1)[0] for training in trainings]
        turns: list[list[tuple[float, float]]] = [[] for _ in trainings]
        for _ in tqdm(range(options.turns), unit="turn", desc="timing"):
            for training, seconds, results in zip(trainings, first, turns, strict=True):
                results.append(training.run(max(2, round(options.seconds / seconds))))
    return [
        training.point._asdict()
        | {"weights": training.weights, "collectives": kinds}
        | {"seconds": statistics.median(turn[0] for turn in results)}
        | {"fastest_slowest": [min(results)[0], max(results)[0]]}
        | {"processor_seconds": statistics.median(turn[1] for turn in results)}
        for training, kinds, results in zip(trainings, sent, turns, strict=True)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", required=True)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("settings", nargs="*")
    options = parser.parse_args()
    if keras.backend.backend() != "jax":
        sys.exit("error: only JAX shares batches among devices: set KERAS_BACKEND=jax")
    config = load_config(HERE / "config.toml", options.settings)
    results = measured(config, options.counts, options)
    print(json.dumps({"points": results, "about": hardware.describe()}))


if __name__ == "__main__":
    main()
