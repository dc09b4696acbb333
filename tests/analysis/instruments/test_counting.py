"""A counter that is put in is found, and states that know nothing of the position get no credit."""

import keras
import numpy as np
import pytest

from seq2seq.analysis.instruments import counting
from seq2seq.analysis.subject import Sentences, Subject
from seq2seq.engine.keras import KerasEngine
from seq2seq.model_from_settings import build_model
from seq2seq.phrasebook import phrases
from seq2seq.settings.config import Model
from seq2seq.tokenizer import train_tokenizer
from seq2seq.translator import Translator

UNITS = 12
WORDS = [consonant + vowel for consonant in "klmnp" for vowel in "aeiou"]
PHRASES = [(pair.english, pair.french) for pair in phrases("train", 80, min_words=3, max_words=9)]


def random_texts(count=80, seed=0):
    """Words drawn at random, in number as well: no token says where it stands, but the end symbol."""
    random = np.random.default_rng(seed)
    return [" ".join(random.choice(WORDS, random.integers(2, 16))) for _ in range(count)]


@pytest.fixture(scope="module")
def tokenizers():
    texts = random_texts(300) + [text for pair in PHRASES for text in pair]
    return (train_tokenizer(texts, vocabulary_size=500),) * 2


def network(tokenizers, **settings):
    keras.utils.set_random_seed(7)
    settings = {"cell": "rnn", "activation": "linear", "direction": "forward"} | settings
    sizes = {"embedding": 10, "encoder_units": UNITS, "decoder_units": UNITS}
    model = build_model(Model(**sizes, **settings), tokenizers[0].size, tokenizers[1].size)
    for layer in (*model.encoder.stack[0], model.decoder.stack[0]):
        layer.recurrent_kernel.assign(np.zeros((UNITS, layer.recurrent_kernel.shape[1])))
    return model


def count_with(layer, unit, step):
    """Make a unit of a linear recurrence add to itself at each step, whatever it reads."""
    for weight in (layer.kernel, layer.recurrent_kernel, layer.bias):
        value = np.asarray(weight.value).copy()
        value[..., unit] = 0
        weight.assign(value)
    recurrent, bias = np.asarray(layer.recurrent_kernel.value).copy(), np.asarray(layer.bias.value).copy()
    recurrent[unit, unit], bias[unit] = 1, step
    layer.recurrent_kernel.assign(recurrent)
    layer.bias.assign(bias)


def subject(tokenizers, model, sources, targets):
    return Subject("run", Translator(KerasEngine([model]), tokenizers), Sentences(list(sources), list(targets)))


def test_planted_counters_are_found(tokenizers):
    """The encoder counts what it reads. The decoder starts from its count and takes one off at each token."""
    texts = random_texts()
    model = network(tokenizers)
    count_with(model.encoder.stack[0][0], 5, 1.0)
    decoder = model.decoder
    count_with(decoder.stack[0], 3, -0.01)
    constant = np.asarray(decoder.stack[0].constant_kernel.value).copy()
    constant[:, 3] = 0
    decoder.stack[0].constant_kernel.assign(constant)
    bridge = np.zeros(decoder.bridge.kernel.shape)
    bridge[5, 3] = 0.01  # small, so that tanh is a straight line
    decoder.bridge.kernel.assign(bridge)
    found = counting.measure(subject(tokenizers, model, texts, texts))
    read, write = found["tasks"]["encoder, left to right: read so far"], found["tasks"]["decoder: still to write"]
    assert read["units"][0] == "h[5]"
    assert write["units"][0] == "h[3]"
    for task in (read, write):
        assert task["r2"]["1"]["low"] > 0.99
        assert task["r2"]["all"]["low"] > 0.99
        assert task["r2"]["token"]["mean"] < 0.6
    assert write["r2"]["both"]["mean"] < 0.9
    assert np.diff(read["traces"][0]) == pytest.approx(1, abs=1e-3)
    to_come = found["tasks"]["encoder, left to right: still to come"]["r2"]
    assert to_come["1"]["mean"] < to_come["position"]["mean"] + 0.05  # nobody can know what has not been read
    section = counting.present({"planted": found})
    assert any("a single unit already tells more" in text for text in section.findings)


def test_a_clock_is_not_a_counter(tokenizers):
    """The decoder's unit counts what it has written and knows nothing of the sentence's length."""
    texts = random_texts()
    model = network(tokenizers, summary_every_step=False)
    model.decoder.bridge.kernel.assign(np.zeros(model.decoder.bridge.kernel.shape))
    count_with(model.decoder.stack[0], 3, 0.1)
    found = counting.measure(subject(tokenizers, model, texts, texts))
    r2 = found["tasks"]["decoder: still to write"]["r2"]
    assert 0.3 < r2["1"]["mean"] < r2["position"]["mean"] + 0.02
    assert any("no more than that" in text for text in counting.present({"clock": found}).findings)


def test_states_without_memory_get_no_credit(tokenizers):
    """Without recurrence a state is its token; random tokens say nothing of their place. The last, the end, does."""
    texts = random_texts(200)
    found = counting.measure(subject(tokenizers, network(tokenizers), texts, texts))
    read = found["tasks"]["encoder, left to right: read so far"]["r2"]
    end_alone = read["token"]["mean"]
    for units in ("1", "2", "10", "all"):
        assert read[units]["mean"] < end_alone + 0.1
    assert read["all"]["mean"] < 0.35


def test_attention_and_odd_sentences_do_not_crash(tokenizers):
    model = network(tokenizers, cell="lstm", activation="tanh", direction="bidirectional", attention=True)
    sources, targets = (list(side) for side in zip(*PHRASES[:12], strict=True))
    sources[3], targets[4] = "", ""
    found = counting.measure(subject(tokenizers, model, sources, targets))
    same = counting.measure(subject(tokenizers, model, sources, [""] * 12))
    few = counting.measure(subject(tokenizers, model, sources[:3], targets[:3]))
    section = counting.present({"a": found, "b": found, "same": same, "few": few})
    assert any("nothing to count" in text for text in section.findings)
    assert "few: left out, since 3 sentences are too few" in section.findings[0]
    assert [picture.name for picture in section.pictures] == ["counting", "counting_traces"]
    assert counting.present({"few": few}).pictures == []
