"""The state of training goes to a checkpoint and comes back to the bit."""

import dataclasses
import math

import numpy as np
import pytest

from seq2seq.errors import CheckpointError, DivergedError
from seq2seq.training.state import Position, capture, finite_weights, restore, restore_metrics

POSITION = Position(epoch=2, batch=3, step=17, loss=1.5, best=2.0, best_step=9, seconds=4.0, order=7)


@pytest.fixture
def trained(small_network, one_batch):
    """A network after two updates, with dropout."""
    model = small_network(model={"input_dropout": 0.3})
    for _ in range(2):
        model.train_on_batch(*one_batch)
    return model


def test_everything_comes_back_to_the_bit(trained, small_network, one_batch):
    checkpoint = capture(trained, POSITION)
    other = small_network(model={"input_dropout": 0.3})
    assert restore(other, checkpoint, origin="run") == POSITION
    restore_metrics(other, checkpoint, origin="run")
    again = capture(other, POSITION)
    assert again.arrays.keys() == checkpoint.arrays.keys()
    for name, array in checkpoint.arrays.items():
        np.testing.assert_array_equal(again.arrays[name], array, err_msg=name)
    for model in (trained, other):
        model.train_on_batch(*one_batch)
    for name, array in capture(trained, POSITION).arrays.items():
        np.testing.assert_array_equal(capture(other, POSITION).arrays[name], array, err_msg=name)


def test_weight_that_is_not_finite_is_no_state(trained):
    trained.output_bias.assign(np.full(trained.output_bias.shape, np.nan))
    for call in (lambda: finite_weights(trained), lambda: capture(trained, POSITION)):
        with pytest.raises(DivergedError, match=r"weight .*bias is no longer finite; .* lower training.learning_rate"):
            call()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"pages": 3}, "run: the checkpoint's state .* is not training's"),
        ({"step": 1.5}, "run: the checkpoint's state has step=1.5: copy the run again"),
        ({"loss": "low"}, "run: the checkpoint's state has loss='low'"),
        ({"epoch": True}, "run: the checkpoint's state has epoch=True"),
    ],
)
def test_state_of_something_else_is_refused(trained, changed, message):
    checkpoint = capture(trained, POSITION)
    with pytest.raises(CheckpointError, match=message):
        restore(trained, checkpoint._replace(state=checkpoint.state | changed), origin="run")


def test_state_of_an_older_version_gets_what_it_lacks(trained):
    checkpoint = capture(trained, POSITION)
    older = {name: value for name, value in checkpoint.state.items() if name not in ("best_loss", "order")}
    position = restore(trained, checkpoint._replace(state=older), origin="run")
    assert (position.best_loss, position.order) == (math.inf, 0)
    assert dataclasses.replace(position, order=7) == POSITION


def test_missing_moment_is_named(trained):
    checkpoint = capture(trained, POSITION)
    arrays = {name: array for name, array in checkpoint.arrays.items() if not name.endswith("velocity")}
    with pytest.raises(CheckpointError, match=r"run: .*velocity"):
        restore(trained, checkpoint._replace(arrays=arrays), origin="run")
