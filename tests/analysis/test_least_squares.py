"""Few units that say most, and what a class says."""

import numpy as np
import pytest

from seq2seq.analysis import least_squares
from seq2seq.analysis.ridge import ridge


@pytest.mark.parametrize("noise", [0, 1, 2])
def test_noise_is_worth_nothing(noise):
    random = np.random.default_rng(noise)
    states, target, sentences = random.normal(size=(2000, 40)), random.normal(size=2000), np.arange(2000) // 10
    seen = sentences < 100
    best = least_squares.best_units(states[seen], target[seen], 10)
    for predicted in (
        least_squares.predict(states[seen][:, best], target[seen], states[~seen][:, best]),
        ridge(states[seen], states[~seen], [target[seen][:, None]])[0].test[:, 0],
        least_squares.predict_by_classes(
            random.integers(0, 30, (1000, 2)), target[seen], random.integers(0, 30, (1000, 2))
        ),
    ):
        r2 = 1 - least_squares.unexplained(predicted, target[~seen], sentences[~seen]).mean()
        assert -0.1 < r2 < 0.03


def test_best_units_are_chosen_together():
    """The second unit is the one that adds most to the first, not the second best alone."""
    random = np.random.default_rng(0)
    a, b, noise = random.normal(size=(3, 3000))
    states = np.stack([a, a + 0.1 * noise, 0.1 * b + noise, b - noise, a + a, np.ones(3000)], axis=1)
    target = 3 * a + b
    assert least_squares.best_units(states, target, 2) in ([0, 3], [4, 3])
    chosen = least_squares.best_units(states, target, 6)
    assert len(chosen) == 3  # the rest are sums of these, or do not change
    np.testing.assert_allclose(least_squares.predict(states[:, chosen], target, states[:, chosen]), target, atol=1e-9)


def test_classes_add_up():
    """Two effects that are seen together more often than not are told apart."""
    random = np.random.default_rng(0)
    first = random.integers(0, 4, 4000)
    classes = np.stack([first, np.where(random.random(4000) < 0.6, first, random.integers(0, 4, 4000))], axis=1)
    target = np.array([0.0, 1, 5, -2])[classes[:, 0]] + np.array([3.0, 0, 0, 1])[classes[:, 1]] + 7
    unseen = np.array([[2, 0], [3, 3], [0, 1]])
    assert least_squares.predict_by_classes(classes, target, unseen) == pytest.approx([15, 6, 7], abs=0.05)
    alone = least_squares.predict_by_classes(classes[:, :1], target, np.array([[1]]))
    assert alone == pytest.approx(target[classes[:, 0] == 1].mean(), abs=0.05)


def test_unexplained_makes_r2():
    random = np.random.default_rng(0)
    truth, sentences = random.normal(size=50), np.repeat(np.arange(10), 5)
    predicted = truth + 0.3 * random.normal(size=50)
    expected = 1 - ((predicted - truth) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()
    assert 1 - least_squares.unexplained(predicted, truth, sentences).mean() == pytest.approx(expected)
    assert least_squares.unexplained(np.full(50, truth.mean()), truth, sentences).mean() == pytest.approx(1)
