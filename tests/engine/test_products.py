"""Products in eight bits: how far they are from float32, and that rows do not know each other."""

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from seq2seq.engine.nodes import Nodes
from seq2seq.engine.products import Float32, Int8, rounded

TABLES = arrays.arrays(np.float32, (5, 7), elements=st.floats(-100, 100, width=32))


def run(products, name, inputs, *arguments, **options):
    """What a method of the products computes from one input."""
    graph = Nodes()
    graph.node("Identity", getattr(products, name)(graph, "x", "w", *arguments, **options), name="y")
    kind = "int32" if inputs.dtype == np.int32 else "float32"
    axes = tuple("ABC"[: inputs.ndim])
    model = graph.model("test", {"x": (kind, axes)}, {"y": ("float32", (*axes, "D")[: None if name == "rows" else -1])})
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": inputs})[0]


@given(TABLES)
def test_rows_are_rounded_by_half_a_step_at_most(table):
    numbers, steps = rounded(table)
    assert numbers.dtype == np.int8
    assert np.abs(numbers.astype(int)).max() <= 127
    assert (np.abs(numbers * steps[:, None] - table) <= 0.5001 * steps[:, None]).all()


@pytest.mark.parametrize("bounded", [False, True])
def test_product_is_close_to_the_one_of_float32(bounded):
    draw = np.random.default_rng(1)
    vectors = draw.uniform(-1, 1, (4, 3, 64)).astype(np.float32)
    matrix = draw.normal(size=(64, 20)).astype(np.float32)
    exact = run(Float32(), "product", vectors, matrix, bounded=bounded)
    near = run(Int8(), "product", vectors, matrix, bounded=bounded)
    np.testing.assert_allclose(exact, vectors @ matrix, rtol=1e-4, atol=1e-4)
    assert 0 < np.abs(near - exact).max() < 0.05 * np.abs(exact).max()


def test_largest_numbers_of_both_sides_do_not_overflow():
    """On processors that add products in 16 bits, too, since no sum of two products is larger."""
    vectors, matrix = np.ones((2, 512), np.float32), np.full((512, 3), 5, np.float32)
    vectors[1] = -1
    np.testing.assert_allclose(run(Int8(), "product", vectors, matrix, bounded=True), vectors @ matrix, rtol=1e-5)
    assert 2 * 127 * 127 < 2**15


def test_no_row_changes_another():
    draw = np.random.default_rng(2)
    vectors, matrix = draw.normal(size=(6, 32)).astype(np.float32), draw.normal(size=(32, 9)).astype(np.float32)
    vectors[3] *= 1000
    together = run(Int8(), "product", vectors, matrix)
    for row in range(6):
        np.testing.assert_array_equal(run(Int8(), "product", vectors[row : row + 1], matrix), together[row : row + 1])


def test_row_of_zeros_gives_zeros():
    matrix = np.ones((8, 2), np.float32)
    np.testing.assert_array_equal(run(Int8(), "product", np.zeros((1, 8), np.float32), matrix), np.zeros((1, 2)))


@pytest.mark.parametrize("products", [Float32(), Int8()])
def test_table_is_read_by_rows_and_multiplied_by_its_columns(products):
    draw = np.random.default_rng(3)
    table, vectors = draw.normal(size=(11, 16)).astype(np.float32), draw.uniform(-1, 1, (2, 16)).astype(np.float32)
    ids = np.array([[3, 0], [10, 3]], np.int32)
    tolerance = {"atol": 1e-6} if isinstance(products, Float32) else {"atol": 0.2}
    np.testing.assert_allclose(run(products, "rows", ids, table), table[ids], **tolerance)
    np.testing.assert_allclose(run(products, "scores", vectors, table), vectors @ table.T, **tolerance)
