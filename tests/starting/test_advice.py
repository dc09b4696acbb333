import pytest

from seq2seq.data.corpus import Pair
from seq2seq.errors import DataError
from seq2seq.settings.config import parse_config
from seq2seq.starting.advice import advise
from seq2seq.starting.looking import Facts


def facts(kept, languages=("en", "fr"), words=12, long_share=0.0):
    return Facts(languages, kept, kept, "", words * kept, words, 2 * words, 2 * words, long_share, "", [])


@pytest.fixture(scope="module")
def sample(made_up_sentences):
    return [Pair(source, target, "x", 1) for source, target in made_up_sentences(3000)]


def settings(advice):
    return {section: {key: value for key, (value, _) in values.items()} for section, values in advice.settings.items()}


@pytest.mark.parametrize("kept", [200, 3000, 30_000, 60_000, 1_000_000])
def test_advice_is_valid_and_bounded(sample, kept):
    advice = advise(facts(kept), sample[:kept], kept)
    config = parse_config(settings(advice))
    assert 10 <= config.training.epochs <= 60
    assert 300 <= config.tokenizer.vocabulary_size <= 16_000
    assert all(reason for values in advice.settings.values() for _, reason in values.values())
    assert f"what to expect of {kept:,} pairs" in advice.expected


def test_vocabulary_is_one_that_the_text_can_fill():
    few = [Pair(f"a cat {number % 7}", f"un chat {number % 7}", "x", 1) for number in range(3000)]
    with pytest.raises(DataError, match="this text is too little to learn from"):
        advise(facts(3000), few, 3000)


def test_scripts_decide_whether_the_vocabulary_is_shared(sample):
    assert "shared" not in advise(facts(3000), sample, 3000).settings["tokenizer"]
    assert advise(facts(3000, ("en", "ru")), sample, 3000).settings["tokenizer"]["shared"][0] is False


def test_sizes_follow_the_number_of_pairs(sample):
    few, many = (settings(advise(facts(kept), sample, kept)) for kept in (3000, 300_000))
    assert few["model"]["input_dropout"] == 0.35
    assert many["model"] == {"decoder_units": 640}
    assert few["training"]["batch_tokens"] < many["training"]["batch_tokens"]


def test_long_sentences_get_room_and_a_warning(sample):
    advice = advise(facts(3000, words=45, long_share=0.6), sample, 3000)
    assert settings(advice)["data"] == {"max_source_tokens": 192, "max_target_tokens": 192}
    assert "60 % of the sources have more than 20 words" in advice.warnings[-1]


@pytest.mark.parametrize(("kept", "words"), [(500, "are too little for a useful translator"), (5000, "are little")])
def test_too_little_text_is_said(sample, kept, words):
    assert words in advise(facts(kept), sample, kept).warnings[0]
    assert "seq2seq finetune en-fr" in advise(facts(kept), sample, kept).expected
    assert "seq2seq finetune RUN_DIR" in advise(facts(kept, ("de", "fr")), sample, kept).expected
