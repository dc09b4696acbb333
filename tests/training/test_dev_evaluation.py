"""The dev evaluation on its own: which words BLEU counts, and what it warns of."""

import logging

import pytest

from seq2seq.data.corpus import Pair
from seq2seq.engine.keras import KerasEngine
from seq2seq.model_from_settings import build_model
from seq2seq.settings.config import Translation, parse_config
from seq2seq.tokenizer import train_tokenizer
from seq2seq.training.dev_evaluation import DevEvaluator

ENGLISH = [f"The {n} cats see {m} dogs." for n in "abcdefghij" for m in "klmnopqrst"]
CHINESE = [f"{chr(0x4E00 + ord(text[4]))}猫看{chr(0x4E00 + ord(text[15]))}狗。" for text in ENGLISH]


@pytest.fixture(scope="module")
def evaluator(made_up_sentences):
    """A function of a target language and of settings of the search."""
    texts = [text for pair in made_up_sentences(300) for text in pair]
    tokenizers = (train_tokenizer(iter(texts + CHINESE), vocabulary_size=330),) * 2
    config = parse_config({"model": {"embedding": 4, "encoder_units": 4, "decoder_units": 4}})
    model = build_model(config.model, *(tokenizer.size for tokenizer in tokenizers), "float32")
    dev = [Pair(*texts, "dev", 1) for texts in zip(ENGLISH, CHINESE, strict=True)][:20]

    def make(language, **search):
        settings = config.model_copy(update={"translation": Translation(**search)})
        return DevEvaluator(KerasEngine([model]), tokenizers, settings, dev, target_language=language, samples=1)

    return make


def measured(evaluator, hypotheses, monkeypatch, **options):
    monkeypatch.setattr(evaluator._translator, "translate", lambda sources: hypotheses)
    return evaluator(**options)


def test_chinese_is_parted_into_characters(evaluator, monkeypatch):
    hypotheses = [text.replace("狗", "犬") for text in CHINESE[:20]]
    record = measured(evaluator("zh"), hypotheses, monkeypatch)
    assert 20 < record["dev_bleu"] < 80
    assert "tok:zh" in record["dev_bleu_signature"]
    assert measured(evaluator("fr"), hypotheses, monkeypatch)["dev_bleu"] == 0


def test_missing_tokenizer_is_said_once(evaluator, monkeypatch, caplog):
    monkeypatch.setattr("seq2seq.bleu_tokens.find_spec", lambda package: None)
    with caplog.at_level(logging.INFO, logger="seq2seq"):
        record = measured(evaluator("ja"), CHINESE[:20], monkeypatch)
    assert caplog.text.count("pip install 'seq2seq[ja]'") == 1
    assert "tok:char" in record["dev_bleu_signature"]


def test_translations_that_are_alike_are_warned_of_unless_it_is_to_be_quiet(evaluator, monkeypatch, caplog):
    dots = ["。" * 6] * 20
    said = "20 of 20 translations are one word or sign again and again"
    assert said in measured(evaluator("zh"), dots, monkeypatch, aloud=False)["dev_warning"]
    assert not caplog.records
    measured(evaluator("zh"), dots, monkeypatch)
    assert f"warning: {said}" in caplog.text
    assert "This is usual in the first epochs" in caplog.text
    assert "dev_warning" not in measured(evaluator("zh"), CHINESE[:20], monkeypatch)


def test_short_list_of_the_settings_is_for_translating_not_for_judging(evaluator):
    assert evaluator("fr", shortlist=5)()["dev_bleu"] >= 0


def test_advice_on_translations_that_are_alike_is_given_once(evaluator, monkeypatch, caplog):
    chinese = evaluator("zh")
    for _ in range(2):
        measured(chinese, ["。" * 6] * 20, monkeypatch)
    assert caplog.text.count("warning: 20 of 20 translations") == 2
    assert caplog.text.count("This is usual in the first epochs") == 1


def test_sample_translations_are_one_message(evaluator, monkeypatch, caplog):
    with caplog.at_level(logging.INFO, logger="seq2seq"):
        measured(evaluator("zh"), CHINESE[:20], monkeypatch)
        measured(evaluator("zh"), ["", *CHINESE[1:20]], monkeypatch)
    assert [message for message in caplog.messages if ENGLISH[0] in message] == [
        f"  {ENGLISH[0]}\n    translation  {CHINESE[0]}\n    reference    {CHINESE[0]}",
        f"  {ENGLISH[0]}\n    translation  (empty)\n    reference    {CHINESE[0]}",
    ]
