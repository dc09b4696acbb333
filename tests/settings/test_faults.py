"""What is said of settings that cannot be used: all faults at once, with the key that was meant."""

import pytest

from seq2seq.errors import ConfigError
from seq2seq.settings.config import load_config, parse_config


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"training": {"epoch": 3}}, "training.epoch: unknown key; did you mean 'epochs'?"),
        ({"trainig": {"epochs": 3}}, "trainig: unknown key; did you mean 'training'?"),
        ({"data": {"cleaning": {"max_word": 3}}}, "data.cleaning.max_word: unknown key; did you mean 'max_words'?"),
        (
            {"data": {"train": [{"sorce": "a", "target": "b"}]}},
            "data.train.0.sorce: unknown key; did you mean 'source'?",
        ),
        (
            {"data": {"dev": [{"path": "x.tsv"}, {"path": "y.tsv", "wait": 2}]}},
            "data.dev.1.wait: unknown key; did you mean 'weight'?",
        ),
    ],
)
def test_unknown_key_is_refused_with_the_nearest_known_one(values, message, raises):
    with raises(message):
        parse_config(values)


def test_unknown_key_like_no_other_comes_with_all_keys_of_the_section(raises):
    with raises("tokenizer.zzz: unknown key; the keys here are model, vocabulary_size, shared, "):
        parse_config({"tokenizer": {"zzz": 1}})


def test_unknown_key_that_is_a_part_of_others_comes_with_these(raises):
    with raises("model.units: unknown key; did you mean 'encoder_units' or 'decoder_units'?"):
        parse_config({"model": {"units": 64}})


def test_all_faults_are_reported_at_once(settings_file):
    path = settings_file('[training]\nepoch = 3\nbatch_tokens = 1\n[model]\ncell = "qrnn"\n[serving]\nport = 1\n')
    with pytest.raises(ConfigError) as caught:
        load_config(path, ["translation.beam_size=0"])
    message = str(caught.value)
    assert message.startswith(f"{path}: 5 settings cannot be used:\n")
    for place in ("training.epoch", "training.batch_tokens", "model.cell", "serving", "translation.beam_size"):
        assert f"\n  {place}: " in message


def test_contradictions_are_reported_with_the_other_faults(raises):
    values = {
        "model": {"shared_embeddings": True, "cell": "qrnn"},
        "tokenizer": {"shared": False},
        "training": {"learning_rate": 0.0, "final_learning_rate": 0.01},
        "translation": {"min_length_ratio": 3.0, "max_length_ratio": 2.0},
        "data": {"dev": [{"path": "x", "weight": 0}], "train": [{"path": ""}]},
    }
    with raises(
        "6 settings cannot be used",
        "data.train.0.path",
        "data.dev.0.weight",
        "model.cell",
        "training.learning_rate",
        "model.shared_embeddings needs tokenizer.shared = true",
        "translation.min_length_ratio is above translation.max_length_ratio",
    ) as caught:
        parse_config(values)
    assert "final_learning_rate is above" not in str(caught.value)  # of the rate that is refused, nothing is known


def test_a_single_corpus_written_as_a_section_is_told_apart(settings_file, raises):
    with raises("data.train: there can be several corpora, so write [[data.train]], not [data.train]"):
        load_config(settings_file('[data.train]\npath = "x.tsv"\n'))
