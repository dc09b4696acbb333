"""Build, compile, fit: train(config) -> run."""

import json
import logging
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import keras
from tqdm.auto import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from seq2seq import backend
from seq2seq.checkpoint import Arrays, Checkpoint, RunDirectory, write_atomically
from seq2seq.config import Config
from seq2seq.data.batching import Batches
from seq2seq.errors import ConfigError, Seq2SeqError
from seq2seq.losses import SmoothedCrossEntropy
from seq2seq.network import build_model
from seq2seq.training.callbacks import Guard, Progress
from seq2seq.training.curve import draw_curve
from seq2seq.training.evaluator import DevEvaluator
from seq2seq.training.preparation import Prepared, prepare
from seq2seq.training.schedules import WarmupDecay
from seq2seq.training.state import Position, capture, finite_weights, restore, restore_metrics
from seq2seq.training.tensorboard import EventWriter

_log = logging.getLogger("seq2seq")


class Outcome(NamedTuple):
    """How training ended.

    Attributes:
        position: where it stands.
        finished: false if a signal stopped it before its end.
    """

    position: Position
    finished: bool


def train(config: Config, run: str | Path, *, resume: bool = False) -> Outcome:
    """From raw text to a trained run.

    Args:
        config: the settings.
        run: the directory to fill.
        resume: go on with what is there; the end is the same, to the bit, as if nothing had happened.

    Raises:
        CheckpointError: the directory holds a run already (without `resume`), or its checkpoint cannot be used.
        ConfigError: settings that do not fit, or differ from those of the run that is resumed.
        DataError: text that cannot be read.
        DivergedError: the loss is no longer finite.
    """
    directory = RunDirectory(run)
    fresh = _open(directory, config, resume)
    keras.utils.set_random_seed(config.training.seed)
    try:
        trainer = _Trainer(config, directory, prepare(config, directory))
    except (Seq2SeqError, KeyboardInterrupt):
        if fresh:
            directory.discard()
        raise
    try:
        outcome = trainer.train()
    finally:
        if trainer.events:
            trainer.events.close()
    if outcome.finished:
        draw_curve(directory.metrics, directory.path / "learning_curve.png")
    return outcome


def _open(directory: RunDirectory, config: Config, resume: bool) -> bool:
    """Begin a run, or see that it can be resumed with these settings, here; true if it was begun."""
    about = backend.describe() | {"precision": _precision(config)}
    if not resume or not (directory.path / "config.json").exists():
        directory.create(config, about)
        if resume:
            _log.info("nothing to resume in %s: beginning a new run", directory.path)
        return True
    before, now = directory.config().model_dump(), config.model_dump()
    differing = [
        f"{section}.{key} is {now[section][key]!r}, was {before[section][key]!r}"
        for section in now
        for key in now[section]
        if now[section][key] != before[section][key]
    ]
    begun = directory.about()
    differing += [
        f"{key} is {about[key]}, was {begun.get(key)}"
        for key in ("backend", "precision")
        if about[key] != begun.get(key)
    ]
    if differing:
        raise ConfigError(
            f"{directory.path} was begun with other settings: {'; '.join(differing)}. Choose another --run for these"
        )
    return False


def _precision(config: Config) -> str:
    """The type of the matrix products, with ``auto`` resolved for this machine."""
    chosen = config.training.precision
    return chosen if chosen != "auto" else "bfloat16" if backend.has_fast_bfloat16() else "float32"


class _Trainer:
    """One training: the model, its data, and where it stands."""

    def __init__(self, config: Config, directory: RunDirectory, prepared: Prepared):
        settings = config.training
        self.config, self.directory = config, directory
        source, target = prepared.tokenizers
        precision = _precision(config)
        self.model = build_model(config.model, source.size, target.size, precision)
        self.batches = Batches(prepared.train, batch_tokens=settings.batch_tokens, seed=settings.seed)
        self.steps_per_epoch = len(self.batches.plan(0))
        if not self.steps_per_epoch:
            raise ConfigError("an epoch draws no pair at all: raise the weights of data.train")
        self.evaluate = DevEvaluator(self.model, prepared.tokenizers, config, prepared.dev)
        self.position = Position()
        self.checkpoint: Checkpoint | None = None
        self.events: EventWriter | None = None
        self._clock = time.monotonic()
        self._compile()
        padding = self.batches.padding()
        _log.info(
            "%s pairs, %s target tokens an epoch in %d batches (%.1f %% padding); %s weights, %s products on %s, %s",
            f"{len(prepared.train):,}",
            f"{padding.tokens:,}",
            self.steps_per_epoch,
            100 * padding.waste,
            f"{self.model.count_params():,}",
            precision,
            keras.backend.backend(),
            backend.device(),
        )

    def _compile(self) -> None:
        settings = self.config.training
        schedule = WarmupDecay(
            settings.learning_rate,
            final=settings.final_learning_rate,
            warmup=settings.warmup_steps,
            total=self.steps_per_epoch * settings.epochs,
            decay=settings.decay,
        )
        optimizer = keras.optimizers.Adam(
            schedule, beta_2=settings.beta_2, epsilon=1e-8, global_clipnorm=settings.clip_norm or None
        )
        optimizer.build(self.model.trainable_variables)
        loss = SmoothedCrossEntropy(settings.label_smoothing)
        # Without XLA a new shape costs nothing on TensorFlow; JAX always compiles, and the shapes are few.
        self.model.compile(optimizer, loss, jit_compile=keras.backend.backend() == "jax")

    def train(self) -> Outcome:
        """All epochs that are left."""
        settings, position = self.config.training, self.position
        if self.directory.has("last"):
            self.checkpoint = self.directory.load("last")
            self.position = position = restore(self.model, self.checkpoint, origin=str(self.directory.path))
            _log.info("resuming at epoch %d, batch %d", position.epoch + 1, position.batch)
        _forget_after(self.directory.metrics, position.epoch)
        if settings.tensorboard:
            self.events = EventWriter(self.directory.path / "tensorboard", position.step)
        total = self.steps_per_epoch * settings.epochs
        seconds = 0.5 if sys.stderr.isatty() else 30.0  # a log file wants few lines
        options = {"unit": "batch", "desc": "training", "smoothing": 0.05, "mininterval": seconds}
        with logging_redirect_tqdm(), tqdm(total=total, initial=position.step, **options) as bar:
            while position.epoch < settings.epochs and not self._stale():
                if not self._epoch(bar):
                    _log.warning("stopped and saved at step %d: resume to go on", position.step)
                    return Outcome(position, finished=False)
        return Outcome(position, finished=True)

    def _epoch(self, bar: tqdm) -> bool:
        """Fit one epoch, or what is left of it, and measure; false if a signal came."""
        position, settings = self.position, self.config.training
        self._clock = time.monotonic()
        plan, first = self.batches.plan(position.epoch), position.batch
        progress = Progress(bar, [self.batches.tokens(planned) for planned in plan], first, position.loss)
        guard = Guard(lambda batch: self._save_at(batch, progress.loss), settings.checkpoint_seconds, first)
        callbacks = [_RestoreMetrics(self._restored_metrics), progress, guard]
        with _signals(guard):
            if first < len(plan):
                feed = backend.feed(lambda: self.batches.epoch(position.epoch, first))
                steps = len(plan) - first
                self.model.fit(feed, epochs=1, steps_per_epoch=steps, verbose=0, shuffle=False, callbacks=callbacks)
            if guard.interrupted:
                return False
            position.step += len(plan) - position.batch
            position.epoch, position.batch = position.epoch + 1, 0
            self._measure(progress)
            self._save("last")
            return not guard.interrupted

    def _measure(self, progress: Progress) -> None:
        settings, position = self.config.training, self.position
        weights = finite_weights(self.model)
        record: dict[str, Any] = {
            "epoch": position.epoch,
            "step": position.step,
            "loss": progress.loss,
            "learning_rate": float(self.model.optimizer.learning_rate),
            "tokens_per_second": progress.tokens_per_second,
        }
        if position.epoch % settings.evaluate_every_epochs == 0 or position.epoch == settings.epochs:
            record |= self.evaluate()
            self._compare(record, weights)
        record["seconds"] = self._tick()
        with self.directory.metrics.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        if self.events:
            self.events.write(record)
        shown = {
            "loss": "%.3f",
            "dev_loss": "%.3f",
            "dev_perplexity": "%.2f",
            "dev_bleu": "%.1f",
            "tokens_per_second": "%.0f",
        }
        _log.info(
            "epoch %d: %s", position.epoch, ", ".join(f"{k} {f % record[k]}" for k, f in shown.items() if k in record)
        )

    def _compare(self, record: dict[str, Any], weights: Arrays) -> None:
        """Keep the weights if they are the best so far; without a dev set the newest ones are."""
        position = self.position
        score = (
            record.get("dev_bleu", float(position.step))
            if self.config.training.best == "bleu"
            else -record.get("dev_loss", -position.step)
        )
        if score > position.best:
            position.best, position.best_step, position.stale = score, position.step, 0
            self.directory.save("best", Checkpoint(position.step, weights, record))
        else:
            position.stale += 1

    def _stale(self) -> bool:
        patience = self.config.training.patience
        if not patience or self.position.stale < patience:
            return False
        _log.info(
            "no progress in %d dev evaluations: stopping early; the best is step %d", patience, self.position.best_step
        )
        return True

    def _save(self, kind: str) -> None:
        self.directory.save(kind, capture(self.model, self.position))

    def _tick(self) -> float:
        """Seconds of training so far, the time since the last look included."""
        now = time.monotonic()
        self.position.seconds += now - self._clock
        self._clock = now
        return self.position.seconds

    def _save_at(self, batch: int, loss: float) -> None:
        self._tick()
        self.position.step += batch - self.position.batch
        self.position.batch, self.position.loss = batch, loss
        self._save("last")

    def _restored_metrics(self) -> None:
        if self.checkpoint and self.checkpoint.step == self.position.step and self.position.batch:
            restore_metrics(self.model, self.checkpoint, origin=str(self.directory.path))


class _RestoreMetrics(keras.callbacks.Callback):
    """Calls a function when `fit` has reset the metrics."""

    def __init__(self, restore: Any):
        super().__init__()
        self._restore = restore

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._restore()


@contextmanager
def _signals(guard: Guard) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM save and stop, then give the signals back."""
    try:
        before = {number: signal.signal(number, guard.request_stop) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not the main thread: whoever runs it handles the signals
        before = {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _forget_after(path: Path, epoch: int) -> None:
    """Drop what was measured after the checkpoint that training goes on from: it will be measured again."""
    if path.exists():
        lines = path.read_text(encoding="utf-8").split("\n")
        kept = [line for line in lines if line.endswith("}") and json.loads(line)["epoch"] <= epoch]
        write_atomically(path, "".join(f"{line}\n" for line in kept).encode())
