"""JAX: shapes compiled side by side train as Keras' own function does."""

from contextlib import nullcontext

import keras
import numpy as np
import pytest

from seq2seq.backend import seed_everything
from seq2seq.data.batching import Shape, teacher_forcing
from seq2seq.losses import SmoothedCrossEntropy
from seq2seq.model_from_settings import build_model
from seq2seq.settings.config import Model
from seq2seq.training.compiled_steps import CompiledSteps

pytestmark = pytest.mark.skipif(keras.backend.backend() != "jax", reason="only JAX compiles each shape")
SHAPES = [Shape(2, 5, 4), Shape(3, 6, 7)]


def batches():
    draw = np.random.default_rng(1)
    for shape in [*SHAPES, *SHAPES, Shape(2, 4, 3)]:  # the last one was not foreseen
        widths = (shape.source - 1, shape.target - 1)
        pairs = [tuple(draw.integers(4, 30, width) for width in widths) for _ in range(shape.rows)]
        yield teacher_forcing(pairs, shape)


def trained(ahead):
    """The weights after five batches, with shapes compiled ahead or as Keras does."""
    seed_everything(1)
    model = build_model(Model(embedding=4, encoder_units=3, decoder_units=5, word_dropout=0.1), 30, 30)
    model.compile(keras.optimizers.Adam(0.01, global_clipnorm=1.0), SmoothedCrossEntropy(0.1), jit_compile=True)
    model.optimizer.build(model.trainable_variables)
    blank = [teacher_forcing([([4], [4])], shape) for shape in SHAPES]
    with CompiledSteps(model, blank) if ahead else nullcontext():
        model.fit((batch for batch in batches()), epochs=1, steps_per_epoch=5, verbose=0, shuffle=False)
    return [np.asarray(weight) for weight in model.weights]


def test_weights_are_those_of_keras_own_function():
    for mine, theirs in zip(trained(ahead=True), trained(ahead=False), strict=True):
        np.testing.assert_array_equal(mine, theirs)
