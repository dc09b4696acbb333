import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from seq2seq.config import Config, Corpus, load_config, parse_config
from seq2seq.errors import ConfigError


@pytest.fixture
def settings_file(tmp_path):
    """Writes a settings file and gives its path."""

    def write(content, name="config.toml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def raises(*parts):
    """Expects a ConfigError whose message has all these parts, in this order."""
    return pytest.raises(ConfigError, match="(?s)" + ".*".join(map(re.escape, parts)))


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


def test_file_with_windows_line_ends_is_read(settings_file):
    assert load_config(settings_file("[training]\r\nepochs = 3\r\n")).training.epochs == 3


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(ValidationError, match="frozen"):
        Config().model.cell = "lstm"


@pytest.mark.parametrize(
    ("override", "section", "key", "value"),
    [
        ("training.epochs=3", "training", "epochs", 3),
        ("training.learning_rate=2e-5", "training", "learning_rate", 2e-5),
        ("model.attention=true", "model", "attention", True),
        ("model.cell=lstm", "model", "cell", "lstm"),
        ('model.cell="lstm"', "model", "cell", "lstm"),
        ("data.target_language=no", "data", "target_language", "no"),
        ("data.target_language=pt-BR", "data", "target_language", "pt-BR"),
        ("data.target_language=zh_hant", "data", "target_language", "zh-Hant"),
        ('data.train=[{path = "x.tsv"}]', "data", "train", [Corpus(path="x.tsv")]),
        (" training.epochs = 3", "training", "epochs", 3),
    ],
)
def test_override_is_toml_or_else_a_bare_string(settings_file, override, section, key, value):
    assert getattr(getattr(load_config(settings_file(""), [override]), section), key) == value


def test_override_reaches_a_nested_section(settings_file):
    assert load_config(settings_file(""), ["data.cleaning.max_words=0"]).data.cleaning.max_words == 0


def test_override_wins_over_the_file_and_a_later_one_over_an_earlier(settings_file):
    path = settings_file("[training]\nepochs = 1\nseed = 7\n")
    training = load_config(path, ["training.epochs=2", "training.epochs=3"]).training
    assert (training.epochs, training.seed) == (3, 7)


def test_override_that_is_false_is_no_language(settings_file):
    with raises("data.target_language: Input should be a valid string", "received False"):
        load_config(settings_file(""), ["data.target_language=false"])


@pytest.mark.parametrize("override", ["training.epochs", "epochs=3", "", "=3"])
def test_override_of_another_form_is_refused(settings_file, override):
    with raises(f"override {override!r} is not of the form section.key=value, as in training.epochs=3"):
        load_config(settings_file(""), [override])


def test_override_below_a_value_is_refused(settings_file):
    path = settings_file('[[data.train]]\npath = "x.tsv"\n')
    with raises("override 'data.train.weight=2': 'train' is not a section that has keys of its own"):
        load_config(path, ["data.train.weight=2"])


def test_text_without_quotes_names_file_and_line_and_says_so(settings_file):
    path = settings_file('[data]\nsource_language = "en"\ntarget_language = no\n')
    with raises(
        f"{path} cannot be read",
        "line 3",
        "'target_language = no' (text needs quotes; true and false are in lower case)",
    ):
        load_config(path)


def test_broken_toml_names_the_line_without_the_hint(settings_file):
    path = settings_file("[training]\nepochs = = 3\n")
    with raises(f"{path} cannot be read", "line 2", "'epochs = = 3'") as caught:
        load_config(path)
    assert "quotes" not in str(caught.value)


def test_broken_json_names_the_line(settings_file):
    path = settings_file('{"training":\n{"epochs": }}', "config.json")
    with raises(f"{path} cannot be read", "line 2", "'{\"epochs\": }}'"):
        load_config(path)


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
def test_unknown_key_is_refused_with_the_nearest_known_one(values, message):
    with raises(message):
        parse_config(values)


def test_unknown_key_like_no_other_comes_without_a_guess():
    with pytest.raises(ConfigError, match=r"model\.zzz: unknown key$"):
        parse_config({"model": {"zzz": 1}})


@pytest.mark.parametrize(
    ("values", "message", "received"),
    [
        ({"training": {"epochs": 0}}, "training.epochs: Input should be greater than or equal to 1", "0"),
        ({"model": {"input_dropout": 1.0}}, "model.input_dropout: Input should be less than 1", "1.0"),
        ({"tokenizer": {"vocabulary_size": 65_536}}, "tokenizer.vocabulary_size: Input should be less than", "65536"),
        ({"model": {"cell": "qrnn"}}, "model.cell: Input should be 'rnn', 'gru' or 'lstm'", "'qrnn'"),
        ({"data": {"train": [{"weight": 0.0}]}}, "data.train.0.weight: Input should be greater than 0", "0.0"),
        (
            {"data": {"source_language": "english!"}},
            "data.source_language: is not a language tag (BCP 47)",
            "'english!'",
        ),
        ({"data": {"target_language": "xx"}}, "data.target_language: is not a language tag (BCP 47)", "'xx'"),
        ({"finetune": {"rates": {"encoder": -1.0}}}, "finetune.rates.encoder: Input should be greater", "-1.0"),
        ({"training": {"epochs": "3"}}, "training.epochs: Input should be a valid integer", "'3'"),
        ({"training": {"epochs": 3.0}}, "training.epochs: Input should be a valid integer", "3.0"),
        ({"model": {"attention": 1}}, "model.attention: Input should be a valid boolean", "1"),
        ({"training": 3}, "training: Input should be a valid dictionary", "3"),
    ],
)
def test_value_out_of_range_or_of_another_type_is_refused(values, message, received):
    with raises("1 setting(s) cannot be used", message, f"(received {received})"):
        parse_config(values)


def test_all_faults_are_reported_at_once(settings_file):
    path = settings_file('[training]\nepoch = 3\nbatch_tokens = 1\n[model]\ncell = "qrnn"\n[serving]\nport = 1\n')
    with pytest.raises(ConfigError) as caught:
        load_config(path, ["translation.beam_size=0"])
    message = str(caught.value)
    assert message.startswith(f"{path}: 5 setting(s) cannot be used:\n")
    for place in ("training.epoch", "training.batch_tokens", "model.cell", "serving", "translation.beam_size"):
        assert f"\n  {place}: " in message


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"model": {"shared_embeddings": True}, "tokenizer": {"shared": False}},
            "model.shared_embeddings needs tokenizer.shared = true",
        ),
        (
            {"training": {"learning_rate": 1e-4, "final_learning_rate": 1e-3}},
            "training.final_learning_rate is above training.learning_rate",
        ),
    ],
)
def test_sections_that_contradict_each_other_are_refused(values, message):
    with raises(message):
        parse_config(values)


def test_missing_file_is_named(tmp_path):
    with raises(f"cannot read the settings {tmp_path / 'no.toml'}: No such file or directory"):
        load_config(tmp_path / "no.toml")


def test_file_that_is_not_utf8_is_refused(settings_file):
    path = settings_file('[data]\nsource_language = "fran\xe7ais"\n'.encode("latin-1"))
    with raises(f"the settings {path} are not UTF-8", "save the file as UTF-8"):
        load_config(path)


@given(
    epochs=st.integers(1, 10**6),
    rate=st.floats(1e-5, 1.0),
    language=st.sampled_from(["en", "no", "pt-BR", "zh_Hans"]),
    path=st.text(st.characters(exclude_categories=["Cs"])),
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


@pytest.mark.parametrize("content", ["[1]", "null", "3", "[]"])
def test_json_that_is_no_section_is_refused(tmp_path, content):
    path = tmp_path / "config.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"config\.json holds no settings: expected sections with keys, received"):
        load_config(path)


def test_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("\ufeff[training]\nepochs = 3\n", encoding="utf-8")
    assert load_config(path).training.epochs == 3


def test_infinite_rate_is_refused():
    with pytest.raises(ConfigError, match=r"training\.learning_rate: .*finite"):
        parse_config({"training": {"learning_rate": float("inf")}})
