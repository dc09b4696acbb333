"""Build, compile, fit: train(config) -> run."""

import logging
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import keras
from tqdm.auto import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from seq2seq import backend
from seq2seq.arguments import check_callable, check_flags, check_kind
from seq2seq.errors import ConfigError
from seq2seq.runs.checkpoint import Checkpoint, weights_of
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.metrics_log import forget_after
from seq2seq.settings.config import Config
from seq2seq.training import announcements, devices, processes
from seq2seq.training.begin_or_resume import opened, precision_of
from seq2seq.training.building import compiled_model, plan_batches, sampled_pairs
from seq2seq.training.callbacks import Callbacks, Guard, Progress, RestoreMetrics, signals
from seq2seq.training.comparison import differences
from seq2seq.training.compiled_steps import compilation
from seq2seq.training.decoders import copy_decoders
from seq2seq.training.inherited_settings import inherited
from seq2seq.training.inherited_weights import inherit
from seq2seq.training.measuring import Measurements
from seq2seq.training.parent import Parent
from seq2seq.training.preparation import Prepared, prepare
from seq2seq.training.progress_bars import updates_bar
from seq2seq.training.resuming import put_back
from seq2seq.training.saving import Saver
from seq2seq.training.schedules import capped_warmup
from seq2seq.training.state import Position, restore_metrics
from seq2seq.training.stored_summaries import stored_summaries

_log = logging.getLogger("seq2seq")
OnEpoch = Callable[[dict[str, Any]], object]


class Outcome(NamedTuple):
    """How training ended.

    Attributes:
        position: where training stands: epoch, step and best scores.
        finished: false if a signal stopped it before its end.
    """

    position: Position
    finished: bool


def train(config: Config, run: str | Path, *, resume: bool = False, on_epoch: OnEpoch | None = None) -> Outcome:
    """From raw text to a trained run.

    Args:
        config: the settings of the run.
        run: the directory to fill.
        resume: go on with what is there; the end is the same, to the bit, as if nothing had happened.
        on_epoch: is called after each epoch with its record, as it is written to metrics.jsonl (see docs/trackers.md).

    Raises:
        CheckpointError: the directory holds a run already (without `resume`), or its checkpoint cannot be used.
        ConfigError: settings that do not fit, or differ from those of the run that is resumed.
        DataError: text that cannot be read.
        DivergedError: the loss is no longer finite.
    """
    check_kind(config, Config, "config", "write train(load_config(...), run)")
    check_flags(resume=resume)
    parent = Parent(config.finetune.parent) if config.finetune.parent else None
    return _train(config, RunDirectory(run), parent, resume, on_epoch)


def _train(
    config: Config, directory: RunDirectory, parent: Parent | None, resume: bool, on_epoch: OnEpoch | None
) -> Outcome:
    check_callable(on_epoch, "on_epoch")
    with devices.shared_among(config.training.devices):
        if not processes.is_first():
            return _train_along(config, directory, parent)
        return _train_first(config, directory, parent, resume, on_epoch)


def _train_along(config: Config, directory: RunDirectory, parent: Parent | None) -> Outcome:
    """What all processes but the first do: train on their rows of each batch, and write nothing."""
    processes.wait("prepared")
    if not directory.is_begun():
        where = f"{processes.name()} does not see {directory.path}, which the first process has prepared"
        raise ConfigError(f"{where}: put the run where all machines see it")
    if differing := differences(directory, config):
        lines = "".join(f"\n  {line}" for line in differing)
        raise ConfigError(f"{processes.name()} was given other settings than the first process:{lines}")
    backend.seed_everything(config.training.seed)
    return Trainer(config, directory, prepare(config, directory, parent), parent).train()


def _train_first(
    config: Config, directory: RunDirectory, parent: Parent | None, resume: bool, on_epoch: OnEpoch | None
) -> Outcome:
    with opened(directory, config, resume, parent) as fresh:
        backend.share_cores()
        backend.seed_everything(config.training.seed)
        try:
            prepared = prepare(config, directory, parent)
            processes.wait("prepared")
            trainer = Trainer(config, directory, prepared, parent)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                _log.warning("stopped before the first update%s", ": nothing is kept" if fresh else "")
            if fresh:
                directory.discard()
            raise
        trainer.measurements.on_epoch = on_epoch
        return trainer.train()


def finetune(
    parent: str | Path, config: Config, run: str | Path, *, resume: bool = False, on_epoch: OnEpoch | None = None
) -> Outcome:
    """From a trained run and raw text to a run for a new language pair or domain.

    Args:
        parent: the trained run; it is only read.
        config: the settings; what they do not set is as in the parent, but for corpora and training.
        run: the directory to fill.
        resume: go on with what is there.
        on_epoch: as in `train`.

    Raises:
        CheckpointError, ConfigError, DataError, DivergedError: as `train`, or settings do not fit the parent.
    """
    check_kind(config, Config, "config", "write finetune(parent, load_config(...), run)")
    check_flags(resume=resume)
    directory = RunDirectory(run)
    trained = Parent(parent)
    noted = directory.parent_config() if directory.is_begun() else None
    settings = inherited(noted or trained.config, config, str(trained.path))
    return _train(settings, directory, trained, resume, on_epoch)


class Trainer:
    """One training: a network, its batches, and where it stands.

    Args:
        config: the settings of the run.
        run: the run's directory, already created.
        prepared: vocabularies, training pairs and dev sets.
        parent: the run that this one goes on from, if any; asked only where this run has no checkpoint yet.

    Raises:
        CheckpointError: the run's checkpoint, or the parent's, cannot be used.
        ConfigError: settings that do not fit the data.
    """

    def __init__(self, config: Config, run: RunDirectory, prepared: Prepared, parent: Parent | None):
        self.config = config
        self.run = run
        self.prepared = prepared
        # A checkpoint that does not fit is refused before a network of any size is built.
        self.checkpoint = run.load("last") if run.has("last") else None
        processes.wait("loaded")  # the first process may replace it from here on
        self.sampled = sampled_pairs(config, prepared, run.encoded)
        self.batches = plan_batches(prepared.train, config.training, self.sampled)
        self.batches.devices = devices.count()
        self.total = len(self.batches.plan(0)) * config.training.epochs
        begin = (run.parent() or {"updates": 0})["updates"]
        self.model = compiled_model(config, prepared.tokenizers, total=self.total, begin=begin)
        self.position = Position()
        if self.checkpoint:
            self.position = put_back(self.model, self.checkpoint, self.batches, origin=str(run.path))
        self.saver = Saver(run, self.model, self.position, self.batches)
        if parent and not self.checkpoint:
            self._begin_from(parent)
        warmup = capped_warmup(config.training.warmup_steps, self.total)
        self.measurements = Measurements(config, run, self.model, prepared, warmup)
        _log.info("%s", announcements.sizes(self.model, len(prepared.train), self.batches, precision_of(config)))

    def _begin_from(self, parent: Parent) -> None:
        """Take over the parent's weights, and save them: a resumed run goes on from there."""
        parent.see_that_it_is_as_noted(self.run)
        inherit(self.model, parent, self.prepared.tokenizers, self.config)
        parent.release()
        if self.model.frozen_summary and processes.is_first():
            copy_decoders(self.run, parent.run)
        if self.config.finetune.interpolate and processes.is_first():
            self.run.save("parent", Checkpoint(0, weights_of(self.model), {}))
        self.saver.save()

    def train(self) -> Outcome:
        """All epochs that are left."""
        self._say_beginning()
        self.batches.summaries = stored_summaries(self.config, self.run, self.model, self.prepared)
        if processes.is_first():
            forget_after(self.run.metrics, self.run.path, self.position.epoch)
        writing = self.measurements.written_for_tensorboard(self.position.step)
        bar = updates_bar(self.total, self.position.step)
        ended = self.measurements.end_training(self.position)
        compiling = nullcontext() if ended else compilation(self.model, self.batches, self.position.epoch)
        cutting = closing(self.sampled) if self.sampled else nullcontext()
        with writing, logging_redirect_tqdm(), bar, compiling, cutting:
            while not self.measurements.end_training(self.position):
                if not self.epoch(bar):
                    step = self.position.step
                    _log.warning("stopped and saved at step %d: run the same command with --resume to go on", step)
                    self.measurements.draw(self.position)
                    return Outcome(self.position, finished=False)
        self.saver.save_what_is_new()
        self.measurements.finish()
        if self.config.finetune.interpolate:
            processes.wait("saved")  # what is mixed is read from the files of the first process
            self.measurements.interpolate()
        self.measurements.draw(self.position)
        self._say_ending()
        return Outcome(self.position, finished=True)

    def epoch(self, bar: tqdm) -> bool:
        """Fit one epoch, or what is left of it, and measure; false if a signal came."""
        position = self.position
        interval = self.config.training.checkpoint_seconds
        self.saver.start_clock()
        plan = self.batches.plan(position.epoch)
        first = position.batch
        progress = Progress(
            bar, [self.batches.tokens(planned, position.epoch) for planned in plan], first, position.loss
        )
        guard = Guard(self.saver.save_within_epoch, interval, first)
        with signals(guard):
            if first < len(plan):
                self._fit(first, len(plan) - first, [RestoreMetrics(self._restore_loss), progress, guard])
            if guard.interrupted:  # in all processes
                return False
            position.step += len(plan) - position.batch
            position.epoch, position.batch = position.epoch + 1, 0
            self.measurements.take(position, progress, self.saver.seconds)
            interrupted = any(processes.gathered(guard.asked))
            if interrupted or self.saver.is_due(interval):
                self.saver.save()
            return not interrupted

    def _fit(self, first: int, steps: int, beside: list[keras.callbacks.Callback]) -> None:
        """Let Keras make the updates of an epoch, from a batch on."""
        inputs, _, _ = self.batches.blank(self.batches.shapes[0])
        feed = backend.feed(lambda: map(devices.share, self.batches.epoch(self.position.epoch, first)), list(inputs))
        callbacks = Callbacks(beside, add_history=True, model=self.model)
        self.model.fit(feed, epochs=1, steps_per_epoch=steps, verbose=0, shuffle=False, callbacks=callbacks)

    def _restore_loss(self) -> None:
        """Go on with the mean loss of an epoch that was interrupted."""
        if self.checkpoint and self.checkpoint.step == self.position.step and self.position.batch:
            restore_metrics(self.model, self.checkpoint, origin=str(self.run.path))

    def _say_beginning(self) -> None:
        """Whether training begins, goes on or is over."""
        if not processes.is_first():
            return
        ended = self.measurements.end_training(self.position)
        _say(announcements.standing(self.run.path, self.position, ended=ended, measured=len(self.run.log())))
        sizes = len(self.prepared.train), self.total, len(self.prepared.dev)
        if self.position.step and not ended:
            _say(announcements.warmup(self.config.training, self.total))
        elif not ended:
            _say(announcements.beginning(self.config, *sizes))

    def _say_ending(self) -> None:
        """How good the run is, how training went, and how to translate with it."""
        if not processes.is_first():
            return
        vocabulary = self.prepared.tokenizers[1].size
        _say(announcements.ending(self.run.log(), self.position, self.config.training, vocabulary=vocabulary))
        example = announcements.example([pair.source for pair in self.prepared.dev])
        _log.info("translate with: %s", announcements.command(self.run.path, example))


def _say(lines: list[str]) -> None:
    for line in lines:
        _log.log(logging.WARNING if line.startswith("warning") else logging.INFO, "%s", line)
