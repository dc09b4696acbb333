"""Where training goes on."""

import math
from types import SimpleNamespace

import pytest

from seq2seq import backend
from seq2seq.training.resuming import put_back
from seq2seq.training.state import Position, capture

BATCHES = SimpleNamespace(order=lambda epoch: 100 + epoch)


@pytest.fixture
def resumed(small_network):
    """A function of a position: where a run that was saved there goes on."""
    model = small_network()
    return lambda **position: put_back(model, capture(model, Position(**position)), BATCHES, origin="run")


def test_the_same_batches_go_on_where_they_were(resumed, caplog):
    position = resumed(epoch=1, batch=5, step=30, loss=2.0, order=101)
    assert (position.epoch, position.batch, position.step, position.loss) == (1, 5, 30, 2.0)
    assert not caplog.records


def test_other_batches_begin_the_epoch_again_and_say_so(resumed, caplog):
    position = resumed(epoch=1, batch=5, step=30, loss=2.0, order=99)
    assert (position.epoch, position.batch, position.step) == (1, 0, 30)
    assert math.isnan(position.loss)
    assert "another backend or version: epoch 2 begins again" in caplog.text


def test_between_two_epochs_the_order_does_not_matter(resumed, caplog):
    assert resumed(epoch=1, batch=0, step=30, order=99).epoch == 1
    assert not caplog.records


@pytest.mark.parametrize("few", [True, False])
def test_checkpoint_that_knows_no_order_is_of_an_older_version(resumed, monkeypatch, few):
    """Its batches are the same, but for backends that want few shapes."""
    monkeypatch.setattr(backend, "wants_few_shapes", lambda: few)
    assert resumed(epoch=0, batch=5, step=5).batch == (0 if few else 5)
