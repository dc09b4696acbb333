"""Law 7: a cell is the textbook formula. Law 1: a step is the sequence. Backpropagation through time is exact."""

import keras
import numpy as np
import pytest
from keras import ops, tree

from seq2seq.layers.cells import ACTIVATIONS, CELLS
from seq2seq.layers.normalisation import EPSILON
from seq2seq.layers.recurrent import Recurrent, _through_time

B, T, I, H, C = 3, 5, 4, 6, 2
GAINS = ("input_gain", "recurrent_gain", "recurrent_bias")
EXACT = keras.backend.backend() == "tensorflow"  # JAX computes in float32 unless a process-wide switch is set
DTYPE = "float64" if EXACT else "float32"
TOLERANCE = 1e-12 if EXACT else 2e-6


def recurrent(cell, activation="tanh", gate="sigmoid", constant=0, **options):
    layer = Recurrent(cell, H, activation, gate, dtype=DTYPE, **options)
    layer.build((None, None, I), constant)
    for index, vector in enumerate([weight for weight in layer.weights if len(weight.shape) == 1], 1):
        start = np.asarray(vector.value) if "gain" in vector.path else 0
        vector.assign(start + np.random.default_rng(index).normal(size=vector.shape) * 0.1)
    return layer


def draw(*shape, seed=0, scale=1.0):
    return (np.random.default_rng(seed).normal(size=shape) * scale).astype(DTYPE)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def textbook(cell, W, U, b, x, h, c):
    """One step of each cell as its paper writes it, a row at a time."""
    if cell == "rnn":
        stacked = np.concatenate([U, W])  # [W_aa ; W_ax], for rows [a ; x]
        return np.tanh(np.concatenate([h, x]) @ stacked + b), c
    if cell == "gru":
        W_z, W_r, W_c = np.split(W, 3, axis=1)
        U_z, U_r, U_c = np.split(U, 3, axis=1)
        b_z, b_r, b_c = np.split(b, 3)
        z = sigmoid(x @ W_z + h @ U_z + b_z)
        r = sigmoid(x @ W_r + h @ U_r + b_r)
        candidate = np.tanh(x @ W_c + r * (h @ U_c) + b_c)
        return z * h + (1 - z) * candidate, c
    W_i, W_f, W_c, W_o = np.split(W, 4, axis=1)
    U_i, U_f, U_c, U_o = np.split(U, 4, axis=1)
    b_i, b_f, b_c, b_o = np.split(b, 4)
    i = sigmoid(x @ W_i + h @ U_i + b_i)
    f = sigmoid(x @ W_f + h @ U_f + b_f)
    o = sigmoid(x @ W_o + h @ U_o + b_o)
    c = f * c + i * np.tanh(x @ W_c + h @ U_c + b_c)
    return o * np.tanh(c), c


@pytest.mark.parametrize("cell", CELLS)
def test_cell_is_the_textbook_formula(cell):
    layer = recurrent(cell)
    weights = [np.asarray(w.value, DTYPE) for w in (layer.kernel, layer.recurrent_kernel, layer.bias)]
    x = draw(B, T, I)
    states = np.asarray(layer(x)[0])
    for row in range(B):
        h = c = np.zeros(H)
        for t in range(T):
            h, c = textbook(cell, *weights, x[row, t], h, c)
            np.testing.assert_allclose(states[row, t], h, atol=TOLERANCE)


def norm(vector, gain, bias):
    return gain * (vector - vector.mean()) / np.sqrt(vector.var() + EPSILON) + bias


def normalised_textbook(cell, weights, x, h, c):
    """One step of each cell of Ba, Kiros and Hinton 2016, a row at a time."""
    W, U, b, a_x, a_h, b_h = (weights[name] for name in ("kernel", "recurrent_kernel", "bias", *GAINS))
    if cell == "rnn":
        return np.tanh(norm(x @ W, a_x, b) + norm(h @ U, a_h, b_h)), c
    if cell == "gru":
        gates, rest = slice(0, 2 * H), slice(2 * H, None)
        x_zr, x_c = (norm((x @ W)[part], a_x[part], b[part]) for part in (gates, rest))
        h_zr, h_c = (norm((h @ U)[part], a_h[part], b_h[part]) for part in (gates, rest))
        z, r = np.split(sigmoid(x_zr + h_zr), 2)
        return z * h + (1 - z) * np.tanh(x_c + r * h_c), c
    i, f, candidate, o = np.split(norm(x @ W, a_x, b) + norm(h @ U, a_h, b_h), 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(candidate)
    return sigmoid(o) * np.tanh(norm(c, weights["state_gain"], weights["state_bias"])), c


@pytest.mark.parametrize("cell", CELLS)
def test_layer_normalised_cell_is_the_textbook_formula(cell):
    layer = recurrent(cell, layer_norm=True)
    weights = {weight.name: np.asarray(weight.value, DTYPE) for weight in layer.weights}
    x = draw(B, T, I)
    states = np.asarray(layer(x)[0])
    for row in range(B):
        h = c = np.zeros(H)
        for t in range(T):
            h, c = normalised_textbook(cell, weights, x[row, t], h, c)
            np.testing.assert_allclose(states[row, t], h, atol=10 * TOLERANCE)


@pytest.mark.parametrize("cell", CELLS)
def test_layer_normalised_cell_does_not_see_the_size_of_its_weights(cell):
    """A matrix that is a thousand times as large gives the same vector of mean 0 and variance 1."""
    layer, x = recurrent(cell, layer_norm=True), 10 * draw(B, T, I)
    before = np.asarray(layer(x)[0])
    for matrix in (layer.kernel, layer.recurrent_kernel):
        matrix.assign(1000 * np.asarray(matrix.value))
    np.testing.assert_allclose(np.asarray(layer(x)[0])[:, 0], before[:, 0], atol=1e-4)
    assert np.abs(np.asarray(layer(x)[0])).max() < 1


@pytest.mark.parametrize(("activation", "layer_norm"), [*((name, False) for name in ACTIVATIONS), ("elu", True)])
@pytest.mark.parametrize("cell", CELLS)
def test_step_equals_sequence(cell, activation, layer_norm):
    layer = recurrent(cell, activation, constant=C, layer_norm=layer_norm)
    x = draw(B, T, I)
    constant = layer.project_constant(ops.convert_to_tensor(draw(B, C, seed=1)))
    states = tuple(ops.convert_to_tensor(draw(B, H, seed=2 + i, scale=0.3)) for i in range(layer.cell.states))
    sequence = layer(x, states=states, projected_constant=constant)
    for t in range(T):
        states = layer.step(ops.convert_to_tensor(x[:, t]), states, constant)
        for state, whole in zip(states, sequence, strict=True):
            np.testing.assert_allclose(state, np.asarray(whole)[:, t], rtol=1e-5, atol=TOLERANCE)


@pytest.mark.parametrize(
    ("activation", "gate", "layer_norm"),
    [
        ("tanh", "sigmoid", False),
        ("elu", "hard_sigmoid", False),
        ("softsign", "sigmoid", False),
        ("tanh", "sigmoid", True),
        ("elu", "sigmoid", True),
    ],
)
@pytest.mark.parametrize("cell", CELLS)
def test_backpropagation_through_time_is_the_gradient(cell, activation, gate, layer_norm):
    """Central differences of a random functional of all states, along random directions of every argument."""
    if not EXACT:
        pytest.skip("finite differences need float64, which JAX has off")
    import tensorflow as tf

    layer = recurrent(cell, activation, gate, layer_norm=layer_norm)
    run = _through_time(layer.cell, layer.f, layer.g)
    G, S = layer.cell.gates * H, layer.cell.states
    arguments = [draw(T, B, G), draw(H, G, seed=1, scale=0.3), *(draw(B, H, seed=5 + i, scale=0.3) for i in range(S))]
    arguments += [np.asarray(weight) for weight in layer.cell_weights()]
    weights = [draw(T, B, H, seed=20 + i) for i in range(S)]

    def functional(*given):
        states = tree.flatten(run(*(ops.convert_to_tensor(each) for each in given)))
        return sum(ops.sum(w * s) for w, s in zip(weights, states, strict=True))

    tensors = [tf.constant(argument) for argument in arguments]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        value = functional(*tensors)
    for index, gradient in enumerate(tape.gradient(value, tensors)):
        direction, epsilon = draw(*arguments[index].shape, seed=40 + index), 1e-6
        moved = [
            float(functional(*arguments[:index], arguments[index] + shift, *arguments[index + 1 :]))
            for shift in (epsilon * direction, -epsilon * direction)
        ]
        assert (moved[0] - moved[1]) / (2 * epsilon) == pytest.approx(float(np.sum(gradient * direction)), rel=1e-6)


def with_mask_of(layer, seed, function):
    """What a function of a layer gives when the next mask of its recurrent weights is the one of a seed."""
    layer.noise.state.assign(np.array([seed, 0], "uint32"))
    return function(layer)


@pytest.mark.parametrize("cell", CELLS)
def test_dropped_weights_are_the_same_at_every_step(cell):
    """The layer is then the one whose recurrent matrix has zeros there, and larger weights elsewhere."""
    layer, plain, x = recurrent(cell, weight_drop=0.4), recurrent(cell), draw(B, T, I)
    kernel = np.asarray(layer.recurrent_kernel.value)
    dropped = np.asarray(with_mask_of(layer, 5, lambda layer: layer._dropped_kernel(True)))
    assert 0.2 < (dropped == 0).mean() < 0.6
    np.testing.assert_allclose(dropped[dropped != 0], kernel[dropped != 0] / 0.6, rtol=1e-6)
    plain.kernel.assign(layer.kernel)
    plain.recurrent_kernel.assign(dropped)
    trained = with_mask_of(layer, 5, lambda layer: layer(x, training=True)[0])
    np.testing.assert_allclose(trained, plain(x)[0], atol=TOLERANCE)
    assert not np.allclose(trained, layer(x, training=True)[0])
    plain.recurrent_kernel.assign(kernel)
    np.testing.assert_array_equal(layer(x)[0], plain(x)[0])


@pytest.mark.parametrize("cell", CELLS)
def test_gradient_with_dropped_weights_is_the_gradient(cell):
    """Central differences along a random direction of the recurrent matrix, with the mask held."""
    if not EXACT:
        pytest.skip("finite differences need float64, which JAX has off")
    import tensorflow as tf

    layer, x, weights = recurrent(cell, weight_drop=0.4), draw(B, T, I), draw(B, T, H, seed=3)
    start = np.asarray(layer.recurrent_kernel.value)

    def functional(layer):
        return ops.sum(weights * layer(x, training=True)[0])

    with tf.GradientTape() as tape:
        value = with_mask_of(layer, 5, functional)
    gradient = np.asarray(tape.gradient(value, layer.recurrent_kernel.value))
    dropped = np.asarray(with_mask_of(layer, 5, lambda layer: layer._dropped_kernel(True))) == 0
    assert (gradient[dropped] == 0).all()
    assert (gradient[~dropped] != 0).all()
    direction, epsilon, moved = draw(*start.shape, seed=4), 1e-6, []
    for shift in (epsilon, -epsilon):
        layer.recurrent_kernel.assign(start + shift * direction)
        moved.append(float(with_mask_of(layer, 5, functional)))
    assert (moved[0] - moved[1]) / (2 * epsilon) == pytest.approx(float(np.sum(gradient * direction)), rel=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_padding_after_a_state_does_not_reach_it(cell):
    layer = recurrent(cell)
    x = draw(B, T, I)
    longer = np.concatenate([x, 100 * np.ones((B, 3, I), DTYPE)], axis=1)
    np.testing.assert_allclose(np.asarray(layer(longer)[0])[:, :T], layer(x)[0], atol=TOLERANCE)


def test_lstm_starts_by_remembering():
    layer = Recurrent("lstm", H)
    layer.build((None, None, I))
    np.testing.assert_array_equal(np.split(np.asarray(layer.bias.value), 4), [[0] * H, [1] * H, [0] * H, [0] * H])


@pytest.mark.parametrize("cell", CELLS)
def test_recurrent_weights_start_orthogonal(cell):
    for block in np.split(np.asarray(recurrent(cell).recurrent_kernel.value), CELLS[cell].gates, axis=1):
        np.testing.assert_allclose(block.T @ block, np.eye(H), atol=1e-5)
