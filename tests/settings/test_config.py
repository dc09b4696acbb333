import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.errors import ConfigError
from seq2seq.settings.config import Config, Corpus, load_config, parse_config


def test_defaults_fit_together():
    assert parse_config({}) == Config()


def test_empty_file_is_the_defaults(settings_file):
    assert load_config(settings_file("")) == Config()


def test_file_sets_what_it_names(settings_file):
    path = settings_file(
        '[data]\ntarget_language = "de"\n[[data.train]]\nsource = "a.en"\ntarget = "a.de"\nweight = 2\n'
        '[model]\ncell = "lstm"\n[training]\nlearning_rate = 2e-5\n'
    )
    config = load_config(path)
    assert config.data.train == [Corpus(source="a.en", target="a.de", weight=2.0)]
    assert (config.data.target_language, config.model.cell, config.training.learning_rate) == ("de", "lstm", 2e-5)
    assert config.model.model_dump(exclude={"cell"}) == Config().model.model_dump(exclude={"cell"})


@pytest.mark.parametrize("wrong", [None, 5, b"a.toml", ""])
def test_what_is_no_path_of_settings_is_refused(wrong, raises):
    with raises("the path of the settings is ", f"received {wrong!r}"):
        load_config(wrong)


@given(
    epochs=st.integers(1, 10**6),
    rate=st.floats(1e-5, 1.0),
    language=st.sampled_from(["en", "no", "pt-BR", "zh_Hans"]),
    path=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
    weight=st.floats(1e-3, 1e3),
)
def test_json_and_back_is_the_same(tmp_path_factory, epochs, rate, language, path, weight):
    config = parse_config(
        {
            "data": {"target_language": language, "train": [{"path": path, "weight": weight}]},
            "training": {"epochs": epochs, "learning_rate": rate},
        }
    )
    file = tmp_path_factory.getbasetemp() / "round_trip.json"
    file.write_text(config.to_json(), encoding="utf-8")
    assert load_config(file) == config


def test_json_names_every_setting():
    assert json.loads(Config().to_json()) == Config().model_dump()


def test_corpora_replace_those_of_the_file_and_overrides_win(settings_file):
    path = settings_file('[data]\ntrain = [{path = "old.tsv"}]\ndev = [{path = "old_dev.tsv"}]\n')
    news = Corpus(source='n"ews.en', target="news.fr", weight=0.5)
    config = load_config(path, train=[news])
    assert config.data.train == [news]
    assert [corpus.path for corpus in config.data.dev] == ["old_dev.tsv"]
    assert load_config(settings_file(""), dev=[news, news]).data.dev == [news, news]
    overridden = load_config(path, ['data.train=[{path="new.tsv"}]'], train=[news])
    assert [corpus.path for corpus in overridden.data.train] == ["new.tsv"]


@pytest.mark.parametrize("corpora", [Corpus(path="a.tsv"), ["a.tsv"], "a.tsv", 5, None])
def test_corpora_of_another_kind_are_refused(settings_file, corpora):
    with pytest.raises(ConfigError, match=r"dev is a list of Corpus, received .*: write dev=\[Corpus\(\.\.\.\)\]"):
        load_config(settings_file(""), dev=corpora)
