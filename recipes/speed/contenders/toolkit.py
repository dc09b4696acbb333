"""This toolkit: its own model under `fit`, its own search."""

import numpy as np
from task import CLIP_NORM, LEARNING_RATE, SEED, SIZES, Batch, Task

from seq2seq.backend import open_backend

open_backend()

import keras  # noqa: E402

from seq2seq import backend, hardware  # noqa: E402
from seq2seq.engine.keras import KerasEngine  # noqa: E402
from seq2seq.losses import SmoothedCrossEntropy  # noqa: E402
from seq2seq.model_from_settings import build_model  # noqa: E402
from seq2seq.runs.directory import RunDirectory  # noqa: E402
from seq2seq.settings.config import Model, Translation  # noqa: E402
from seq2seq.training.halves import Halves  # noqa: E402
from seq2seq.training.optimizer import Adam  # noqa: E402
from seq2seq.translator import Translator  # noqa: E402

NO_DROPOUT = {"input_dropout": 0.0, "output_dropout": 0.0, "shared_embeddings": True, "summary_every_step": False}


class Contender:
    """Sizes of the task, one summary vector, no dropout."""

    def __init__(self, task: Task, precision: str):
        backend.share_cores()
        keras.utils.set_random_seed(SEED)
        if precision == "auto":
            precision = "bfloat16" if hardware.has_fast_bfloat16() else "float32"
        self.task = task
        self.model = build_model(Model(**SIZES, **NO_DROPOUT), task.pieces, task.pieces, precision)
        optimizer = Adam(LEARNING_RATE, epsilon=1e-8, global_clipnorm=CLIP_NORM)
        jit = keras.backend.backend() == "jax"
        self.model.compile(optimizer, SmoothedCrossEntropy(), jit_compile=jit)
        if backend.shares_cores():
            Halves(self.model).__enter__()  # as training does, until the process ends

    def train(self, batches: list[Batch]) -> None:
        feed = backend.feed(lambda: iter(batches))
        self.model.fit(feed, epochs=1, steps_per_epoch=len(batches), verbose=0, shuffle=False)

    def loss(self, batches: list[Batch]) -> float:
        total = count = 0.0
        for inputs, target_out, weights in batches:
            true = int((weights > 0).sum())
            logits = self.model.predict_on_batch(inputs).astype(np.float32)
            total += float(SmoothedCrossEntropy()(target_out, logits, sample_weight=weights)) * true
            count += true
        return total / count

    def load(self) -> None:
        run = RunDirectory(self.task.run)
        self.translator = Translator(KerasEngine([run.model()]), run.tokenizers())

    def translate(self, sources: list[str], beam: int, rows: int) -> list[str]:
        self.translator.search = Translation(beam_size=beam, batch_sentences=rows, length_penalty=0.0)
        return self.translator.translate(sources)
