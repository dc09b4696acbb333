"""What a batch costs beside its update, and when somebody looks at the loss."""

import math

import pytest
from tqdm.auto import tqdm

from seq2seq.errors import DivergedError
from seq2seq.training import callbacks
from seq2seq.training.callbacks import Callbacks, Guard, Progress


class Loss:
    """A number on a device: counts how often somebody waits for it."""

    def __init__(self, value=1.5):
        self.value, self.looks = value, 0

    def __float__(self):
        self.looks += 1
        return self.value


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass only when a test says so."""
    now = [100.0]
    monkeypatch.setattr(callbacks.time, "monotonic", lambda: now[0])
    return now


def listening(saved=lambda batch, loss: None, tokens=100, seconds=1e9):
    progress = Progress(tqdm(disable=True), [tokens] * 50, first=0)
    guard = Guard(saved, seconds, first=0)
    return progress, guard, Callbacks([progress, guard])


def test_nobody_waits_for_the_device_between_two_looks(clock):
    _, _, told = listening()
    losses = [Loss() for _ in range(50)]
    for batch, loss in enumerate(losses):
        told.on_train_batch_end(batch, {"loss": loss})
        clock[0] += 0.1
    looked = [batch for batch, loss in enumerate(losses) if loss.looks]
    assert looked[0] == 0  # it was compiled: the clock starts behind it
    assert 5 <= len(looked) <= 20


def test_speed_counts_the_batches_behind_the_first(clock):
    progress, _, told = listening(tokens=100)
    for batch in range(11):
        clock[0] += 30.0 if batch == 0 else 0.1
        told.on_train_batch_end(batch, {"loss": Loss()})
    told.on_epoch_end(0, {"loss": 2.0})
    assert progress.tokens_per_second == pytest.approx(1000 / 1.0)
    assert progress.loss == 2.0


def test_loss_that_is_not_finite_stops_at_the_next_look(clock):
    _, _, told = listening()
    told.on_train_batch_end(0, {"loss": Loss()})
    clock[0] += 0.1
    told.on_train_batch_end(1, {"loss": Loss(math.nan)})
    clock[0] += 0.6
    with pytest.raises(DivergedError, match="the loss became nan by batch 3 of the epoch"):
        told.on_train_batch_end(2, {"loss": Loss(math.nan)})


def test_loss_that_is_not_finite_stops_at_the_end_at_the_latest(clock):
    _, _, told = listening()
    told.on_train_batch_end(0, {"loss": Loss(math.inf)})
    with pytest.raises(DivergedError, match="the loss became inf in the last batches of the epoch"):
        told.on_epoch_end(0, {"loss": Loss(math.inf)})


def test_what_is_saved_is_never_older_than_the_batch(clock):
    saves = []
    _, _, told = listening(saved=lambda batch, loss: saves.append((batch, loss)), seconds=1.0)
    for batch in range(25):
        clock[0] += 0.1
        told.on_train_batch_end(batch, {"loss": Loss(float(batch))})
    assert saves
    assert all(loss == batch - 1 for batch, loss in saves)


def test_a_bad_loss_is_not_saved(clock):
    saves = []
    _, _, told = listening(saved=lambda batch, loss: saves.append(batch), seconds=0.05)
    clock[0] += 0.1
    with pytest.raises(DivergedError):
        told.on_train_batch_end(0, {"loss": Loss(math.nan)})
    assert not saves
