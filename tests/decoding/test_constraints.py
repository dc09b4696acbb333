import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from seq2seq.decoding.constraints import IMPOSSIBLE, length_limits, repeated_ngrams, reserved_pieces
from seq2seq.symbols import BOS, EOS, PAD, UNK


def forbidden(penalty):
    """Which entries of a penalty are impossible; the others must cost nothing."""
    penalty = ops.convert_to_numpy(penalty)
    assert np.isin(penalty, [0.0, np.float32(IMPOSSIBLE)]).all()
    return penalty < 0


def test_reserved_pieces_are_impossible_but_for_the_end():
    assert np.flatnonzero(forbidden(reserved_pieces(9))).tolist() == sorted([PAD, BOS, UNK])


@pytest.mark.parametrize("step", [0, 1, 2, 3, 4])
def test_length_limits_forbid_an_early_end_and_a_late_one(step):
    minimum, maximum = np.array([1, 3, 5], np.int32), np.array([2, 3, 5], np.int32)
    found = forbidden(length_limits(ops.convert_to_tensor(step), *map(ops.convert_to_tensor, (minimum, maximum)), 6))
    for row, (low, high) in enumerate(zip(minimum, maximum, strict=True)):
        length = step + 1
        assert found[row, EOS] == (length < low)
        assert (np.delete(found[row], EOS) == (length >= high)).all()


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@settings(max_examples=25)
@given(data=st.data())
def test_repeated_ngrams_are_what_a_loop_finds(order, data):
    N, U, V = 4, 9, 8
    step = data.draw(st.integers(0, U), label="step")
    row = st.lists(st.integers(4, V - 1), min_size=step, max_size=step)
    rows = data.draw(st.lists(row, min_size=N, max_size=N), label="rows")
    tokens = np.full((N, U), PAD, np.int32)
    tokens[:, :step] = np.array(rows).reshape(N, step)
    found = forbidden(repeated_ngrams(ops.convert_to_tensor(tokens), ops.convert_to_tensor(step), order, V))
    expected = np.zeros((N, V), bool)
    for number, written in enumerate(rows):
        ngrams = {tuple(written[at : at + order]) for at in range(step - order + 1)}
        for piece in range(V):
            expected[number, piece] = (*written[step - order + 1 :], piece) in ngrams if order > 1 else piece in written
    assert step >= order or not expected.any()
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("order", [2, 3, 4, 12])
def test_repeated_ngrams_longer_than_the_hypothesis_forbid_nothing(order):
    tokens = ops.convert_to_tensor(np.array([[5, 5]], np.int32))
    assert not forbidden(repeated_ngrams(tokens, ops.convert_to_tensor(1), order, 9)).any()
