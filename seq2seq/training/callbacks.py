"""What happens beside the updates: progress, checkpoints, signals, a loss that is not finite."""

import logging
import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import keras
from tqdm.auto import tqdm

from seq2seq.errors import DivergedError
from seq2seq.training import processes

_log = logging.getLogger("seq2seq")
_MEETING_SECONDS = 1.0  # about so long between two meetings of several processes
_LOOK_SECONDS = 0.5  # between two looks at the loss, for each of which the device has to finish what it was given


class Callbacks(keras.callbacks.CallbackList):
    """Hands each batch's logs on as the device gave them.

    Keras makes numbers of them after every batch, and to do so waits until the device is done: the next batch then
    begins late. Here, whoever looks at a number waits.
    """

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Tell every callback."""
        for callback in self.callbacks:
            callback.on_train_batch_end(batch, logs)


class Progress(keras.callbacks.Callback):
    """A bar over the whole training with loss, tokens per second and the time left.

    Args:
        bar: the progress bar, which moves one step a batch.
        tokens: the true target tokens of each batch of this epoch.
        first: the batch of the epoch that `fit` begins with.
        loss: the mean so far, where batches of this epoch were done in an earlier sitting.
    """

    def __init__(self, bar: tqdm, tokens: list[int], first: int, loss: float = math.nan):
        super().__init__()
        self._bar = bar
        self._tokens = tokens
        self._first = first
        self._start = self._now = time.monotonic()
        self._seen_tokens = self._done_tokens = 0
        self.loss = loss

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Move the bar, and look at the loss now and then. The clock starts behind the first batch: it is compiled."""
        if batch:
            self._seen_tokens += self._tokens[self._first + batch]
        if not batch or time.monotonic() - self._now >= _LOOK_SECONDS:
            self._look(logs)
        if not batch:
            self._start = self._now
        self._bar.update(1)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """All batches of this `fit` are done."""
        self._look(logs)

    def _look(self, logs: dict[str, Any] | None) -> None:
        self.loss = _loss_of(logs)  # waits for the device, so the clock is read afterwards
        self._now = time.monotonic()
        self._done_tokens = self._seen_tokens
        speed = f"{self.tokens_per_second:,.0f} target tokens a second"
        self._bar.set_postfix_str(f"loss {self.loss:.3f}, {speed}", refresh=False)

    @property
    def tokens_per_second(self) -> float:
        """True target tokens trained on in a second."""
        return self._done_tokens / max(self._now - self._start, 1e-9)


class Guard(keras.callbacks.Callback):
    """Saves every so often and when asked to stop; refuses to go on when the loss is not finite.

    Args:
        save: called with the number of batches of this epoch that are done, and the mean loss of the epoch.
        seconds: the time between two saves, in seconds.
        first: the batch of the epoch that `fit` begins with.

    Attributes:
        asked: a signal came to this process.
        interrupted: training stops here; several processes agree on it, since all have to stop after the same batch.
    """

    def __init__(self, save: Callable[[int, float], None], seconds: float, first: int):
        super().__init__()
        self._save = save
        self._seconds = seconds
        self._first = first
        self._saved = self._looked = time.monotonic()
        self._meeting_before = -1
        self._meeting = 0  # the next batch after which several processes agree whether to stop
        self.asked = self.interrupted = False

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Look at the signals, and now and then at the loss and whether it is time to save."""
        if processes.count() > 1 and not self._meet(batch):
            return
        if processes.count() == 1:
            self.interrupted = self.asked
        now = time.monotonic()
        saves = self.interrupted or now - self._saved >= self._seconds
        if saves or now - self._looked >= _LOOK_SECONDS:
            loss = _finite_loss(logs, f"by batch {self._first + batch + 1} of the epoch")
            self._looked = time.monotonic()
        if saves:
            self._save(self._first + batch + 1, loss)
            self._saved = time.monotonic()
        if self.interrupted:
            self.model.stop_training = True

    def _meet(self, batch: int) -> bool:
        """Agree with the other processes, after certain batches, whether a signal came to any of them.

        Each would otherwise stop after another batch, and the others wait for its share in vain. The batch of the next
        meeting follows from the slowest process.
        """
        if batch < self._meeting:
            return False
        seconds = (time.monotonic() - self._looked) / max(1, batch - self._meeting_before)
        met = processes.gathered([self.asked, seconds])  # a signal may come meanwhile: it counts at the next meeting
        self.interrupted = any(asked for asked, _ in met)
        self._meeting_before = batch
        self._meeting = batch + max(1, int(_MEETING_SECONDS / max(seconds for _, seconds in met)))
        return True

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Look at the loss once more. It is the mean of the epoch, so one bad batch shows until the end."""
        _finite_loss(logs, "in the last batches of the epoch")

    def request_stop(self, number: int, frame: FrameType | None) -> None:
        """The handler of SIGINT and SIGTERM: stop after this batch; a second signal stops at once."""
        if not self.asked:
            _log.warning(
                "stopping after this batch or evaluation and saving: please wait (a second signal stops at once)"
            )
        self.asked = True
        signal.signal(number, signal.SIG_DFL)


class RestoreMetrics(keras.callbacks.Callback):
    """Calls a function when `fit` has reset the metrics."""

    def __init__(self, restore: Any):
        super().__init__()
        self._restore = restore

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Restore: `fit` has just reset them."""
        self._restore()


def _loss_of(logs: dict[str, Any] | None) -> float:
    return float((logs or {}).get("loss", math.nan))


def _finite_loss(logs: dict[str, Any] | None, where: str) -> float:
    loss = _loss_of(logs)
    if not math.isfinite(loss):
        raise DivergedError(
            f"the loss became {loss} {where}; the last good checkpoint is kept. Try a lower training.learning_rate, "
            "more training.warmup_steps, a smaller training.clip_norm, or training.precision=float32"
        )
    return loss


@contextmanager
def signals(guard: Guard) -> Iterator[None]:
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
