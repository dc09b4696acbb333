"""The curriculum: short batches first, as the paper's formula says."""

import numpy as np
import pytest

from seq2seq.data.curriculum import competence, lessons


def test_competence_is_that_of_the_paper():
    assert competence(np.array(0.0)) == pytest.approx(0.01)
    assert competence(np.array(0.25)) == pytest.approx((0.25 * (1 - 1e-4) + 1e-4) ** 0.5)
    assert competence(np.array([1.0, 3.0])).tolist() == [1.0, 1.0]


def test_update_draws_only_batches_that_are_short_enough_for_it():
    sizes = [10, 20, 30, 40]
    done = np.repeat([0.0, 0.09, 0.36, 0.999], 200)  # competence 0.01, 0.3, 0.6 and nearly 1
    drawn = lessons(sizes, done, np.random.default_rng(0)).reshape(4, 200)
    assert [set(part) for part in drawn.tolist()] == [{0}, {0, 1}, {0, 1, 2}, {0, 1, 2}]


def test_chances_are_equal_once_all_may_be_drawn():
    drawn = lessons([8, 8, 8, 3], np.ones(4000), np.random.default_rng(0))
    assert np.bincount(drawn).min() > 900
