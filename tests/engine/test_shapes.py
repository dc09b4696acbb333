"""Shapes: what fits into memory, what fills the rest of a batch, and how long translations may be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data.batching import Shape
from seq2seq.engine import shapes
from seq2seq.settings.config import Translation
from seq2seq.symbols import EOS, PAD


def test_batches_hold_few_enough_numbers():
    assert shapes.most_rows(64, 3, 500) == 64
    assert 0 < shapes.most_rows(10**6, 100, 500) * 100 * 500 <= 1 << 25
    assert shapes.most_rows(64, 1000, 65_535) == 1
    assert shapes.forced_tokens(65_535) * 65_535 <= 1 << 25


def test_sources_are_ended_and_padded_and_no_row_is_all_padding():
    rows = shapes.source_rows([[5, 6, 7], [8]], 4)
    assert rows.tolist() == [
        [5, 6, 7, EOS, *[PAD] * 4],
        [8, EOS, *[PAD] * 6],
        *[[EOS, *[PAD] * 7]] * 2,
    ]
    assert shapes.source_rows([[5] * 8], 1).shape == (1, 16)


def test_pairs_are_shifted_by_the_start_symbol():
    inputs, target_out, weights = shapes.forced_rows([([5, 6], [7] * 8), ([5] * 9, [8])], 3, 4)
    assert inputs["source"].shape == (3, 16)
    assert inputs["target_in"].shape == target_out.shape == weights.shape == (3, 16)
    assert inputs["target_in"][:2, 0].tolist() == [4, 4]
    assert inputs["target_in"][1, :3].tolist() == [4, 8, EOS]
    assert target_out[1, :3].tolist() == [8, EOS, PAD]
    assert (weights > 0).sum(axis=1).tolist() == [9, 2, 0]


@given(
    tokens=st.lists(st.integers(1, 200), min_size=1, max_size=9),
    ratios=st.tuples(st.sampled_from([0.0, 0.5, 3.0]), st.floats(0.01, 3)),
    extra=st.integers(1, 30),
)
def test_limits_hold_every_length_that_the_settings_allow(tokens, ratios, extra):
    settings = Translation(min_length_ratio=ratios[0], max_length_ratio=ratios[1], max_length_extra=extra)
    limits = shapes.length_limits(tokens, settings)
    assert (limits.maximum == [int((count + 1) * ratios[1]) + extra for count in tokens]).all()
    assert (limits.minimum <= limits.maximum).all()
    assert limits.width % 8 == 0
    assert limits.maximum.max() <= limits.width < limits.maximum.max() + 8


def test_rows_that_fill_a_batch_end_at_once():
    limits = shapes.length_limits([3, 9], Translation(min_length_ratio=0.5)).padded(4)
    assert limits.minimum.tolist() == [2, 5, 0, 0]
    assert limits.maximum.tolist() == [18, 30, 1, 1]


@pytest.mark.parametrize(("few", "rows"), [(False, 5), (True, 8)])
def test_shapes_are_few_where_each_is_compiled(monkeypatch, few, rows):
    monkeypatch.setattr(shapes, "wants_few_shapes", lambda: few)
    assert shapes.few_shape(Shape(5, 9, 16)) == Shape(rows, 16, 16)
    assert [shapes.few_rows(count) for count in (1, 2, 64)] == [1, 2, 64]


def test_limits_are_whole_numbers():
    assert {part.dtype for part in shapes.length_limits([3], Translation())} == {np.dtype(np.int32)}
