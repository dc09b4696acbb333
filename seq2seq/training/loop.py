"""Build, compile, fit: train(config) -> run."""

import logging
import math
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import keras
from tqdm.auto import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from seq2seq import backend
from seq2seq.arguments import check_flags, check_kind
from seq2seq.data.batching import Batches
from seq2seq.errors import ConfigError
from seq2seq.losses import SmoothedCrossEntropy
from seq2seq.model_from_settings import build_model
from seq2seq.runs.checkpoint import Checkpoint, weights_of
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.metrics_log import add_to_log, forget_after
from seq2seq.settings.config import Config
from seq2seq.training import announcements
from seq2seq.training.begin_or_resume import opened, precision_of
from seq2seq.training.callbacks import Callbacks, Guard, Progress, RestoreMetrics, signals
from seq2seq.training.curve import draw_curve
from seq2seq.training.decoders import copy_decoders
from seq2seq.training.dev_evaluation import DevEvaluator
from seq2seq.training.inherited_settings import inherited
from seq2seq.training.inherited_weights import inherit
from seq2seq.training.interpolation import interpolate
from seq2seq.training.judgement import Judge
from seq2seq.training.optimizer import build_optimizer, freeze
from seq2seq.training.parent import Parent
from seq2seq.training.preparation import Prepared, prepare
from seq2seq.training.schedules import capped_warmup
from seq2seq.training.state import Position, capture, finite_weights, restore, restore_metrics
from seq2seq.training.stored_summaries import stored_summaries
from seq2seq.training.tensorboard import EventWriter

_log = logging.getLogger("seq2seq")
_MOST_COMPILED_SHAPES = (
    12  # JAX compiles a training step for each; on Multi30k 25 shapes waste 7 % of the target, 12 9 %
)
_PICTURE_SECONDS = 30.0  # between two pictures of the learning curve while training goes on


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
    check_kind(config, Config, "config", "write train(load_config(...), run)")
    check_flags(resume=resume)
    return _train(config, RunDirectory(run), Parent(config.finetune.parent) if config.finetune.parent else None, resume)


def _train(config: Config, directory: RunDirectory, parent: Parent | None, resume: bool) -> Outcome:
    with opened(directory, config, resume, parent) as fresh:
        backend.seed_everything(config.training.seed)
        try:
            trainer = _Trainer(config, directory, prepare(config, directory, parent), parent)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                _log.warning("stopped before the first update%s", ": nothing is kept" if fresh else "")
            if fresh:
                directory.discard()
            raise
        try:
            outcome = trainer.train()
        finally:
            if trainer.events:
                trainer.events.close()
    return outcome


def finetune(parent: str | Path, config: Config, run: str | Path, *, resume: bool = False) -> Outcome:
    """From a trained run and raw text to a run for a new language pair or domain.

    Args:
        parent: the trained run; it is only read.
        config: the settings; what they do not set is as in the parent, but for corpora and training.
        run: the directory to fill.
        resume: go on with what is there.

    Raises:
        CheckpointError, ConfigError, DataError, DivergedError: as `train`, or settings do not fit the parent.
    """
    check_kind(config, Config, "config", "write finetune(parent, load_config(...), run)")
    check_flags(resume=resume)
    directory, trained = RunDirectory(run), Parent(parent)
    noted = directory.parent_config() if directory.is_begun() else None
    return _train(inherited(noted or trained.config, config, str(trained.path)), directory, trained, resume)


class _Trainer:
    """One training: the model, its data, and where it stands."""

    def __init__(self, config: Config, directory: RunDirectory, prepared: Prepared, parent: Parent | None):
        settings = config.training
        self.config, self.directory = config, directory
        source, target = prepared.tokenizers
        precision = precision_of(config)
        # A checkpoint that does not fit is refused before a network of any size is built.
        self.checkpoint: Checkpoint | None = directory.load("last") if directory.has("last") else None
        self.model = build_model(config.model, source.size, target.size, precision)
        freeze(self.model, config.finetune.rates)
        self.prepared, self.position = prepared, Position()
        shapes = _MOST_COMPILED_SHAPES if backend.wants_few_shapes() else None
        self.batches = Batches(
            prepared.train, batch_tokens=settings.batch_tokens, seed=settings.seed, most_shapes=shapes
        )
        self.steps_per_epoch = len(self.batches.plan(0))
        if not self.steps_per_epoch:
            raise ConfigError("an epoch draws no pair at all: raise the weights of data.train")
        self.total = self.steps_per_epoch * settings.epochs
        self.warmup = capped_warmup(settings.warmup_steps, self.total)
        self.judge = Judge.of(config, self.warmup)
        evaluator = partial(DevEvaluator, self.model, prepared.tokenizers, config)
        self.evaluate = evaluator(prepared.dev, target_language=config.data.target_language, samples=settings.samples)
        before = directory.parent_config()
        self.evaluate_parent = evaluator(
            prepared.parent_dev, target_language=before.data.target_language if before else ""
        )
        self.events: EventWriter | None = None
        self._clock = self._saved = self._drawn = time.monotonic()
        self._saved_step, self._compiled = 0, False
        self._compile()
        if parent and not directory.has("last"):
            self._begin_from(parent)
        _log.info("%s", announcements.sizes(self.model, len(prepared.train), self.batches, precision))

    def _say_ending(self) -> None:
        """How good the run is, how training went, and how to translate with it."""
        position, run = self.position, self.directory
        vocabulary = self.prepared.tokenizers[1].size
        _say(announcements.ending(run.log(), position, self.config.training, vocabulary=vocabulary))
        example = announcements.example([pair.source for pair in self.prepared.dev])
        _log.info("translate with: %s", announcements.command(run.path, example))

    def _compile(self) -> None:
        settings, before = self.config.training, self.directory.parent()
        begin = before["updates"] if before else 0
        optimizer = build_optimizer(self.model, settings, self.config.finetune, total=self.total, begin=begin)
        loss = SmoothedCrossEntropy(settings.label_smoothing)
        # Without XLA a new shape costs nothing on TensorFlow; JAX always compiles, and the shapes are few.
        self.model.compile(optimizer, loss, jit_compile=keras.backend.backend() == "jax")

    def _begin_from(self, parent: Parent) -> None:
        """Take over the parent's weights, and save them: a resumed run goes on from there."""
        parent.see_that_it_is_as_noted(self.directory)
        inherit(self.model, parent, self.prepared.tokenizers, self.config)
        parent.release()
        if self.model.frozen_summary:
            copy_decoders(self.directory, parent.run)
        if self.config.finetune.interpolate:
            self.directory.save("parent", Checkpoint(0, weights_of(self.model), {}))
        self._save()

    def train(self) -> Outcome:
        """All epochs that are left."""
        settings, position = self.config.training, self.position
        if self.directory.has("last"):
            self.checkpoint = self.checkpoint or self.directory.load("last")
            self.position = position = restore(self.model, self.checkpoint, origin=str(self.directory.path))
            self._saved_step = position.step
            self._see_that_batches_are_the_same()
        if self._ended():
            _log.info("%s", announcements.finished_already(self.directory.path, position.epoch))
        elif position.step:
            _log.info("resuming at epoch %d, batch %d", position.epoch + 1, position.batch)
        else:
            if measured := len(self.directory.log()):
                lost = "no checkpoint to go on from: training begins at epoch 1 again"
                _log.warning("warning: %s has figures of %d epochs, but %s", self.directory.path, measured, lost)
            _say(announcements.beginning(self.config, len(self.prepared.train), self.total, len(self.prepared.dev)))
        stores = self.config.finetune.store_summaries and not self.config.model.attention  # which looks at all states
        if self.model.frozen_summary and stores:
            folder = Path(self.config.finetune.summaries or self.directory.encoded / "summaries")
            source = self.prepared.tokenizers[0]
            self.batches.summaries = stored_summaries(self.model, source, self.prepared.train, folder)
        forget_after(self.directory.metrics, self.directory.path, position.epoch)
        if settings.tensorboard:
            self.events = EventWriter(self.directory.path / "tensorboard", position.step)
        seconds = 0.5 if sys.stderr.isatty() else 30.0  # a log file wants few lines
        options = {"unit": "batch", "desc": "training", "smoothing": 0.05, "mininterval": seconds}
        with logging_redirect_tqdm(), tqdm(total=self.total, initial=position.step, **options) as bar:
            while not self._ended():
                if not self._epoch(bar):
                    _log.warning("stopped and saved at step %d: resume to go on", position.step)
                    self._draw()
                    return Outcome(position, finished=False)
        if position.step > self._saved_step:
            self._save()
        if self.config.finetune.interpolate:
            quiet = partial(self.evaluate, aloud=False), partial(self.evaluate_parent, aloud=False)
            interpolate(self.directory, self.model, *quiet)
        self._draw()
        self._say_ending()
        return Outcome(position, finished=True)

    def _see_that_batches_are_the_same(self) -> None:
        """Begin the epoch again if its batches are not those that were counted: another backend makes other ones."""
        position = self.position
        same_order = position.order == self.batches.order(position.epoch)
        if not position.order:  # a checkpoint of an older version; only those of JAX are made differently now
            same_order = not backend.wants_few_shapes()
        if position.batch and not same_order:
            text = (
                "warning: this epoch was begun with other batches, by another backend or version: epoch %d begins again"
            )
            _log.warning(text, position.epoch + 1)
            position.batch, position.loss = 0, math.nan

    def _draw(self) -> None:
        run, marks = self.directory, {"best_step": self.position.best_step, "warmup": self.warmup}
        draw_curve(run.log(), run.path / "learning_curve.png", title=run.path.name, **marks)
        self._drawn = time.monotonic()

    def _epoch(self, bar: tqdm) -> bool:
        """Fit one epoch, or what is left of it, and measure; false if a signal came."""
        position, settings = self.position, self.config.training
        self._clock = time.monotonic()
        plan, first = self.batches.plan(position.epoch), position.batch
        progress = Progress(bar, [self.batches.tokens(planned) for planned in plan], first, position.loss)
        guard = Guard(self._save_at, settings.checkpoint_seconds, first)
        beside = [RestoreMetrics(self._restored_metrics), progress, guard]
        callbacks = Callbacks(beside, add_history=True, model=self.model)
        with signals(guard):
            if first < len(plan):
                reads = "summary" if self.batches.summaries else "source"
                feed = backend.feed(lambda: self.batches.epoch(position.epoch, first), reads)
                steps = len(plan) - first
                if not self._compiled:
                    _log.info("compiling the network: the first batch takes a while")
                    self._compiled = True
                self.model.fit(feed, epochs=1, steps_per_epoch=steps, verbose=0, shuffle=False, callbacks=callbacks)
            if guard.interrupted:
                return False
            position.step += len(plan) - position.batch
            position.epoch, position.batch = position.epoch + 1, 0
            self._measure(progress)
            if guard.interrupted or time.monotonic() - self._saved >= settings.checkpoint_seconds:
                self._save()
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
            record |= self.evaluate() | {f"parent_{key}": value for key, value in self.evaluate_parent().items()}
            if self.judge.note(position, record):
                self.directory.save("best", Checkpoint(position.step, weights, record))
        record["seconds"] = self._tick()
        add_to_log(self.directory.metrics, record)
        if self.events:
            self.events.write(record)
        _log.info("%s", announcements.epoch_line(record))
        if time.monotonic() - self._drawn >= _PICTURE_SECONDS:
            self._draw()

    def _ended(self) -> bool:
        """Whether all epochs are done, or training stops early."""
        return self.position.epoch >= self.config.training.epochs or self.judge.stops(self.position)

    def _save(self) -> None:
        self.directory.save("last", capture(self.model, self.position))
        self._saved, self._saved_step = time.monotonic(), self.position.step

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
        self.position.order = self.batches.order(self.position.epoch)
        self._save()

    def _restored_metrics(self) -> None:
        if self.checkpoint and self.checkpoint.step == self.position.step and self.position.batch:
            restore_metrics(self.model, self.checkpoint, origin=str(self.directory.path))


def _say(lines: list[str]) -> None:
    for line in lines:
        _log.log(logging.WARNING if line.startswith("warning") else logging.INFO, "%s", line)
