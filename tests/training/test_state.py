"""The state of training goes to a checkpoint and comes back to the bit."""

import dataclasses
import math

import numpy as np
import pytest

from seq2seq.errors import CheckpointError, DivergedError
from seq2seq.training.state import Position, capture, finite_weights, restore, restore_metrics

POSITION = Position(epoch=2, batch=3, step=17, loss=1.5, best=2.0, best_step=9, seconds=4.0, order=7)


def test_everything_comes_back_to_the_bit(small_network, one_batch):
    """After two updates with dropout; the third is the same for both."""
    trained = small_network(model={"input_dropout": 0.3})
    for _ in range(2):
        trained.train_on_batch(*one_batch)
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


@pytest.fixture
def network(small_network):
    return small_network()


def test_weight_that_is_not_finite_is_no_state(network):
    network.output_bias.assign(np.full(network.output_bias.shape, np.nan))
    for call in (lambda: finite_weights(network), lambda: capture(network, POSITION)):
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
def test_state_of_something_else_is_refused(network, changed, message):
    checkpoint = capture(network, POSITION)
    with pytest.raises(CheckpointError, match=message):
        restore(network, checkpoint._replace(state=checkpoint.state | changed), origin="run")


def test_state_of_an_older_version_gets_what_it_lacks(network):
    checkpoint = capture(network, POSITION)
    older = {name: value for name, value in checkpoint.state.items() if name not in ("best_loss", "order")}
    position = restore(network, checkpoint._replace(state=older), origin="run")
    assert (position.best_loss, position.order) == (math.inf, 0)
    assert dataclasses.replace(position, order=7) == POSITION


def test_missing_moment_is_named(network):
    checkpoint = capture(network, POSITION)
    arrays = {name: array for name, array in checkpoint.arrays.items() if not name.endswith("velocity")}
    with pytest.raises(CheckpointError, match=r"run: .*velocity"):
        restore(network, checkpoint._replace(arrays=arrays), origin="run")
