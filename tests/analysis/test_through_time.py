"""Law 12: the gradient at a state is the slope of the loss."""

import keras
import numpy as np
import pytest
from keras import ops

from seq2seq.analysis import through_time
from seq2seq.backend import compiled
from seq2seq.losses import token_losses
from seq2seq.model import Encoding
from seq2seq.model_from_settings import build_model
from seq2seq.settings.config import Model

UNITS = 8
SMALL = {"embedding": 6, "encoder_units": UNITS, "decoder_units": 7}


def network(source=20, target=15, precision="float32", scale=2.0, **settings):
    keras.utils.set_random_seed(3)
    model = build_model(Model(**SMALL | settings), source, target, precision)
    for variable in model.trainable_variables:
        variable.assign(np.asarray(variable.value) * scale)
    return model


def loss_of(model, source, target_in, target_out, outputs):
    lengths = ops.sum(ops.cast(source != 0, "int32"), axis=1)
    states, summary = model.encoder.finish(outputs, lengths)
    logits = model.decode(Encoding(states, ops.convert_to_tensor(source != 0), summary), target_in)
    return float(ops.sum(ops.where(target_out != 0, token_losses(ops.convert_to_tensor(target_out), logits), 0.0)))


def loss_from(model, batch, direction, step, changed):
    """The loss when one direction's states after a step are others, and it reads on from there."""
    found, _ = through_time.readings(model, ops.convert_to_tensor(batch[0]))
    outputs = [reading.output for reading in found]
    layer, inputs, before, output = found[direction]
    sequence, states = list(ops.unstack(before[0], axis=1)), changed
    for later in range(step, len(sequence)):
        states = layer.step(inputs[:, later], states) if later > step else states
        sequence[later] = states[0]
    outputs[direction] = ops.stack(sequence, axis=1) + (output - before[0])  # of the layers below, if residual
    return loss_of(model, *batch, outputs)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="finite differences need float64, which JAX has off"
)
@pytest.mark.parametrize(
    "settings",
    [
        {"cell": "rnn", "direction": "forward"},
        {"cell": "gru", "direction": "bidirectional"},
        {"cell": "lstm", "direction": "reversed", "encoder_layers": 2},
        {"cell": "gru", "direction": "reversed", "pooling": "mean"},
        {"cell": "gru", "direction": "bidirectional", "encoder_layers": 2, "residual": True},
        {"cell": "gru", "direction": "reversed", "layer_norm": True, "pooling": "slots"},
        {"cell": "lstm", "direction": "forward", "layer_norm": True},
        {"cell": "lstm", "direction": "bidirectional", "attention": True},
    ],
    ids=lambda settings: "-".join(str(value) for value in settings.values()),
)
def test_gradient_agrees_with_finite_differences(settings):
    model, random = network(precision="float64", **settings), np.random.default_rng(1)
    source = random.integers(4, 20, (2, 6)).astype("int32")
    target_in, target_out = (random.integers(4, 15, (2, 4)).astype("int32") for _ in range(2))
    source[1, 4:] = target_out[1, 3:] = 0
    batch = source, target_in, target_out
    size, tolerance = (1e-3, 1e-2) if settings.get("attention") else (1e-5, 1e-6)  # which weighs in float32
    exact = compiled(lambda *ids: through_time.state_gradients(model, *ids), model)(*batch)
    found, _ = through_time.readings(model, ops.convert_to_tensor(source))
    for direction, reading in enumerate(found):
        for step in (0, 2):
            for which in range(len(reading.states)):
                nudge = random.normal(size=(2, UNITS)) * size
                losses = [
                    loss_from(
                        model,
                        batch,
                        direction,
                        step,
                        tuple(s[:, step] + sign * nudge * (i == which) for i, s in enumerate(reading.states)),
                    )
                    for sign in (1, -1)
                ]
                expected = (losses[0] - losses[1]) / 2
                assert abs(expected) > 1e-9
                assert np.sum(np.asarray(exact[direction][which])[:, step] * nudge) == pytest.approx(
                    expected, rel=tolerance
                )


def test_no_gradient_reaches_padding():
    model = network(cell="lstm", direction="bidirectional", pooling="max")
    source = np.array([[5, 6, 7, 8, 2], [9, 2, 0, 0, 0]], "int32")
    target = np.array([[4, 5, 2], [6, 2, 0]], "int32")
    for states in through_time.state_gradients(model, *(ops.convert_to_tensor(x) for x in (source, target, target))):
        for gradient in states:
            assert np.abs(np.asarray(gradient)[1, 2:]).max() == 0
            assert np.abs(np.asarray(gradient)[0]).max() > 0


def test_spectral_radius_is_the_largest_eigenvalue():
    random = np.random.default_rng(4)
    for matrix in (random.normal(size=(9, 9)), np.triu(random.normal(size=(6, 6)))):
        assert through_time.spectral_radius(matrix) == pytest.approx(np.abs(np.linalg.eigvals(matrix)).max(), rel=1e-3)
    assert through_time.spectral_radius(np.zeros((3, 3))) == 0
    layer = network(cell="gru").encoder.stack[0][0]
    norm = np.linalg.norm(np.asarray(layer.recurrent_kernel)[:, UNITS : 2 * UNITS], 2)
    assert through_time.matrices(layer)["reset r"]["spectral_norm"] == pytest.approx(norm, rel=1e-3)
