import math
from itertools import pairwise

import keras
import pytest
from keras import ops

from seq2seq.training.schedules import WarmupDecay, capped_warmup

DECAYS = ("constant", "linear", "cosine", "inverse_sqrt", "halving")


def rates(schedule, steps):
    return ops.convert_to_numpy(schedule(ops.arange(steps))).tolist()


@pytest.mark.parametrize("decay", DECAYS)
def test_warmup_rises_linearly_to_the_peak(decay):
    schedule = WarmupDecay(0.5, final=0.01, warmup=10, total=100, decay=decay)
    assert rates(schedule, 10) == pytest.approx([0.5 * (step + 1) / 10 for step in range(10)], rel=1e-5)


@pytest.mark.parametrize("warmup", [0, 1, 10])
@pytest.mark.parametrize("decay", DECAYS)
def test_rate_never_rises_after_the_warmup_nor_leaves_its_bounds(decay, warmup):
    after = rates(WarmupDecay(0.5, final=0.01, warmup=warmup, total=100, decay=decay), 130)[max(warmup - 1, 0) :]
    assert all(later <= earlier * (1 + 1e-6) for earlier, later in pairwise(after))
    assert max(after) <= 0.5 * (1 + 1e-6)
    assert min(after) >= 0.01 * (1 - 1e-5)


@pytest.mark.parametrize("final", [0.0, 0.01])
@pytest.mark.parametrize("decay", ["linear", "cosine"])
def test_last_step_and_all_after_it_have_the_final_rate(decay, final):
    after = rates(WarmupDecay(0.5, final=final, warmup=10, total=100, decay=decay), 150)
    assert after[98] > final
    assert after[99:] == pytest.approx([final] * 51, abs=1e-7)


def test_inverse_sqrt_ends_at_the_final_rate_when_it_reaches_it():
    after = rates(WarmupDecay(0.5, final=0.1, warmup=10, total=100, decay="inverse_sqrt"), 1000)
    expected = [max(0.1, 0.5 * math.sqrt(10 / (step + 1))) for step in range(9, 1000)]
    assert after[9:] == pytest.approx(expected, rel=1e-5)
    assert after[-1] == pytest.approx(0.1)


def test_halving_halves_after_some_epochs_and_then_at_each_epoch():
    after = rates(WarmupDecay(0.8, total=80, decay="halving", halving=(50, 10)), 80)
    assert after == pytest.approx([0.8] * 50 + [0.4] * 10 + [0.2] * 10 + [0.1] * 10)


def test_constant_stays_at_the_peak():
    assert rates(WarmupDecay(0.5, final=0.01, warmup=2, total=9, decay="constant"), 20)[1:] == [0.5] * 19


def test_linear_and_cosine_are_halfway_in_the_middle():
    for decay in ("linear", "cosine"):
        schedule = WarmupDecay(1.0, final=0.2, warmup=20, total=120, decay=decay)
        assert float(schedule(69)) == pytest.approx(0.6, rel=1e-5)


@pytest.mark.parametrize(("warmup", "total", "used"), [(200, 5000, 200), (200, 264, 52), (1, 1, 0), (0, 9, 0)])
def test_warmup_is_a_fifth_of_all_steps_at_most(warmup, total, used):
    assert capped_warmup(warmup, total) == used


def test_training_shorter_than_its_warmup_only_rises():
    after = rates(WarmupDecay(0.5, warmup=100, total=20, decay="cosine"), 20)
    assert after == pytest.approx([0.5 * (step + 1) / 100 for step in range(20)], rel=1e-5)


@pytest.mark.parametrize("decay", DECAYS)
def test_config_makes_the_same_schedule_again(decay):
    schedule = WarmupDecay(0.5, final=0.01, warmup=10, total=100, decay=decay)
    again = WarmupDecay.from_config(schedule.get_config())
    assert again.get_config() == schedule.get_config()
    assert rates(again, 120) == rates(schedule, 120)


def test_optimizer_reads_the_rate_of_its_step():
    optimizer = keras.optimizers.SGD(WarmupDecay(0.5, warmup=10, total=100))
    weight = keras.Variable([0.0])
    optimizer.build([weight])
    optimizer.apply([ops.ones(1)], [weight])
    assert float(ops.sum(weight.value)) == pytest.approx(-0.05)
    assert float(optimizer.learning_rate) == pytest.approx(0.1)
