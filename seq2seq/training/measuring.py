"""What is measured after each epoch, where it is written, and what follows from it."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from seq2seq.engine.keras import KerasEngine
from seq2seq.runs.checkpoint import Arrays, Checkpoint
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.metrics_log import add_to_log
from seq2seq.settings.config import Config
from seq2seq.training import announcements, processes
from seq2seq.training.averaging import LastWeights, having, measured_weights
from seq2seq.training.callbacks import Progress
from seq2seq.training.curve import draw_curve
from seq2seq.training.dev_evaluation import DevEvaluator
from seq2seq.training.interpolation import interpolate
from seq2seq.training.judgement import Judge
from seq2seq.training.preparation import Prepared
from seq2seq.training.state import Position, finite_weights
from seq2seq.training.tensorboard import EventWriter

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq

_log = logging.getLogger("seq2seq")
_PICTURE_SECONDS = 30.0  # between two pictures of the learning curve while training goes on


class Measurements:
    """Measures a model after each epoch; the figures go into the run, and the best weights too.

    Args:
        config: the settings of the run.
        run: where figures, best weights and pictures go.
        model: compiled; read at each call.
        prepared: vocabularies and dev sets.
        warmup: steps in which the learning rate rises.

    Attributes:
        on_epoch: is called with the record of each epoch, if it is set.
    """

    def __init__(self, config: Config, run: RunDirectory, model: "Seq2Seq", prepared: Prepared, warmup: int):
        self._config = config
        self._run = run
        self._model = model
        self._warmup = warmup
        self._judge = Judge.of(config, warmup)
        self._last_weights = LastWeights(run, config.training.average_last)
        evaluator = partial(DevEvaluator, KerasEngine([model]), prepared.tokenizers, config)
        language = config.data.target_language
        samples = config.training.samples
        self._evaluate = evaluator(prepared.dev, target_language=language, samples=samples)
        parent = run.parent_config()
        language = parent.data.target_language if parent else ""
        self._evaluate_parent = evaluator(prepared.parent_dev, target_language=language)
        self.on_epoch: Callable[[dict[str, Any]], object] | None = None
        self._events: EventWriter | None = None
        self._drawn = time.monotonic()

    @contextmanager
    def written_for_tensorboard(self, step: int) -> Iterator[None]:
        """Write figures for TensorBoard too, if the settings want it; those after a step will be written again."""
        if not self._config.training.tensorboard or not processes.is_first():
            yield
            return
        self._events = EventWriter(self._run.path / "tensorboard", step)
        try:
            yield
        finally:
            self._events.close()

    def take(self, position: Position, progress: Progress, seconds: Callable[[], float]) -> None:
        """Measure after an epoch, keep the weights if they are the best so far, and write the figures down.

        Args:
            position: where training stands; what is the best so far is noted there.
            progress: loss and speed of the epoch.
            seconds: gives the time of training so far; called at the end, so that measuring is counted.

        Raises:
            DivergedError: a weight is not finite.
        """
        settings = self._config.training
        weights = finite_weights(self._model)
        record: dict[str, Any] = {
            "epoch": position.epoch,
            "step": position.step,
            "loss": progress.loss,
            "learning_rate": float(self._model.optimizer.learning_rate),
            "tokens_per_second": progress.tokens_per_second,
        }
        if position.epoch % settings.evaluate_every_epochs == 0 or position.epoch == settings.epochs:
            with measured_weights(self._model, weights) as measured:
                record |= self._figures()
                if self._judge.note(position, record):
                    self._save_best(position.step, measured, record)
            evaluation = -(-position.epoch // settings.evaluate_every_epochs)
            self._last_weights.keep(evaluation, position.step, measured)
            if self.end_training(position):
                record |= self._try_mean(position, weights, record)
        record["seconds"] = seconds()
        if not processes.is_first():
            return
        add_to_log(self._run.metrics, record)
        if self._events:
            self._events.write(record)
        if self.on_epoch:
            self.on_epoch(dict(record))
        _log.info("%s", announcements.epoch_line(record))
        if time.monotonic() - self._drawn >= _PICTURE_SECONDS:
            self.draw(position)

    def _figures(self, *, aloud: bool = True) -> dict[str, Any]:
        """What the dev sets say of the weights that the network has, with ``parent_`` before that of the parent's."""
        figures = self._evaluate(aloud=aloud)
        theirs = self._evaluate_parent(aloud=aloud)
        return figures | {f"parent_{key}": value for key, value in theirs.items()}

    def _save_best(self, step: int, weights: Arrays, record: dict[str, Any]) -> None:
        if processes.is_first():
            self._run.save("best", Checkpoint(step, weights, record))

    def _try_mean(self, position: Position, weights: Arrays, record: dict[str, Any]) -> dict[str, Any]:
        """Measure the mean of the last evaluations' weights, and keep it if it is better than the best so far.

        Returns:
            The figures that take the place of those of the last weights; none where the mean is not kept.
        """
        count, mean = self._last_weights.mean()
        if count < 2:
            return {}
        with having(self._model, mean, weights):
            figures = self._figures(aloud=False) | {"averaged_evaluations": count}
        judged = replace(position)  # what comes of the mean must not let training go on
        kept = self._judge.note(judged, figures)
        text = "the mean of the weights of the last %d dev evaluations has dev loss %.3f and dev BLEU %.1f: %s"
        outcome = "it is the best and is kept" if kept else "it is not better than the best"
        _log.info(text, count, figures["dev_loss"], figures["dev_bleu"], outcome)
        if not kept:
            return {}
        position.best, position.best_loss, position.best_step = judged.best, judged.best_loss, judged.best_step
        self._save_best(position.step, mean, record | figures)
        return figures

    def finish(self) -> None:
        """Remove what only a training that goes on needs; the newest checkpoint is saved."""
        self._last_weights.forget()

    def end_training(self, position: Position) -> bool:
        """Whether all epochs are done, or training stops early for want of progress."""
        return position.epoch >= self._config.training.epochs or self._judge.stops(position)

    def draw(self, position: Position) -> None:
        """Draw the learning curve; of several processes, the first one does."""
        if not processes.is_first():
            return
        picture = self._run.path / "learning_curve.png"
        title = self._run.path.name
        draw_curve(self._run.log(), picture, title=title, best_step=position.best_step, warmup=self._warmup)
        self._drawn = time.monotonic()

    def interpolate(self) -> None:
        """Mix the parent's weights into the best ones, as much as serves both dev sets best."""
        quiet = partial(self._evaluate, aloud=False), partial(self._evaluate_parent, aloud=False)
        interpolate(self._run, self._model, *quiet)
