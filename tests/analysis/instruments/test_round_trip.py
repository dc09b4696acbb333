"""What can be read back from h(T), on encoders that keep exactly k tokens."""

import numpy as np
import pytest

from seq2seq.analysis.instruments import round_trip
from seq2seq.analysis.reader import Effort
from seq2seq.data.corpus import Pair
from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.encoding import encode_pairs
from seq2seq.model_from_settings import build_model
from seq2seq.settings.config import Model

LENGTH, KEPT, WORDS = 5, 2, 30


@pytest.fixture(scope="module")
def tokenizer(whole_words):
    return whole_words(WORDS)


@pytest.fixture(scope="module")
def training(tmp_path_factory, random_texts, tokenizer):
    """A function of a count: so many training pairs of random words."""

    def write(count):
        path = tmp_path_factory.mktemp("pairs") / "train.arrow"
        texts = random_texts(count, (LENGTH, LENGTH), tokenizer, seed=7)
        pairs = [Pair(text, text, "test", index) for index, text in enumerate(texts)]
        encode_pairs(path, [pairs], (tokenizer, tokenizer), weights=[1.0], max_tokens=(20, 20))
        return EncodedPairs(path)

    return write


def test_a_reader_gets_back_what_was_kept_and_the_rest_by_chance(
    forgetful, examined, tokenizer, training, random_texts
):
    texts = random_texts(200, (LENGTH, LENGTH), tokenizer, seed=8)
    model = forgetful(tokenizer, KEPT, units=64)
    before = [np.asarray(variable.value) for variable in model.variables]
    flags = [variable.trainable for variable in model.variables]
    subject = examined(model, tokenizer, texts, texts, training(6000), found=texts)
    found = round_trip.measure(subject, Effort(read=36_000, batch_tokens=512, rate=5e-3))
    by_place = dict(zip(found["source"]["places"]["place"], found["source"]["places"]["mean"], strict=True))
    assert all(by_place[place] > 0.95 for place in range(LENGTH - KEPT + 1, LENGTH + 1))
    assert all(by_place[place] < found["chance"]["high"] + 0.1 for place in range(1, LENGTH - KEPT + 1))
    assert found["chance"]["mean"] < 0.25
    assert found["learned"]["held_out_nats"][-1] < found["learned"]["held_out_nats"][0]
    # The run is as it was.
    assert all(np.array_equal(old, variable.value) for old, variable in zip(before, model.variables, strict=True))
    assert flags == [variable.trainable for variable in model.variables]
    # A perfect translation, though only half of it can be read back: nothing is missing, so nothing is forgotten.
    assert found["fates"]["forgotten"]["mean"] == found["fates"]["not translated"]["mean"] == 0
    assert found["fates"]["translated, not read"]["mean"] > 0.3
    section = round_trip.present({"run": found, "again": found})
    assert any("learned too little" in text for text in section.findings)
    assert section.tables[-1].rows[1][-1] == "1.000"


def counts(*shares):
    return np.array([[10 * each, 10] for each in shares], float)


def test_fates_of_sentences_of_known_recall():
    """Read back 100, 20 and 50 %; translated 40, 20 and 100 %."""
    fates = round_trip._fates(counts(1, 0.2, 0.5), counts(0.4, 0.2, 1))
    means = {name: value["mean"] for name, value in fates.items()}
    assert means["translated"] == pytest.approx(1.6 / 3)
    assert means["not translated"] == pytest.approx(0.6 / 3)
    assert means["forgotten"] == pytest.approx(0.8 / 3)
    assert means["translated, not read"] == pytest.approx(0.5 / 3)
    assert means["translated"] + means["not translated"] + means["forgotten"] == pytest.approx(1)
    assert means["share of what is missing"] == pytest.approx(0.6 / 1.4)


def test_sentences_without_content_words_in_one_language_have_no_fate(recwarn):
    fates = round_trip._fates(np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[2.0, 2.0], [0.0, 4.0]]))
    assert fates["translated"]["mean"] == 1
    nothing = round_trip._fates(np.zeros((1, 2)), np.zeros((1, 2)))
    assert np.isnan(nothing["forgotten"]["mean"])
    assert not list(recwarn)


def test_frequency_bands_count_training_words(examined, forgetful, tokenizer, training):
    subject = examined(forgetful(tokenizer, 1), tokenizer, ["w0 w1 unseen"] * 40, ["w0"] * 40, training(300))
    found = round_trip.word_recall(subject.sentences.sources, ["w0"] * 40)
    bands = round_trip._by_band(subject, 0, found, frozenset())
    assert bands["0"] == {"mean": 0, "low": 0, "high": 0, "words": 40}
    assert bands["10-99"]["mean"] == 0.5
    assert set(bands) == {"0", "10-99"}


def test_a_run_without_training_pairs_is_left_out(examined, forgetful, tokenizer):
    found = round_trip.measure(examined(forgetful(tokenizer, 1), tokenizer, ["w1 w2"], ["w3"]))
    section = round_trip.present({"run": found})
    assert "needs the pairs" in section.findings[0]
    assert not section.tables + section.pictures


@pytest.mark.parametrize(
    "settings",
    [
        {"cell": "lstm", "decoder_layers": 2, "pooling": "max", "summary_every_step": False},
        {"cell": "rnn", "direction": "forward", "attention": True, "shared_embeddings": True},
    ],
)
def test_networks_of_every_kind_are_read(examined, tokenizer, training, settings, recwarn):
    sizes = {"embedding": 8, "encoder_units": 8, "decoder_units": 8}
    model = build_model(Model(**sizes, **settings), tokenizer.size, tokenizer.size)
    subject = examined(model, tokenizer, ["w1 w2 w3", "w4"], ["w1", ""], training(60), found=["w1", "w2"])
    found = round_trip.measure(subject, Effort(read=30))
    assert round_trip.present({"run": found}).pictures
    assert not [str(each.message) for each in recwarn]
