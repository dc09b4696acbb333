"""When the state of training is saved."""

from types import SimpleNamespace

import pytest

from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import parse_config
from seq2seq.training import saving
from seq2seq.training.saving import Saver
from seq2seq.training.state import Position


@pytest.fixture
def clock(monkeypatch):
    """The time in seconds, which a test moves on."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(saving.time, "monotonic", lambda: clock.now)
    return clock


@pytest.fixture
def run(tmp_path):
    run = RunDirectory(tmp_path / "run")
    run.create(parse_config({}), {})
    return run


@pytest.fixture
def position():
    return Position(step=7, epoch=1, seconds=50.0)


@pytest.fixture
def saver(clock, run, position, small_network):
    return Saver(run, small_network(), position, SimpleNamespace(order=lambda epoch: 40 + epoch))


def test_time_counts_from_the_last_look_over_all_sittings(saver, clock):
    clock.now += 3
    assert saver.seconds() == 53
    clock.now += 10
    saver.start_clock()  # what was done since is no training
    clock.now += 1
    assert saver.seconds() == 54


def test_save_is_due_some_seconds_after_the_last(saver, clock):
    clock.now += 5
    assert saver.is_due(5)
    assert not saver.is_due(6)
    saver.save()
    assert not saver.is_due(5)


def test_nothing_is_saved_twice(saver, run, position):
    saver.save_what_is_new()
    assert not run.has("last")
    position.step += 1
    saver.save_what_is_new()
    assert run.load("last").step == 8


def test_save_within_an_epoch_says_which_batches_are_done(saver, run, position):
    saver.save_within_epoch(4, 2.5)
    saver.save_within_epoch(6, 2.25)
    state = run.load("last").state
    assert [state[name] for name in ("step", "batch", "loss", "order")] == [13, 6, 2.25, 41]
    assert position.batch == 6
