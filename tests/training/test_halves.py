"""What training on TensorFlow does for speed makes the updates of Keras' plain `fit` with Keras' Adam, to rounding."""

import keras
import numpy as np
import pytest

from seq2seq import backend
from seq2seq.data.batching import Shape, teacher_forcing
from seq2seq.data.guesses import Guesses
from seq2seq.layers.cells import CELLS
from seq2seq.losses import SmoothedCrossEntropy
from seq2seq.model_from_settings import build_model
from seq2seq.settings.config import Finetune, Model, Training
from seq2seq.training.compiled_steps import compilation
from seq2seq.training.halves import Halves
from seq2seq.training.optimizer import build_optimizer
from seq2seq.training.schedules import WarmupDecay

UPDATES = 50
SETTINGS = Training(learning_rate=0.01, warmup_steps=5, clip_norm=0.5)
on_tensorflow = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="JAX trains on a batch as a whole")


def batches():
    """Batches with rows that are left over, so that the halves hold unlike numbers of true tokens."""
    random = np.random.default_rng(1)
    return [
        teacher_forcing([tuple(random.integers(4, 20, n) for n in pair) for pair in pairs], Shape(4, 8, 8))
        for pairs in random.integers(1, 7, (UPDATES, 3, 2))
    ]


def network(cell):
    backend.seed_everything(1)
    sizes = Model(cell=cell, embedding=8, encoder_units=8, decoder_units=8, input_dropout=0.0, output_dropout=0.0)
    return build_model(sizes, 20, 20, "float32")


def plain_adam():
    schedule = WarmupDecay(0.01, final=SETTINGS.final_learning_rate, warmup=5, total=UPDATES, decay=SETTINGS.decay)
    return keras.optimizers.Adam(schedule, beta_2=SETTINGS.beta_2, epsilon=1e-8, global_clipnorm=0.5)


class Losses(keras.callbacks.Callback):
    """The running mean of the loss after each batch."""

    def __init__(self):
        super().__init__()
        self.losses = []

    def on_train_batch_end(self, batch, logs):
        self.losses.append(float(logs["loss"]))


def fit(model, made=batches, names=("source", "target_in")):
    losses = Losses()
    feed = backend.feed(lambda: iter(made()), names)
    model.fit(feed, epochs=1, steps_per_epoch=UPDATES, verbose=0, shuffle=False, callbacks=[losses])
    return losses.losses, [np.asarray(weight.value) for weight in model.weights]


@on_tensorflow
@pytest.mark.parametrize("cell", CELLS)
def test_fifty_updates_are_those_of_the_plain_way(cell):
    plain, fast = network(cell), network(cell)
    plain.compile(plain_adam(), SmoothedCrossEntropy(0.1), jit_compile=False)
    fast.compile(build_optimizer(fast, SETTINGS, Finetune(), total=UPDATES), SmoothedCrossEntropy(0.1))
    expected_losses, expected_weights = fit(plain)
    with Halves(fast):
        losses, weights = fit(fast)
    assert fast.train_function is None
    assert losses[-1] < losses[0]
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-4)
    for weight, expected in zip(weights, expected_weights, strict=True):
        np.testing.assert_allclose(weight, expected, atol=1e-4)


@on_tensorflow
def test_halves_of_copies_with_guesses_make_the_updates_of_the_plain_way():
    """R-Drop compares neighbouring rows, so both must be in the same half; scheduled sampling reads one more array."""

    def doubled():
        for number, (inputs, out, weights) in enumerate(batches()):
            inputs = inputs | {"guessed": Guesses(0.5, 1, seed=1).places(weights, 0, number, UPDATES)}
            twice = {name: np.repeat(array, 2, axis=0) for name, array in inputs.items()}
            yield twice, np.repeat(out, 2, axis=0), np.repeat(weights / 2, 2, axis=0)

    plain, fast = network("gru"), network("gru")
    loss = SmoothedCrossEntropy(0.1, r_drop=2.0)
    plain.compile(plain_adam(), loss, jit_compile=False)
    fast.compile(build_optimizer(fast, SETTINGS, Finetune(), total=UPDATES), loss)
    names = ["source", "target_in", "guessed"]
    expected_losses, expected_weights = fit(plain, doubled, names)
    with Halves(fast):
        losses, weights = fit(fast, doubled, names)
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-4)
    for weight, expected in zip(weights, expected_weights, strict=True):
        np.testing.assert_allclose(weight, expected, atol=1e-4)


@on_tensorflow
@pytest.mark.parametrize(("cores", "halves"), [(1, False), (2, True), (16, True)])
def test_several_cores_share_a_batch(monkeypatch, cores, halves):
    monkeypatch.setattr(backend, "cores", lambda: cores)
    assert isinstance(compilation(network("rnn"), None, 0), Halves) == halves
