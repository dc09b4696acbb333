"""The formulas of the cells, apart from any layer. test_recurrent.py compares them with their papers."""

import keras
import numpy as np
import pytest
from keras import ops

from seq2seq.layers.cells import ACTIVATIONS, CELLS

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


@pytest.mark.parametrize("name", CELLS)
def test_cell_returns_what_it_announces(name):
    cell, tanh, sigmoid = CELLS[name], ACTIVATIONS["tanh"], ACTIVATIONS["sigmoid"]
    B, H = 2, 3
    x, u = (ops.ones((B, cell.gates * H)) for _ in range(2))
    states = tuple(ops.ones((B, H)) for _ in range(cell.states))
    after, saved = cell.forward(x, u, states, tanh, sigmoid)
    assert (len(after), len(saved)) == (cell.states, cell.saved)
    dx, du, direct = cell.backward(states, states, after, saved, tanh, sigmoid)
    assert tuple(dx.shape) == tuple(du.shape) == (B, cell.gates * H)
    assert [tuple(gradient.shape) for gradient in direct] == [(B, H)] * cell.states
