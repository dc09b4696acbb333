import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from seq2seq.errors import ConfigError
from seq2seq.settings.config import Config, Corpus, Data, Model, Training, Translation, load_config, parse_config


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


def every_field(section, *outer):
    """Where each setting is; a star stands for a corpus."""
    for name, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from every_field(field.annotation, *outer, name)
        elif field.annotation == list[Corpus]:
            yield (*outer, name)
            yield from every_field(Corpus, *outer, name, "*")
        else:
            yield (*outer, name)


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
    with raises("settings do not change: make others with model_copy(update={'cell': 'lstm'})"):
        Config().model.cell = "lstm"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Translation(beam_size=0), "beam_size: Input should be greater than or equal to 1 (received 0)"),
        (lambda: Translation(beams=3), "beams: unknown key; did you mean 'beam_size'?"),
        (lambda: Translation({"beam_size": 3}), "Translation takes settings by name, received {'beam_size': 3}"),
        (lambda: Corpus(path=3), "path: Input should be a valid string (received 3)"),
        (lambda: Config(training=3), "training: Input should be a valid dictionary or instance of Training (received"),
        (lambda: Config(data={"train": [3]}), "data.train.0: Input should be a valid dictionary or instance of Corpus"),
        (lambda: Config(model=Model(shared_embeddings=True), tokenizer={"shared": False}), "needs tokenizer.shared"),
        (lambda: Translation().model_copy(update={"beam_size": 0}), "beam_size: Input should be greater than or"),
    ],
)
def test_settings_written_in_python_are_refused_in_the_words_for_a_file(make, message):
    with raises(message):
        make()


def test_all_faults_of_a_section_written_in_python_are_named():
    with raises("Data: 2 settings cannot be used:", "train.0: ", "max_source_tokens: "):
        Data(train=[3], max_source_tokens=0)


def test_copy_remembers_which_settings_were_chosen():
    """Fine-tuning takes those from the parent that were not."""
    copied = Training(epochs=3).model_copy(update={"seed": 2})
    assert copied == Training(epochs=3, seed=2)
    assert copied.model_fields_set == {"epochs", "seed"}


@pytest.mark.parametrize("wrong", [None, 5, b"a.toml", ""])
def test_what_is_no_path_of_settings_is_refused(wrong):
    with raises("the path of the settings is ", f"received {wrong!r}"):
        load_config(wrong)


@pytest.mark.parametrize("wrong", ["training.epochs=3", None, 5])
def test_overrides_that_are_no_list_are_refused(settings_file, wrong):
    with raises(f'overrides are a list, received {wrong!r}: write ["training.epochs=3"]'):
        load_config(settings_file(""), wrong)


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


@pytest.mark.parametrize("override", ["training.epochs", "epochs=3", "", "=3", 3, None])
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


def test_unknown_key_like_no_other_comes_with_all_keys_of_the_section():
    with raises("tokenizer.zzz: unknown key; the keys here are model, vocabulary_size, shared, "):
        parse_config({"tokenizer": {"zzz": 1}})


def test_unknown_key_that_is_a_part_of_others_comes_with_these():
    with raises("model.units: unknown key; did you mean 'encoder_units' or 'decoder_units'?"):
        parse_config({"model": {"units": 64}})


@pytest.mark.parametrize(
    ("values", "message", "received"),
    [
        ({"training": {"epochs": 0}}, "training.epochs: Input should be greater than or equal to 1", "0"),
        ({"model": {"input_dropout": 1.0}}, "model.input_dropout: Input should be less than or equal to 0.99", "1.0"),
        ({"tokenizer": {"vocabulary_size": 65_536}}, "tokenizer.vocabulary_size: Input should be less than", "65536"),
        ({"model": {"cell": "qrnn"}}, "model.cell: Input should be 'rnn', 'gru' or 'lstm'", "'qrnn'"),
        (
            {"data": {"train": [{"weight": 0.0}]}},
            "data.train.0.weight: Input should be greater than or equal to 0.000001",
            "0.0",
        ),
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
    with raises("1 setting cannot be used", message, f"(received {received})"):
        parse_config(values)


def test_all_faults_are_reported_at_once(settings_file):
    path = settings_file('[training]\nepoch = 3\nbatch_tokens = 1\n[model]\ncell = "qrnn"\n[serving]\nport = 1\n')
    with pytest.raises(ConfigError) as caught:
        load_config(path, ["translation.beam_size=0"])
    message = str(caught.value)
    assert message.startswith(f"{path}: 5 settings cannot be used:\n")
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


FIELDS = list(every_field(Config))
HUGE, WORDS = 10**5000, "a" * 5000
HOSTILE = [
    *(0, -1, 2**31, 2**63, 2**64, 10**30, HUGE, -HUGE, True, False, None),
    *(-0.0, 0.5, 1.0, 1e-300, 5e-324, 1e300, 1e308, float("inf"), float("-inf"), float("nan"), 1.0000000000000002),
    *("", " ", "\0", "a\0b", "a\nb", "../x", "\ud800", "1", "true", "nan", WORDS, "../" * 2000),
    *([], [[]], [1], [None], {}, {"a": 1}, {"": {}}, [{"source": 1}], b"bytes", object(), 1j, {1, 2}, {3: 4}),
]


@pytest.mark.parametrize("place", FIELDS, ids=".".join)
def test_hostile_value_is_refused_by_name_or_lies_within_its_bounds(place):
    for value in HOSTILE:
        values = value
        for part in reversed(place):
            values = [values | {"path": "x"}] if part == "*" else {part: values}
        try:
            config = parse_config(values)
        except ConfigError as error:
            message = str(error)
            assert ".".join(place).replace("*", "0") in message
            assert len(message) < 1000
        else:
            assert_usable(config.model_dump())
            assert parse_config(json.loads(config.to_json().encode())) == config


def assert_usable(value):
    """Every number keeps its meaning in 32 bits, and every text can be a file's name."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            assert_usable(part)
    elif isinstance(value, str):
        assert "\0" not in value
        assert len(value.encode()) <= 4 * 4096
    elif isinstance(value, int):
        assert 0 <= value < 2**31
    elif isinstance(value, float):
        assert 0 <= value <= 1e9
        assert value == 0 or np.float32(value) > 0


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("c.toml", "a=" + "[" * 100_000, "cannot be read: its lists or sections lie too deep in one another"),
        ("c.toml", "[training]\nepochs = " + "9" * 4400, "cannot be read: Exceeds the limit"),
        ("c.toml", "[training]\nepochs = 1\nepochs = 2\n", "cannot be read: Cannot overwrite a value"),
        ("c.toml", "[training]\n[training]\n", "cannot be read: Cannot declare"),
        ("c.toml", b"\xff\xfe[\x00", "are not UTF-8"),
        ("c.toml", "a = 1\0", "cannot be read"),
        ("c.toml", "# " + "a" * 10_000_000, "have more than 10,000,000 bytes: give the name of a TOML file"),
        ("c.json", "[" * 100_000, "cannot be read: its lists or sections lie too deep in one another"),
        ("c.JSON", '{"training": {"epochs": ' + "9" * 4400 + "}}", "cannot be read: Exceeds the limit"),
        ("c.json", '{"training": {"learning_rate": NaN}}', "training.learning_rate"),
        ("c.json", '{"data": {"train": [{"path": "\\ud800"}]}}', "data.train.0.path: Input should be a valid string"),
        ("c.toml", "".join(f"a{n} = 1\n" for n in range(50_000)), "50,000 settings cannot be used"),
    ],
)
def test_hostile_file_is_refused_in_few_words(settings_file, name, content, message):
    path = settings_file(content, name)
    with raises(message) as caught:
        load_config(path)
    assert len(str(caught.value).replace(str(path), "")) < 2000


@pytest.mark.parametrize("path", [".", "a\0b", "/dev/zero"])
def test_what_is_no_file_of_settings_is_refused(path):
    with raises(path):
        load_config(path)


@pytest.mark.parametrize("value", ["[" * 10_000, "9" * 5000, "1\n[training]\nepochs = 3", "{a={a={}}}"])
def test_hostile_override_is_refused_by_name(settings_file, value):
    with raises("training.seed") as caught:
        load_config(settings_file(""), [f"training.seed={value}"])
    assert len(str(caught.value)) < 1000


def test_contradictions_are_reported_with_the_other_faults():
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


def test_a_single_corpus_written_as_a_section_is_told_apart(settings_file):
    with raises("data.train: there can be several corpora, so write [[data.train]], not [data.train]"):
        load_config(settings_file('[data.train]\npath = "x.tsv"\n'))


def test_rates_that_leave_nothing_to_train_are_refused_at_once():
    parts = ("source_embedding", "encoder", "decoder", "target_embedding")
    with pytest.raises(ConfigError, match=r"finetune\.rates are all 0: nothing is left to train"):
        parse_config({"finetune": {"rates": dict.fromkeys(parts, 0.0)}})


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


def test_corpora_beside_a_data_section_that_is_none_leave_the_fault_to_be_said(settings_file):
    with pytest.raises(ConfigError, match="data"):
        load_config(settings_file("data = 3\n"), train=[Corpus(path="a.tsv")])
