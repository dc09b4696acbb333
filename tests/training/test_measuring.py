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
        model = small_network(training=training)
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


def evaluations(measurements, model, losses):
    """Let the dev loss be a function of the output layer's first bias."""
    measurements._evaluate = lambda aloud=True: {"dev_loss": losses(float(model.output_bias[0])), "dev_bleu": 0.0}


def test_average_is_what_is_measured_and_kept(measured):
    measurements, run, model = measured(averaging=0.9)
    place = [variable is model.output_bias for variable in model.trainable_variables].index(True)
    model.optimizer.averages[place].assign(np.full(model.output_bias.shape, 4.0))
    evaluations(measurements, model, lambda bias: bias)
    measurements.take(Position(epoch=1, step=4), PROGRESS, lambda: 1.0)
    assert run.log()[0]["dev_loss"] == 4.0
    assert run.load("best").arrays[model.output_bias.path][0] == 4.0
    assert float(model.output_bias[0]) == 0.0  # training goes on with the weights themselves


@pytest.mark.parametrize(
    ("losses", "kept", "words"),
    [
        (lambda bias: (bias - 2.5) ** 2, True, "has dev loss 0.000 and dev BLEU 0.0: it is the best and is kept"),
        (lambda bias: bias, False, "has dev loss 2.500 and dev BLEU 0.0: it is not better than the best"),
    ],
)
def test_mean_of_the_last_weights_becomes_the_best_where_it_is_better(measured, caplog, losses, kept, words):
    measurements, run, model = measured(epochs=4, average_last=2, evaluate_every_epochs=1)
    evaluations(measurements, model, losses)
    position = Position()
    with caplog.at_level("INFO", logger="seq2seq"):
        for epoch, bias in enumerate((1.0, 0.0, 2.0, 3.0), 1):
            position.epoch, position.step = epoch, 10 * epoch
            model.output_bias.assign(np.full(model.output_bias.shape, bias))
            measurements.take(position, PROGRESS, lambda: 1.0)
    assert f"the mean of the weights of the last 2 dev evaluations {words}" in caplog.text
    assert float(model.output_bias[0]) == 3.0  # what the newest checkpoint is to hold
    best = run.load("best")
    assert best.arrays[model.output_bias.path][0] == (2.5 if kept else 0.0)
    assert (position.best_step, best.step) == ((40, 40) if kept else (20, 20))
    assert run.log()[-1].get("averaged_evaluations") == (2 if kept else None)
    measurements.finish()
    assert {path.name.split("-")[0] for path in run.checkpoints.iterdir()} == {"best"}


def test_mean_lets_no_training_go_on_that_stops_early(measured):
    measurements, run, model = measured(epochs=9, average_last=2, patience=1)
    evaluations(measurements, model, lambda bias: (bias - 2.0) ** 2)
    position = Position()
    for epoch, bias in enumerate((1.0, 3.0), 1):
        position.epoch, position.step = epoch, 10 * epoch
        model.output_bias.assign(np.full(model.output_bias.shape, bias))
        measurements.take(position, PROGRESS, lambda: 1.0)
    assert run.log()[-1]["dev_loss"] == 0.0
    assert measurements.end_training(position)
