"""Intervals cover, and tests are honest: what is alike differs in one case of twenty."""

import math

import numpy as np

from seq2seq.analysis.statistics import against_first, estimate, p_value


def test_interval_covers_the_truth_as_often_as_it_says():
    random = np.random.default_rng(0)
    found = [estimate(random.normal(3.0, 1.0, 60)) for _ in range(200)]
    assert 0.90 <= np.mean([each.low <= 3.0 <= each.high for each in found]) <= 0.98


def test_weights_count_and_missing_values_do_not():
    assert estimate([1.0, 4.0, math.nan], [2.0, 1.0, 5.0]).mean == 2.0
    assert math.isnan(estimate([math.nan]).mean)


def test_p_value_of_like_systems_is_below_a_twentieth_about_one_time_in_twenty():
    random = np.random.default_rng(0)
    found = [p_value(random.normal(size=80), random.normal(size=80)) for _ in range(300)]
    assert 0.02 <= np.mean([p < 0.05 for p in found]) <= 0.09


def test_p_value_sees_a_difference_and_none():
    values = np.random.default_rng(0).normal(size=100)
    assert p_value(values, values + 1) < 0.01
    assert p_value(values, values) == 1.0
    assert p_value([], []) == 1.0


def test_few_differences_prove_little():
    assert p_value([1.0], [0.0]) == 1.0
    assert p_value([1.0, 2.0, 3.0], [0.0, 0.0, 0.0]) == 0.25
    assert p_value([1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 3.0, 4.0]) >= 0.5
    random = np.random.default_rng(0)
    found = [p_value(random.normal(size=4), random.normal(size=4)) for _ in range(200)]
    assert min(found) >= 0.125


def test_all_runs_are_compared_with_the_first():
    assert list(against_first({"a": [1.0, 2.0], "b": [1.0, 2.0], "c": [3.0, 5.0]})) == ["b", "c"]
