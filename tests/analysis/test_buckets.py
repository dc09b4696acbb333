"""Buckets of sentences of like lengths."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.analysis.buckets import length_buckets


@given(lengths=st.lists(st.integers(0, 60), min_size=1, max_size=400))
def test_buckets_follow_one_another_from_the_shortest_to_the_longest(lengths):
    buckets = length_buckets(np.array(lengths))
    assert buckets[0][0] == min(lengths)
    assert buckets[-1][1] == max(lengths)
    assert all(low <= high for low, high in buckets)
    assert [low for low, _ in buckets[1:]] == [high + 1 for _, high in buckets[:-1]]


@given(lengths=st.lists(st.integers(1, 30), min_size=40, max_size=400))
def test_buckets_have_enough_sentences(lengths):
    for low, high in length_buckets(np.array(lengths)):
        assert sum(low <= length <= high for length in lengths) >= 20


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [([7], [(7, 7)]), ([3] * 20 + [5] * 20, [(3, 3), (4, 5)]), ([3] * 20 + [5] * 19, [(3, 5)])],
)
def test_buckets_by_hand(lengths, expected):
    assert length_buckets(np.array(lengths)) == expected
