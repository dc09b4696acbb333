"""The probe itself: what is there is found, what is not is not, and rows that belong together do not betray it."""

import numpy as np
import pytest

from seq2seq.analysis.ridge import nearest_class, ridge
from seq2seq.analysis.statistics import estimate


def cloud(seed, rows=400, size=32):
    return np.random.default_rng(seed).normal(size=(rows, size))


def one_hot(labels):
    return np.eye(labels.max() + 1)[labels]


def test_a_planted_number_is_read_and_its_strength_is_small():
    features = cloud(1)
    number = features @ np.random.default_rng(2).normal(size=(32, 1)) + 5
    (fit,) = ridge(features[:300], features[300:], [number[:300]])
    np.testing.assert_allclose(fit.test, number[300:], atol=0.02)
    np.testing.assert_allclose(fit.held_out, number[:300], atol=0.05)


def test_a_planted_class_is_read_though_it_is_rare():
    features = cloud(3, rows=900)
    labels = (features[:, 4] > 1.2).astype(int)  # one in nine
    (fit,) = ridge(features[:600], features[600:], [one_hot(labels[:600])])
    found, truth = nearest_class(fit, labels[:600]), labels[600:]
    assert np.mean([(found[truth == each] == each).mean() for each in (0, 1)]) > 0.9
    assert (fit.test.argmax(axis=1) == 1)[truth == 1].mean() < 0.6  # the frequent class would swallow it


def test_labels_that_have_nothing_to_do_with_the_features_are_at_chance():
    inside = 0
    for seed in range(20):
        features, labels = cloud(seed), np.random.default_rng(seed + 100).integers(0, 2, 400)
        (fit,) = ridge(features[:200], features[200:], [one_hot(labels[:200])])
        value = estimate((nearest_class(fit, labels[:200]) == labels[200:]).astype(float))
        inside += value.low <= 0.5 <= value.high
    assert inside >= 17


def test_each_block_has_the_strength_that_it_needs():
    features = cloud(5)
    number, noise = features[:, :1], np.random.default_rng(6).normal(size=(400, 1))
    alone = [ridge(features[:300], features[300:], [target[:300]])[0] for target in (number, noise)]
    both = ridge(features[:300], features[300:], [number[:300], noise[:300]])
    for one, other in zip(alone, both, strict=True):
        np.testing.assert_allclose(one.test, other.test, atol=1e-9)
    assert both[0].test.std() > 0.9 > 0.3 > both[1].test.std()


def test_twins_are_left_out_together():
    """Of a pair of twins with one label, each would tell the other's; left out together, they know nothing."""
    half, labels = cloud(7, rows=60, size=100), np.random.default_rng(8).integers(0, 2, 60)
    features, targets = np.concatenate([half, half]), one_hot(np.concatenate([labels, labels]))
    errors = []
    for groups in (np.random.default_rng(9).permutation(120), np.tile(np.arange(60), 2)):
        (fit,) = ridge(features, features, [targets], groups)
        errors.append(((fit.held_out - targets) ** 2).mean())
    assert errors[0] < 0.2 < errors[1]


@pytest.mark.parametrize("features", [np.zeros((90, 4)), np.ones((90, 4))])
def test_features_that_never_change_predict_the_mean(features):
    number = np.arange(90.0)[:, None]
    (fit,) = ridge(features[:60], features[60:], [number[:60]])
    np.testing.assert_allclose(fit.test, number[:60].mean())


def test_a_unit_that_only_moves_in_the_test_part_does_no_harm():
    features = cloud(10)
    features[:, 0] = 1e-9 * features[:, 0]
    features[350, 0] = 1.0
    (fit,) = ridge(features[:300], features[300:], [features[:300, 1:2]])
    np.testing.assert_allclose(fit.test, features[300:, 1:2], atol=0.05)
