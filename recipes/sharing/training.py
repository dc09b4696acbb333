"""One training of one arm, and all that is measured of it."""

import time
from collections.abc import Iterator
from typing import Any

from arms import build, recurrent_layers
from corpora import BUCKETS, MOST_TOKENS, Task

from seq2seq.backend import feed, open_backend
from seq2seq.data.batching import Batch, Batches
from seq2seq.hardware import describe
from seq2seq.settings.config import Config

open_backend()

import keras  # noqa: E402
import numpy as np  # noqa: E402

from seq2seq.engine.batches import losses  # noqa: E402
from seq2seq.engine.keras import KerasEngine  # noqa: E402
from seq2seq.losses import SmoothedCrossEntropy  # noqa: E402
from seq2seq.training.schedules import WarmupDecay  # noqa: E402
from seq2seq.translator import Translator  # noqa: E402


def train_and_measure(arm: str, seed: int, task: Task, config: Config) -> dict[str, Any]:
    """A plain Keras `fit`; the last weights are the ones that are measured.

    Args:
        arm: a name in `arms.ARMS`.
        seed: of the weights and of the order of the batches.
        task: the sentences.
        config: sizes and settings of the training.
    """
    settings = config.training
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    source, target = task.tokenizers
    model = build(arm, config.model, (source.size, target.size), task.steps)
    batches = Batches(task.train, batch_tokens=settings.batch_tokens, seed=seed)
    steps = [len(batches.plan(epoch)) for epoch in range(settings.epochs)]
    schedule = WarmupDecay(
        settings.learning_rate,
        final=settings.final_learning_rate,
        warmup=settings.warmup_steps,
        total=sum(steps),
        decay=settings.decay,
    )
    adam = keras.optimizers.Adam(
        schedule, beta_2=settings.beta_2, epsilon=1e-8, global_clipnorm=settings.clip_norm or None
    )
    model.compile(adam, SmoothedCrossEntropy(settings.label_smoothing), jit_compile=keras.backend.backend() == "jax")

    def all_batches() -> Iterator[Batch]:
        for epoch in range(settings.epochs):
            yield from batches.epoch(epoch)

    begun, worked = time.monotonic(), time.process_time()
    model.fit(feed(all_batches), epochs=1, steps_per_epoch=sum(steps), verbose=0, shuffle=False)
    seconds = {"seconds": time.monotonic() - begun, "cpu_seconds": time.process_time() - worked}
    figures = {"arm": arm, "seed": seed, "updates": sum(steps), "about": describe()}
    return figures | seconds | weights(model) | translations(model, task, config)


def weights(model: Any) -> dict[str, Any]:
    """How many there are, and how far those of one step are from those of the next, ||W(t+1) - W(t)|| / ||W(t)||."""
    layers = recurrent_layers(model)
    counts = [sum(int(np.prod(weight.shape)) for weight in layer.weights) for layer in layers]
    found: dict[str, Any] = {"parameters": model.count_params(), "recurrent_parameters": sum(counts)}
    if hasattr(layers[0], "steps"):
        found["change"] = [change(layer) for layer in layers]
    return found | {"units": [layer.units for layer in layers]}


def change(layer: Any) -> list[float]:
    """Of the input and recurrent matrices of a `ClockedGRU` together, from each step to the next."""
    steps = np.arange(layer.steps)
    both = [np.asarray(weight(steps)).reshape(len(steps), -1) for weight in (layer.kernel, layer.recurrent_kernel)]
    matrices = np.concatenate(both, axis=1)
    norms = np.linalg.norm(matrices, axis=1)
    return [float(value) for value in np.linalg.norm(np.diff(matrices, axis=0), axis=1) / norms[:-1]]


def translations(model: Any, task: Task, config: Config) -> dict[str, Any]:
    """Losses a token in nats, of training sentences and of the dev set, and the translations of the test sets."""
    engine = KerasEngine([model])
    translator = Translator(engine, task.tokenizers, max_source_tokens=MOST_TOKENS, search=config.translation)
    nats = {}
    for name in ("train", "dev"):
        sources, targets = zip(*task.texts[name], strict=True)
        ids = zip(translator.source_ids(sources), translator.target_ids(targets), strict=True)
        sums = np.sum(losses(engine, list(ids), config.translation.batch_sentences), axis=0)
        nats[name] = float(sums[0] / sums[1])
    tests = {bucket: translator.translate([pair[0] for pair in task.texts[bucket]]) for bucket in BUCKETS}
    return {"losses": nats, "translations": tests}
