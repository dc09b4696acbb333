"""The formulas of the cells, apart from any layer. test_recurrent.py compares them with their papers."""

import keras
import numpy as np
import pytest
from keras import ops

from seq2seq.layers.cells import ACTIVATIONS, CELLS
from seq2seq.layers.normalised_cells import NORMALISED_CELLS

EXACT = keras.backend.backend() == "tensorflow"  # JAX computes in float32 unless a process-wide switch is set
DTYPE = "float64" if EXACT else "float32"


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_is_the_derivative_of_the_activation(name):
    value, slope = ACTIVATIONS[name]
    x = np.linspace(-4.05, 4.05, 82).astype(DTYPE)  # away from the corners of the piecewise ones
    epsilon = 1e-6 if EXACT else 1e-2
    above, below = (np.asarray(value(ops.convert_to_tensor(x + d))) for d in (epsilon, -epsilon))
    slopes = np.asarray(slope(value(ops.convert_to_tensor(x))))
    np.testing.assert_allclose(slopes, (above - below) / (2 * epsilon), atol=1e-6 if EXACT else 5e-3)


@pytest.mark.parametrize("cells", [CELLS, NORMALISED_CELLS], ids=["plain", "normalised"])
@pytest.mark.parametrize("name", CELLS)
def test_cell_returns_what_it_announces(name, cells):
    cell, tanh, sigmoid = cells[name], ACTIVATIONS["tanh"], ACTIVATIONS["sigmoid"]
    B, H = 2, 3
    weights = [ops.ones((size * H,)) for size in cell.weights.values()]
    x, u = (ops.ones((B, cell.gates * H)) for _ in range(2))
    states = tuple(ops.ones((B, H)) for _ in range(cell.states))
    after, saved = cell.forward(x, u, states, tanh, sigmoid, *weights)
    assert (len(after), len(saved)) == (cell.states, cell.saved + cell.saves_u)
    dx, du, direct, *of_weights = cell.backward(states, states, after, saved, tanh, sigmoid, *weights)
    assert tuple(dx.shape) == tuple(du.shape) == (B, cell.gates * H)
    assert [tuple(gradient.shape) for gradient in direct] == [(B, H)] * cell.states
    assert [tuple(gradient.shape) for gradient in of_weights] == [(B, *weight.shape) for weight in weights]
