"""Clouds whose shape is known."""

import numpy as np
import pytest

from seq2seq.analysis.geometry import apart, cosine_distances, plane, spread, units


def subspace(rank, rows=3000, size=48):
    random = np.random.default_rng(rank)
    directions = np.linalg.qr(random.normal(size=(size, rank)))[0].T
    return random.normal(size=(rows, rank)) @ directions + random.normal(size=size)


@pytest.mark.parametrize("rank", [1, 5, 20])
def test_effective_rank_is_the_rank_of_an_evenly_filled_subspace(rank):
    found = spread(subspace(rank))
    assert found.effective_rank == pytest.approx(rank, rel=0.03)
    assert found.components[0] <= found.components[1] <= rank
    assert found.components[0] == pytest.approx(0.9 * rank, abs=1)
    assert found.shares.sum() == pytest.approx(1)


def test_effective_rank_counts_what_a_direction_holds():
    cloud = subspace(2)
    axes = np.linalg.svd(cloud - cloud.mean(axis=0), full_matrices=False)[2][:2]
    stretched = (cloud @ axes.T) * [10, 1] @ axes  # variances 100 and 1
    assert spread(stretched).effective_rank == pytest.approx(101**2 / (100**2 + 1), rel=0.02)


def test_few_rows_cannot_show_many_directions():
    assert spread(np.random.default_rng(1).normal(size=(6, 40))).most == 5


def test_vectors_that_are_all_alike_have_no_direction():
    found = spread(np.ones((10, 4)))
    assert (found.effective_rank, found.components) == (0.0, (0, 0))


def test_planted_dead_and_saturated_units_are_counted_exactly():
    random = np.random.default_rng(2)
    vectors = random.uniform(-0.9, 0.9, size=(500, 30))
    vectors[:, [3, 11]] = 0.4 + 1e-5 * random.normal(size=(500, 2))
    vectors[:, [5, 6, 20]] = 0.999 * random.choice([-1, 1], size=(500, 3))
    vectors[:200, 7] = 0.999  # often, but not mostly
    found = units(vectors)
    assert np.flatnonzero(found.dead).tolist() == [3, 11]
    assert np.flatnonzero(found.saturated).tolist() == [5, 6, 20]
    assert found.saturated_share == pytest.approx((3 * 500 + 200) / vectors.size)


def test_states_without_bounds_cannot_be_saturated():
    vectors = np.random.default_rng(3).uniform(0, 5, size=(50, 8))
    assert not units(vectors).saturated.any()
    assert units(vectors).saturated_share == 0


def test_plane_keeps_the_distances_of_a_flat_cloud_and_its_signs_are_fixed():
    cloud = subspace(2, rows=20)
    flat = plane(cloud)
    np.testing.assert_allclose(np.linalg.norm(flat[0] - flat[1]), np.linalg.norm(cloud[0] - cloud[1]))
    np.testing.assert_allclose(plane(cloud[::-1])[::-1], flat, atol=1e-9)
    assert plane(np.zeros((4, 1))).shape == (4, 2)


def test_cosine_is_seen_from_the_mean():
    square = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]]) + 100.0
    np.testing.assert_allclose(cosine_distances(square)[0], [0, 1, 2, 1], atol=1e-9)


def test_pairs_are_apart_relative_to_others_of_their_kind():
    random = np.random.default_rng(4)
    first, stranger = random.normal(size=(2, 80, 400))
    for second, wanted in ((first, 0.0), (stranger, 1.0), (first + 0.1 * stranger, 0.1 / 2**0.5)):
        found = apart(first, second, np.zeros(400))
        assert found.euclidean.mean == pytest.approx(wanted, abs=0.02)
    assert apart(first, stranger, np.zeros(400)).cosine.mean == pytest.approx(1, abs=0.02)
