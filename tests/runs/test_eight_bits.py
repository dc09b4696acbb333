"""Weights in eight bits: how near they stay, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from seq2seq.errors import CheckpointError
from seq2seq.runs.eight_bits import restored, rounded

finite = st.floats(-(2.0**90), 2.0**90, width=32, allow_subnormal=False)
matrices = st_numpy.arrays(np.float32, st_numpy.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=finite)


@given(matrices)
def test_weight_changes_by_at_most_half_a_step(weight):
    arrays = rounded({"kernel": weight})
    assert arrays["kernel"].dtype == np.int8
    assert arrays["kernel/step"].size in weight.shape
    error = np.abs(restored("run", arrays)["kernel"].astype(np.float64) - weight)
    assert (error <= 0.5 * (1 + 1e-4) * arrays["kernel/step"].astype(np.float64)).all()


@pytest.mark.parametrize("axis", [0, 1])
def test_steps_are_of_columns_or_of_rows_whichever_fits(axis):
    """Where one column, or one row, is ten times as large, the others keep small steps of their own."""
    weight = np.random.default_rng(1).normal(size=(30, 30)).astype(np.float32)
    large = weight[:, 3] if axis == 0 else weight[3]
    large *= 10
    arrays = rounded({"kernel": weight})
    assert arrays["kernel/step"].shape == ((1, 30) if axis == 0 else (30, 1))
    assert np.median(np.abs(restored("run", arrays)["kernel"] - weight)) < 0.01


def test_vectors_and_other_arrays_stay_as_they_are():
    bias = np.linspace(-1, 1, 7, dtype=np.float32)
    assert rounded({"bias": bias}) == {"bias": bias}
    arrays = {"kernel": np.ones((2, 3), np.float32), "optimizer/iteration": np.array(3)}
    assert restored("run", arrays) == arrays


WHOLE = np.ones((2, 3), np.int8)
COLUMNS = np.full((1, 3), 0.5, np.float32)


@pytest.mark.parametrize(
    ("whole", "step", "fault"),
    [
        (WHOLE, COLUMNS.astype(np.float64), "float64"),
        (WHOLE, COLUMNS[0], "expected"),
        (WHOLE, np.ones((1, 2), np.float32), "expected"),
        (WHOLE.astype(np.int32), COLUMNS, "int32"),
        (WHOLE.astype(np.float32), COLUMNS, "float32"),
        (WHOLE[0], COLUMNS, "matrix of int8"),
        (None, COLUMNS, "no such matrix"),
        (WHOLE, 0 * COLUMNS, "above 0"),
        (WHOLE, -COLUMNS, "above 0"),
        (WHOLE, np.array([[0.5, np.nan, 0.5]], np.float32), "above 0"),
        (WHOLE, np.array([[0.5, np.inf, 0.5]], np.float32), "above 0"),
    ],
)
def test_steps_that_do_not_fit_are_refused(whole, step, fault):
    arrays = {"kernel/step": step} | ({} if whole is None else {"kernel": whole})
    with pytest.raises(CheckpointError, match=f"arrays.npz: kernel/step .*{fault}"):
        restored("arrays.npz", arrays)
