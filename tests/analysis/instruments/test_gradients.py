"""Law 12: the gradient at a state is the slope of the loss. And known recurrences show their known decay."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import ops

from seq2seq.analysis import through_time
from seq2seq.analysis.clipping import clipping
from seq2seq.analysis.instruments import gradients
from seq2seq.analysis.subject import Sentences, Subject
from seq2seq.backend import compiled
from seq2seq.data.batching import Batches
from seq2seq.data.corpus import Pair
from seq2seq.data.encoded import EncodedPairs, encode_pairs
from seq2seq.engine.keras import KerasEngine
from seq2seq.losses import SmoothedCrossEntropy, token_losses
from seq2seq.model import Encoding
from seq2seq.model_from_settings import build_model
from seq2seq.phrasebook import phrases
from seq2seq.settings.config import Config, Data, Model, Training
from seq2seq.tokenizer import train_tokenizer
from seq2seq.translator import Translator

UNITS = 8
SMALL = {"embedding": 6, "encoder_units": UNITS, "decoder_units": 7}
MADE_UP = Data.model_validate({"train": [{"path": "made up.tsv"}]})
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


def loss_of(model, source, target_in, target_out, outputs):
    lengths = ops.sum(ops.cast(source != 0, "int32"), axis=1)
    states, summary = model.encoder.finish(outputs, lengths)
    logits = model.decode(Encoding(states, ops.convert_to_tensor(source != 0), summary), target_in)
    return float(ops.sum(ops.where(target_out != 0, token_losses(ops.convert_to_tensor(target_out), logits), 0.0)))


def loss_from(model, batch, direction, step, changed):
    """The loss when one direction's states after a step are others, and it reads on from there."""
    found, _ = through_time.readings(model, ops.convert_to_tensor(batch[0]))
    outputs = [reading.states[0] for reading in found]
    layer, inputs, _ = found[direction]
    sequence, states = list(ops.unstack(outputs[direction], axis=1)), changed
    for later in range(step, len(sequence)):
        states = layer.step(inputs[:, later], states) if later > step else states
        sequence[later] = states[0]
    outputs[direction] = ops.stack(sequence, axis=1)
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


def test_spectral_radius_is_the_largest_eigenvalue():
    random = np.random.default_rng(4)
    for matrix in (random.normal(size=(9, 9)), np.triu(random.normal(size=(6, 6)))):
        assert through_time.spectral_radius(matrix) == pytest.approx(np.abs(np.linalg.eigvals(matrix)).max(), rel=1e-3)
    assert through_time.spectral_radius(np.zeros((3, 3))) == 0
    layer = network(cell="gru").encoder.stack[0][0]
    norm = np.linalg.norm(np.asarray(layer.recurrent_kernel)[:, UNITS : 2 * UNITS], 2)
    assert through_time.matrices(layer)["reset r"]["spectral_norm"] == pytest.approx(norm, rel=1e-3)


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


def encoded(tmp_path, tokenizers):
    pairs = [Pair(source, target, "made up", line) for line, (source, target) in enumerate(TEXTS)]
    encode_pairs(tmp_path / "train.arrow", [pairs], tokenizers, weights=[1.0], max_tokens=(50, 50))
    return EncodedPairs(tmp_path / "train.arrow")


def test_clipping_measures_the_gradient_that_training_would_take(tmp_path, tokenizers):
    model, pairs = (
        network(tokenizers[0].size, tokenizers[1].size, input_dropout=0.0, output_dropout=0.0),
        encoded(tmp_path, tokenizers),
    )
    here = subject(tokenizers, model, training=pairs)

    def share(clip_norm):
        here.config = Config(
            data=MADE_UP, training=Training(clip_norm=clip_norm, batch_tokens=4000, label_smoothing=0.1)
        )
        return clipping(here)

    norm = share(1e-3)["norms"]
    assert len(norm) == 1
    assert [share(each)["share"] for each in (0.9 * norm[0], 1.1 * norm[0])] == [1, 0]
    before = [np.asarray(weight.value) for weight in model.trainable_variables]
    model.compile(keras.optimizers.SGD(0.01), SmoothedCrossEntropy(0.1), jit_compile=False)
    inputs, target_out, weights = next(Batches(pairs, batch_tokens=4000, seed=1).epoch(0))
    model.train_on_batch(inputs, target_out, sample_weight=weights)
    moved = sum(np.sum((np.asarray(w.value) - b) ** 2) for w, b in zip(model.trainable_variables, before, strict=True))
    assert norm[0] == pytest.approx(moved**0.5 / 0.01, rel=1e-3)


def test_clipping_is_repeatable_with_dropout_and_left_out_where_it_is_not_known(tmp_path, tokenizers):
    model = network(tokenizers[0].size, tokenizers[1].size, input_dropout=0.5, word_dropout=0.3)
    pairs, config = encoded(tmp_path, tokenizers), Config(data=MADE_UP, training=Training(batch_tokens=400))
    seeds = [np.asarray(variable.value) for variable in model.non_trainable_variables]
    here = subject(tokenizers, model, training=pairs, config=config)
    first, second = clipping(here), clipping(here)
    assert first == second
    assert len(first["norms"]) > 1
    for variable, before in zip(model.non_trainable_variables, seeds, strict=True):
        np.testing.assert_array_equal(variable.value, before)
    frozen = Config.model_validate({"finetune": {"rates": {"encoder": 0.0}}})
    unclipped = Config.model_validate({"training": {"clip_norm": 0.0}})
    for other in (None, frozen, unclipped):
        assert clipping(subject(tokenizers, model, training=pairs, config=other)) is None
    assert clipping(subject(tokenizers, model, config=config)) is None


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
