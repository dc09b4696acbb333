"""A translator that is right up to a known length has just that capacity."""

import keras
import numpy as np
import pytest

from seq2seq.analysis.instruments import capacity
from seq2seq.analysis.subject import Sentences, Subject
from seq2seq.engine.keras import KerasEngine
from seq2seq.hypothesis import Hypothesis
from seq2seq.model_from_settings import build_model
from seq2seq.phrasebook import phrases
from seq2seq.settings.config import Model
from seq2seq.tokenizer import train_tokenizer
from seq2seq.translator import Translator

LENGTHS = np.repeat(np.arange(2, 15), 20)


@pytest.mark.parametrize("k", [2, 7, 13])
def test_planted_length_is_the_capacity(k):
    right = k >= LENGTHS
    assert capacity.capacity(LENGTHS, right) == (k, k, k)


def test_capacity_is_open_at_both_ends():
    assert capacity.capacity(LENGTHS, LENGTHS < 0) == (0, 0, 0)
    assert capacity.capacity(LENGTHS, LENGTHS > 0) == (14, 14, 14)


def test_capacity_of_a_noisy_translator_lies_in_its_interval():
    """Exact with a chance that passes one half between eight and nine words."""
    chance = 1 / (1 + np.exp(LENGTHS - 8.5))
    inside = 0
    for seed in range(20):
        found = capacity.capacity(LENGTHS, np.random.default_rng(seed).random(len(LENGTHS)) < chance)
        assert abs(found.mean - 8) <= 2
        inside += found.low <= 8 <= found.high
    assert inside >= 17


def test_one_lucky_long_sentence_does_not_count():
    exact = LENGTHS <= 6
    exact[-1] = True
    assert capacity.capacity(LENGTHS, exact).mean == 6


@pytest.fixture(scope="module")
def here():
    pairs = [(pair.english, pair.french) for pair in phrases("train", 120, min_words=3, max_words=12)]
    tokenizers = tuple(train_tokenizer([pair[side] for pair in pairs], vocabulary_size=400) for side in (0, 1))
    keras.utils.set_random_seed(1)
    sizes = {"embedding": 8, "encoder_units": 8, "decoder_units": 8}
    model = build_model(Model(**sizes), tokenizers[0].size, tokenizers[1].size)

    def subject(hypotheses, count=120):
        sources, references = (list(side) for side in zip(*pairs[:count], strict=True))
        made = Subject("run", Translator(KerasEngine([model]), tokenizers), Sentences(sources, references))
        made.found = [Hypothesis(hypotheses(*pair), 0.0, 0.0, cut=False) for pair in pairs[:count]]
        return made

    return subject


def words(text):
    return len(text.split())


def test_report_of_planted_translators(here):
    """Exact up to seven words, whatever the quotes; and another that never is."""
    shorter = capacity.measure(
        here(lambda source, reference: reference.replace("'", "’") if words(source) <= 7 else "non")
    )
    longer = capacity.measure(here(lambda source, reference: reference))
    never = capacity.measure(here(lambda source, reference: "non"))
    assert shorter["capacity"] == {"mean": 7, "low": 7, "high": 7}
    assert shorter["buckets"][0]["exact"]["mean"] == 1
    assert [bucket["bleu"] for bucket in longer["buckets"]] == pytest.approx([100] * len(longer["buckets"]))
    assert shorter["buckets"][-1]["exact"]["mean"] == 0
    other = longer | {"numbers": 64}
    section = capacity.present({"shorter": shorter, "longer": other, "never": never})
    assert "up to 7 words (7 to 7)" in section.findings[0]
    assert f"up to {longer['longest']} words" in section.findings[1]
    assert "no sentence is longer: what this run gets through its 64 numbers" in section.findings[1]
    assert "natural text has many" in section.findings[2]
    assert [picture.name for picture in section.pictures] == ["capacity", "capacity_by_size"]
    assert len(section.tables) == 2
    assert [picture.name for picture in capacity.present({"one": shorter}).pictures] == ["capacity"]


def test_few_sentences_do_not_crash(here):
    found = capacity.measure(here(lambda source, reference: reference, count=1))
    assert found["capacity"]["mean"] == found["longest"]
    assert "no sentence is longer" in capacity.present({"few": found}).findings[0]
