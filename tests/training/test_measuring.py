"""What is measured after an epoch, and what follows from it."""

from types import SimpleNamespace

import numpy as np
import pytest

from seq2seq.errors import DivergedError
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import parse_config
from seq2seq.tokenizer import train_tokenizer
from seq2seq.training.measuring import Measurements
from seq2seq.training.state import Position

PROGRESS = SimpleNamespace(loss=2.0, tokens_per_second=1000.0)


@pytest.fixture
def measured(tmp_path, small_network, made_up_sentences):
    """A function of settings of training: measurements without a dev set, their run, and the network."""
    tokenizer = train_tokenizer((text for pair in made_up_sentences(100) for text in pair), vocabulary_size=300)

    def make(**training):
        run = RunDirectory(tmp_path / "run")
        config = parse_config({"training": training})
        run.create(config, {})
        model = small_network()
        prepared = SimpleNamespace(tokenizers=(tokenizer, tokenizer), dev=[], parent_dev=[])
        return Measurements(config, run, model, prepared, warmup=0), run, model

    return make


def test_epoch_leaves_a_line_and_the_newest_weights_where_there_is_no_dev_set(measured):
    measurements, run, model = measured(epochs=3)
    measurements.take(Position(epoch=1, step=4), PROGRESS, lambda: 9.5)
    (record,) = run.log()
    assert (record["epoch"], record["step"], record["loss"], record["seconds"]) == (1, 4, 2.0, 9.5)
    best = run.load("best")
    assert best.step == 4
    np.testing.assert_array_equal(best.arrays[model.output_bias.path], model.output_bias)


def test_epochs_between_two_evaluations_leave_a_line_only(measured):
    measurements, run, _ = measured(epochs=3, evaluate_every_epochs=2)
    measurements.take(Position(epoch=1, step=4), PROGRESS, lambda: 1.0)
    assert not run.has("best")
    measurements.take(Position(epoch=3, step=12), PROGRESS, lambda: 1.0)  # the last one is always measured
    assert run.load("best").step == 12
    assert [record["epoch"] for record in run.log()] == [1, 3]


def test_weights_that_are_not_finite_are_never_the_best(measured):
    measurements, run, model = measured()
    model.output_bias.assign(np.full(model.output_bias.shape, np.inf))
    with pytest.raises(DivergedError):
        measurements.take(Position(epoch=1, step=4), PROGRESS, lambda: 1.0)
    assert not run.has("best")
    assert run.log() == []


def test_training_ends_with_its_last_epoch(measured):
    measurements, *_ = measured(epochs=2)
    assert not measurements.end_training(Position(epoch=1))
    assert measurements.end_training(Position(epoch=2))


def test_tensorboard_is_not_opened_unless_it_is_wanted(measured):
    measurements, run, _ = measured()
    with measurements.written_for_tensorboard(0):
        measurements.take(Position(epoch=1, step=4), PROGRESS, lambda: 1.0)
    assert not (run.path / "tensorboard").exists()
