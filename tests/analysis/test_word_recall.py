"""Which words of a text come back, and of which part of it."""

import numpy as np
import pytest

from seq2seq.analysis.word_recall import (
    content_by_third,
    each_share,
    share,
    shares,
    tally,
    third,
    third_curve,
    word_recall,
)

TEXTS = ["The cat sees the old dog.", "A dog."]
OTHERS = ["The dog sees a cat.", ""]


@pytest.fixture
def recall():
    return word_recall(TEXTS, OTHERS)


def test_words_come_back_as_often_as_the_other_text_has_them(recall):
    assert recall.words == [["the", "cat", "sees", "the", "old", "dog"], ["a", "dog"]]
    assert [sum(back) for back in recall.back] == [4, 0]
    assert recall.back[0][4] == 0  # old


def test_tally_counts_hits_and_words_of_each_group(recall):
    counts = tally(recall, 2, lambda word, index, length: None if word == "the" else int(word == "dog"))
    np.testing.assert_array_equal(counts, [[[2, 3], [1, 1]], [[0, 1], [0, 1]]])


def test_function_words_are_left_out_of_the_thirds(recall):
    counts = content_by_third(recall, frozenset({"the", "a"}))
    np.testing.assert_array_equal(counts[0], [[1, 1], [1, 1], [1, 2]])
    assert counts[..., 1].sum() == 5


@pytest.mark.parametrize("length", [1, 2, 3, 10])
def test_thirds_are_in_order_and_of_about_equal_size(length):
    thirds = [third(index, length) for index in range(length)]
    assert thirds == sorted(thirds)
    assert set(thirds) <= {0, 1, 2}
    sizes = [thirds.count(part) for part in range(3)]
    assert max(sizes) - min(sizes) <= 1


def test_share_is_over_all_words_and_that_of_a_sentence_without_any_is_unknown():
    counts = np.array([[1.0, 1.0], [0.0, 3.0], [0.0, 0.0]])
    assert share(counts).mean == pytest.approx(1 / 4)
    np.testing.assert_array_equal(each_share(counts), [1, 0, np.nan])
    (only,) = shares(counts[:, None])
    assert only["mean"] == pytest.approx(1 / 4)


def test_curve_is_in_per_cent():
    part = {"mean": 0.5, "low": 0.25, "high": 0.75}
    curve = third_curve([part] * 3)
    assert (list(curve.x), curve.y, curve.low, curve.high) == ([0, 1, 2], [50] * 3, [25] * 3, [75] * 3)
