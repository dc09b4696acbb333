"""When the state of training is saved, and how long training has taken."""

import time
from typing import TYPE_CHECKING

from seq2seq.data.batching import Batches
from seq2seq.runs.directory import RunDirectory
from seq2seq.training import processes
from seq2seq.training.state import Position, capture

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq


class Saver:
    """Saves the checkpoint ``last``, and adds the time of this sitting to the position.

    Args:
        run: the run's directory, where the checkpoint goes.
        model: the compiled network, read at each save.
        position: where training stands, read at each save.
        batches: the batches of an epoch, which the position counts.
    """

    def __init__(self, run: RunDirectory, model: "Seq2Seq", position: Position, batches: Batches):
        self._run = run
        self._model = model
        self._position = position
        self._batches = batches
        self._saved_step = position.step
        self._saved = self._clock = time.monotonic()

    def start_clock(self) -> None:
        """What was done since the last look at the clock is no training."""
        self._clock = time.monotonic()

    def seconds(self) -> float:
        """Seconds of training so far, over all sittings, the time since the last look included."""
        now = time.monotonic()
        self._position.seconds += now - self._clock
        self._clock = now
        return self._position.seconds

    def save(self) -> None:
        """Save everything that decides how training goes on; of several processes, the first one does.

        Raises:
            DivergedError: a weight is not finite.
        """
        if processes.is_first():
            self._run.save("last", capture(self._model, self._position))
        self._saved = time.monotonic()
        self._saved_step = self._position.step

    def save_within_epoch(self, batch: int, loss: float) -> None:
        """Save when so many batches of an epoch are done, with their mean loss."""
        position = self._position
        self.seconds()
        position.step += batch - position.batch
        position.batch, position.loss = batch, loss
        position.order = self._batches.order(position.epoch)
        self.save()

    def is_due(self, interval: float) -> bool:
        """Whether the last save is so many seconds ago."""
        return time.monotonic() - self._saved >= interval

    def save_what_is_new(self) -> None:
        """Save, unless no update was made since the last time."""
        if self._position.step > self._saved_step:
            self.save()
