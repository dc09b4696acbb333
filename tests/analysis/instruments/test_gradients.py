"""Law 12: the gradient at a state is the slope of the loss. And known recurrences show their known decay."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from seq2seq.analysis.instruments import gradients
from seq2seq.analysis.subject import Sentences, Subject
from seq2seq.engine.keras import KerasEngine
from seq2seq.model_from_settings import build_model
from seq2seq.phrasebook import phrases
from seq2seq.settings.config import Model
from seq2seq.tokenizer import train_tokenizer
from seq2seq.translator import Translator

UNITS = 8
SMALL = {"embedding": 6, "encoder_units": UNITS, "decoder_units": 7}
TEXTS = [(pair.english, pair.french) for pair in phrases("train", 60, min_words=3, max_words=9)]


@pytest.fixture(scope="module")
def tokenizers():
    return tuple(train_tokenizer([pair[side] for pair in TEXTS], vocabulary_size=350) for side in (0, 1))


def network(source=20, target=15, precision="float32", scale=2.0, **settings):
    keras.utils.set_random_seed(3)
    model = build_model(Model(**SMALL | settings), source, target, precision)
    for variable in model.trainable_variables:
        variable.assign(np.asarray(variable.value) * scale)
    return model


def subject(tokenizers, model, texts=TEXTS, **more):
    sentences = Sentences(*(list(side) for side in zip(*texts, strict=True)))
    return Subject("run", Translator(KerasEngine([model]), tokenizers), sentences, **more)


def orthogonal(rho, seed=0):
    return rho * np.linalg.qr(np.random.default_rng(seed).normal(size=(UNITS, UNITS)))[0]


@pytest.mark.parametrize("rho", [0.5, 0.9, 1.0, 1.1])
def test_linear_recurrence_decays_by_its_radius(tokenizers, rho):
    sizes = tokenizers[0].size, tokenizers[1].size
    model = network(*sizes, scale=1, cell="rnn", activation="linear", direction="bidirectional")
    rates = {"forward": rho, "backward": 0.8}
    for layer, rate in zip(model.encoder.stack[0], rates.values(), strict=True):
        layer.recurrent_kernel.assign(orthogonal(rate))
    found = gradients.measure(subject(tokenizers, model))
    for name, rate in rates.items():
        direction = found["directions"][name]
        assert [direction["decay"][key] for key in ("mean", "low", "high")] == pytest.approx([rate] * 3, rel=1e-4)
        assert direction["curve"]["median"] == pytest.approx(
            rate ** np.arange(len(direction["curve"]["median"])), rel=2e-3
        )
        assert direction["matrices"]["state"]["spectral_radius"] == pytest.approx(rate, rel=1e-3)
        assert direction["matrices"]["state"]["spectral_norm"] == pytest.approx(rate, rel=1e-3)
        assert direction["memory_steps"] is None
    assert np.nanmean(found["decay_by_sentence"]) == pytest.approx((rho * 0.8) ** 0.5, rel=1e-4)


@pytest.mark.parametrize(("cell", "block"), [("gru", 0), ("lstm", 1)])
def test_planted_memory_gate_gives_its_time_constant(tokenizers, cell, block):
    model = network(tokenizers[0].size, tokenizers[1].size, cell=cell, direction="forward")
    layer = model.encoder.stack[0][0]
    kernel, bias = np.asarray(layer.kernel).copy(), np.zeros(layer.bias.shape)
    own = slice(block * UNITS, (block + 1) * UNITS)
    kernel[:, own], bias[own] = 0, 2.0
    layer.kernel.assign(kernel)
    layer.bias.assign(bias)
    layer.recurrent_kernel.assign(np.zeros(layer.recurrent_kernel.shape))
    found = gradients.measure(subject(tokenizers, model))["directions"]["forward"]
    gate = 1 / (1 + np.exp(-2.0))
    assert list(found["memory_steps"].values()) == pytest.approx([-1 / np.log(gate)] * 3, rel=1e-4)
    # Without a matrix, all goes through the gate, once it is in the memory. Longer sentences are too few.
    curve = np.array(found["curve"]["median"][:12])
    assert curve[2:] / curve[1:-1] == pytest.approx(np.full(len(curve) - 2, gate), rel=0.05)


def test_without_recurrence_only_pooling_reaches_back(tokenizers):
    def measured(pooling):
        model = network(
            tokenizers[0].size,
            tokenizers[1].size,
            cell="rnn",
            activation="linear",
            direction="forward",
            pooling=pooling,
        )
        layer = model.encoder.stack[0][0]
        layer.recurrent_kernel.assign(np.zeros((UNITS, UNITS)))
        return gradients.measure(subject(tokenizers, model))

    assert measured("mean")["directions"]["forward"]["decay"]["mean"] == pytest.approx(1, rel=1e-4)
    cut = measured("last")
    assert cut["directions"]["forward"]["first_read"] == 0
    section = gradients.present({"cut": cut, "same": cut})
    assert any("it vanishes" in text and "model.pooling" in text and "lstm" in text for text in section.findings)


def test_verdict_knows_of_the_other_direction_and_of_attention():
    found = {"cell": "gru", "pooling": "last", "attention": False, "directions": {"forward": {}, "backward": {}}}
    one_way = gradients._verdict({"forward": 0.003, "backward": 0.4}, found)
    assert "it vanishes left to right" in one_way
    assert "the other direction reads, which learns from them" in one_way
    assert "shorter sentences" in gradients._verdict({"forward": 0.003, "backward": 0.004}, found)
    assert "arrives without that way" in gradients._verdict({"forward": 0.003}, found | {"attention": True})
    assert "neither vanishes nor explodes" in gradients._verdict({"forward": 0.3}, found)


def test_few_and_odd_sentences_do_not_crash(tokenizers):
    model = network(tokenizers[0].size, tokenizers[1].size, cell="lstm", encoder_layers=2, attention=True)
    found = gradients.measure(subject(tokenizers, model, texts=[("Yes.", ""), (TEXTS[0][0], "Oui.")]))
    bare = network(tokenizers[0].size, tokenizers[1].size, cell="rnn", direction="reversed")
    bare = gradients.measure(subject(tokenizers, bare, texts=[("", "Oui.")]))
    section = gradients.present({"few": found, "bare": bare})
    assert any("too short" in text for text in section.findings)
    assert any("only the top layer" in text for text in section.findings)
    assert len(section.pictures) == 1


def test_other_encoders_are_left_out(tokenizers):
    model = network(tokenizers[0].size, tokenizers[1].size)
    odd = subject(tokenizers, model)
    odd.model = SimpleNamespace(encoder=keras.layers.Identity())
    section = gradients.present({"odd": gradients.measure(odd)})
    assert section.findings == ["odd: left out, since its encoder has no recurrent layers."]
    assert not section.pictures
