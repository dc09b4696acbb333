"""Rates of the parts of a network: what is frozen stays, what waits begins later, what is slow moves less."""

import keras
import numpy as np
import pytest

from seq2seq.backend import seed_everything
from seq2seq.data.batching import Shape, teacher_forcing
from seq2seq.layers.cells import CELLS
from seq2seq.losses import SmoothedCrossEntropy
from seq2seq.model_from_settings import build_model
from seq2seq.settings.config import Finetune, Model, Training
from seq2seq.training.loop import finetune
from seq2seq.training.optimizer import build_optimizer
from seq2seq.training.schedules import WarmupDecay

PARTS = {
    "source_embedding": ["source_embedding/"],
    "encoder": ["encoder/"],
    "decoder": ["decoder/"],
    "target_embedding": ["target_embedding/", "output_bias"],
}


def moved_parts(before, after):
    """The parts of which some weight, or no weight, has changed."""
    names = {part: [n for n in before if any(f"/{key}" in f"/{n}" for key in keys)] for part, keys in PARTS.items()}
    assert all(names.values())
    return {part for part in names if any(not np.array_equal(before[name], after[name]) for name in names[part])}


@pytest.mark.parametrize("frozen", [("encoder",), ("decoder", "target_embedding"), ("source_embedding",)])
def test_frozen_parts_do_not_move_and_the_others_do(
    parent, tmp_path, monkeypatch, frozen, german, newest_weights, start_only
):
    config = german(finetune={"rates": dict.fromkeys(frozen, 0.0)})
    with monkeypatch.context() as stopped:
        start_only(stopped)
        finetune(parent, config, tmp_path / "run")
    before = newest_weights(tmp_path / "run")
    finetune(parent, config, tmp_path / "run", resume=True)
    assert moved_parts(before, newest_weights(tmp_path / "run")) == set(PARTS) - set(frozen)


def test_embeddings_learn_alone_at_first(parent, tmp_path, monkeypatch, german, newest_weights, start_only):
    config = german(finetune={"embeddings_first_steps": 1000})
    with monkeypatch.context() as stopped:
        start_only(stopped)
        finetune(parent, config, tmp_path / "run")
    before = newest_weights(tmp_path / "run")
    finetune(parent, config, tmp_path / "run", resume=True)
    assert moved_parts(before, newest_weights(tmp_path / "run")) == {"source_embedding", "target_embedding"}
    finetune(parent, german(finetune={"embeddings_first_steps": 2}), tmp_path / "few")
    assert moved_parts(before, newest_weights(tmp_path / "few")) == set(PARTS)


def test_rates_scale_the_updates(parent, tmp_path, monkeypatch, german, newest_weights, start_only):
    """Adam's steps are proportional to the rate: a hundredth of it moves a part about a hundredth as far."""

    def distance(rate):
        run = tmp_path / str(rate)
        config = german(finetune={"rates": {"encoder": rate}}, training={"epochs": 1})
        with monkeypatch.context() as stopped:
            start_only(stopped)
            finetune(parent, config, run)
        before = newest_weights(run)
        finetune(parent, config, run, resume=True)
        return sum(np.abs(newest_weights(run)[name] - before[name]).mean() for name in before if "encoder/" in name)

    assert distance(0.01) == pytest.approx(distance(1.0) / 100, rel=0.3)


@pytest.mark.parametrize("cell", CELLS)
def test_fifty_updates_are_those_of_keras_adam(cell):
    """The kernel that goes through each weight once makes the plain update, clipping included, to rounding."""
    random = np.random.default_rng(1)
    lengths = random.integers(1, 7, (50, 4, 2))
    batches = [
        teacher_forcing([tuple(random.integers(4, 20, n) for n in pair) for pair in pairs], Shape(4, 8, 8))
        for pairs in lengths
    ]
    settings = Training(learning_rate=0.01, warmup_steps=5, clip_norm=0.5)
    plain = keras.optimizers.Adam(
        WarmupDecay(0.01, final=settings.final_learning_rate, warmup=5, total=50, decay=settings.decay),
        beta_2=settings.beta_2,
        epsilon=1e-8,
        global_clipnorm=0.5,
    )
    losses, weights = {}, {}
    for name in ("plain", "once"):
        seed_everything(1)
        sizes = Model(cell=cell, embedding=8, encoder_units=8, decoder_units=8, input_dropout=0.0, output_dropout=0.0)
        model = build_model(sizes, 20, 20, "float32")
        optimizer = plain if name == "plain" else build_optimizer(model, settings, Finetune(), total=50)
        model.compile(optimizer, SmoothedCrossEntropy(0.1), jit_compile=keras.backend.backend() == "jax")
        losses[name] = [float(model.train_on_batch(x, y, w)) for x, y, w in batches]
        weights[name] = [np.asarray(weight.value) for weight in model.weights]
    assert losses["once"][-1] < losses["once"][0]
    np.testing.assert_allclose(losses["once"], losses["plain"], rtol=1e-4)
    for once, other in zip(weights["once"], weights["plain"], strict=True):
        np.testing.assert_allclose(once, other, atol=1e-4)
