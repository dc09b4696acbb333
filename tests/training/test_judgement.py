import math

import pytest

from seq2seq.settings.config import parse_config
from seq2seq.training.judgement import Judge
from seq2seq.training.state import Position


def judged(looks, **options):
    """The steps whose weights were the best so far, and the step that training stops at, if it does."""
    judge = Judge(**{"by_loss": False, "both": False, "patience": 2, "settling_steps": 0} | options)
    position, best = Position(), []
    for step, look in enumerate(looks, 1):
        position.step = step
        if judge.note(position, look):
            best.append(step)
        if judge.stops(position):
            return best, step
    return best, None


def look(loss, bleu, **parent):
    return {"dev_loss": loss, "dev_bleu": bleu} | {f"parent_{key}": value for key, value in parent.items()}


def test_loss_decides_while_bleu_is_near_zero():
    looks = [look(7, 0.025), look(6, 0.0), look(5, 0.01), look(4, 0.9), look(4.5, 0.99)]
    assert judged(looks) == ([1, 2, 3, 4], None)


def test_bleu_decides_where_it_can_tell():
    assert judged([look(5, 3), look(4, 2.9), look(4.5, 3.1), look(3, 3.0)]) == ([1, 3], None)


def test_loss_decides_between_equal_bleu():
    assert judged([look(5, 3), look(4, 3), look(4.5, 3)]) == ([1, 2], None)


def test_loss_alone_chooses_where_the_settings_say_so():
    assert judged([look(5, 3), look(4, 2), look(4.5, 9)], by_loss=True)[0] == [1, 2]


@pytest.mark.parametrize("by_loss", [False, True])
def test_training_stops_when_neither_loss_nor_bleu_is_better(by_loss):
    assert judged([look(5, 3), look(6, 3), look(6, 2), look(1, 9)], by_loss=by_loss)[1] == 3
    assert judged([look(5, 3), look(4, 2), look(6, 4), look(3.9, 1), look(3.8, 1)], by_loss=by_loss)[1] is None


def test_noise_in_bleu_is_no_progress():
    assert judged([look(5, 0.0), look(5, 0.2), look(5, 0.4)])[1] == 3


def test_patience_of_one_stops_at_the_first_evaluation_without_progress():
    assert judged([look(5, 3), look(4, 3), look(4, 3)], patience=1)[1] == 3


def test_patience_of_zero_never_stops():
    assert judged([look(5, 3)] * 20, patience=0)[1] is None


def test_nothing_counts_against_the_patience_within_the_warmup():
    assert judged([look(5, 3)] * 6, settling_steps=3) == ([1], 5)


def test_embeddings_that_learn_alone_count_like_a_warmup():
    config = parse_config({"finetune": {"embeddings_first_steps": 30, "best": "both"}, "training": {"best": "loss"}})
    assert Judge.of(config, 10) == Judge(by_loss=True, both=True, patience=5, settling_steps=30)


def test_both_dev_sets_count_with_their_mean():
    first, second = look(5, 10, dev_loss=5, dev_bleu=30), look(4, 14, dev_loss=8, dev_bleu=20)
    assert judged([first, second], both=True)[0] == [1]
    assert judged([first, second])[0] == [1, 2]
    assert judged([first, second], both=True, by_loss=True)[0] == [1]


def test_without_a_dev_set_the_newest_weights_are_the_best_and_training_goes_on():
    assert judged([{}, {"parent_dev_loss": 1.0, "parent_dev_bleu": 3.0}, {}], both=True) == ([1, 2, 3], None)


@pytest.mark.parametrize("by_loss", [False, True])
def test_loss_that_is_not_finite_leaves_a_best_checkpoint(by_loss):
    assert judged([look(math.nan, 0), look(math.inf, 0), look(5, 0)], by_loss=by_loss, patience=0)[0] == [1, 3]


@pytest.mark.parametrize(("by_loss", "best"), [(False, 0.03), (True, -5.0)])
def test_positions_of_older_checkpoints_are_understood(by_loss, best):
    judge = Judge(by_loss=by_loss, both=False, patience=2, settling_steps=0)
    position = Position(step=9, best=best, best_step=8)
    assert judge.note(position, look(4, 0.0))
    assert not judge.note(position, look(4.5, 0.0))
