"""Ids, vectors and lengths that callers hand over."""

import ml_dtypes
import numpy as np
import pytest

from seq2seq.errors import DataError
from seq2seq.number_lists import check_ids, check_pairs, source_lengths, summary_vectors, whole_numbers
from seq2seq.symbols import EOS, UNK


@pytest.mark.parametrize("values", [[1, 2], (1, 2), np.array([1, 2], np.uint8), range(1, 3), iter([1, 2])])
def test_whole_numbers_come_from_any_flat_list(values):
    numbers = whole_numbers(values, "ids", "write them")
    assert numbers.dtype == np.int64
    assert numbers.tolist() == [1, 2]


@pytest.mark.parametrize("values", [[1.5], [[1]], [[1], [1, 2]], "12", 5, None, [2**70]])
def test_what_are_no_whole_numbers_is_refused(values):
    with pytest.raises(DataError, match=r"ids are a flat list of whole numbers, received .*: write them"):
        whole_numbers(values, "ids", "write them")


def test_ids_of_pieces_are_let_through():
    check_ids([[UNK, 9], [], np.array([4, 5])], 10, "encode")


@pytest.mark.parametrize("wrong", [EOS, 0, -1, 10])
def test_id_that_no_sentence_holds_is_named_with_its_place(wrong):
    with pytest.raises(DataError, match=f"encode: sentence 1 has the id {wrong}, but its pieces are 3 to 9"):
        check_ids([[4], [4, wrong]], 10, "encode")


def test_pairs_are_looked_at_on_both_sides():
    check_pairs([([4], [11])], (10, 12), "score")
    with pytest.raises(DataError, match="score, target: sentence 0 has the id 12"):
        check_pairs([([4], [12])], (10, 12), "score")
    with pytest.raises(DataError, match="score: item 1 is no pair, received"):
        check_pairs([([4], [5]), [4]], (10, 12), "score")
    with pytest.raises(DataError, match="score takes a list of pairs, received"):
        check_pairs("ab", (10, 12), "score")


@pytest.mark.parametrize("kind", [np.float64, np.float16, np.int32, ml_dtypes.bfloat16])
def test_vectors_of_any_kind_of_number_become_float32(kind):
    vectors = summary_vectors(np.ones((2, 3)).astype(kind), 3, "translate")
    assert vectors.dtype == np.float32
    assert (vectors == 1).all()


def test_no_vectors_are_none():
    assert summary_vectors([], 3, "translate").shape == (0, 3)


def test_row_that_is_not_finite_in_32_bits_is_named():
    with pytest.raises(DataError, match="translate: row 1 holds a number that is not finite in 32 bits"):
        summary_vectors([[0.0], [1e300]], 1, "translate")


def test_lengths_are_as_many_as_rows_and_within_bounds():
    assert source_lengths([0, 10_000], 2, "translate").tolist() == [0, 10_000]
    with pytest.raises(DataError, match="translate: 1 source_tokens and 2 rows do not match"):
        source_lengths([1], 2, "translate")
    with pytest.raises(DataError, match="translate: source_tokens are 0 to 10,000, received -1 to 5"):
        source_lengths([5, -1], 2, "translate")
