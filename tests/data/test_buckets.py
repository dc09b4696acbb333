"""The closed set of shapes of a corpus: each pair fits into its shape, and shapes are few."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data.buckets import Limits, Shape, buckets, next_larger

PAIRS = st.lists(st.tuples(st.integers(1, 128), st.integers(1, 128)), min_size=1, max_size=200)


@given(pairs=PAIRS, batch_tokens=st.sampled_from([16, 256, 4096]), most=st.sampled_from([None, 1, 3, 12]))
def test_every_pair_fits_into_its_shape(pairs, batch_tokens, most):
    source, target = (np.array(side) for side in zip(*pairs, strict=True))
    shapes, place = buckets(source, target, Limits(batch_tokens), most)
    assert len(place) == len(pairs)
    assert set(place.tolist()) == set(range(len(shapes)))  # no shape is without a pair
    assert len(set(shapes)) == len(shapes) <= (most or len(shapes))
    widths = np.array(shapes)[place]
    assert (source <= widths[:, 1]).all()
    assert (target <= widths[:, 2]).all()


@given(pairs=PAIRS, batch_tokens=st.sampled_from([16, 256, 4096]), sentences=st.sampled_from([0, 1, 8, 60]))
def test_rows_come_in_eights_and_fill_no_more_than_a_batch(pairs, batch_tokens, sentences):
    source, target = (np.array(side) for side in zip(*pairs, strict=True))
    for rows, _, width in buckets(source, target, Limits(batch_tokens, sentences))[0]:
        assert rows % 8 == 0
        assert rows == 8 or rows * width <= batch_tokens
        assert rows == 8 or not sentences or rows <= sentences


def test_merging_keeps_apart_what_would_be_padded_most():
    source = np.array([10] * 50 + [11] * 50 + [100] * 50)
    shapes, place = buckets(source, source, Limits(1024), 2)
    assert len(shapes) == 2
    assert len(set(place[:100])) == 1
    assert place[0] != place[-1]


@pytest.mark.parametrize(("index", "expected"), [(0, 1), (1, 3), (2, 3), (3, None)])
def test_next_larger_shape_holds_the_given_one(index, expected):
    shapes = [Shape(8, 4, 4), Shape(8, 8, 4), Shape(8, 4, 8), Shape(8, 8, 8)]
    assert next_larger(shapes, index) == expected
