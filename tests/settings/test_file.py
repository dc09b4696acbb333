"""Files of settings and overrides: what they may hold, and what is said of those that cannot be read."""

import pytest

from seq2seq.errors import ConfigError
from seq2seq.settings.config import Corpus, load_config


def test_file_with_windows_line_ends_is_read(settings_file):
    assert load_config(settings_file("[training]\r\nepochs = 3\r\n")).training.epochs == 3


@pytest.mark.parametrize("wrong", ["training.epochs=3", None, 5])
def test_overrides_that_are_no_list_are_refused(settings_file, wrong, raises):
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


def test_override_that_is_false_is_no_language(settings_file, raises):
    with raises("data.target_language: Input should be a valid string", "received False"):
        load_config(settings_file(""), ["data.target_language=false"])


@pytest.mark.parametrize("override", ["training.epochs", "epochs=3", "", "=3", 3, None])
def test_override_of_another_form_is_refused(settings_file, override, raises):
    with raises(f"override {override!r} is not of the form section.key=value, as in training.epochs=3"):
        load_config(settings_file(""), [override])


def test_override_below_a_value_is_refused(settings_file, raises):
    path = settings_file('[[data.train]]\npath = "x.tsv"\n')
    with raises("override 'data.train.weight=2': 'train' is not a section that has keys of its own"):
        load_config(path, ["data.train.weight=2"])


def test_text_without_quotes_names_file_and_line_and_says_so(settings_file, raises):
    path = settings_file('[data]\nsource_language = "en"\ntarget_language = no\n')
    with raises(
        f"{path} cannot be read",
        "line 3",
        "'target_language = no' (text needs quotes; true and false are in lower case)",
    ):
        load_config(path)


def test_broken_toml_names_the_line_without_the_hint(settings_file, raises):
    path = settings_file("[training]\nepochs = = 3\n")
    with raises(f"{path} cannot be read", "line 2", "'epochs = = 3'") as caught:
        load_config(path)
    assert "quotes" not in str(caught.value)


def test_broken_json_names_the_line(settings_file, raises):
    path = settings_file('{"training":\n{"epochs": }}', "config.json")
    with raises(f"{path} cannot be read", "line 2", "'{\"epochs\": }}'"):
        load_config(path)


def test_missing_file_is_named(tmp_path, raises):
    with raises(f"cannot read the settings {tmp_path / 'no.toml'}: No such file or directory"):
        load_config(tmp_path / "no.toml")


def test_file_that_is_not_utf8_is_refused(settings_file, raises):
    path = settings_file('[data]\nsource_language = "fran\xe7ais"\n'.encode("latin-1"))
    with raises(f"the settings {path} are not UTF-8", "save the file as UTF-8"):
        load_config(path)


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
def test_hostile_file_is_refused_in_few_words(settings_file, name, content, message, raises):
    path = settings_file(content, name)
    with raises(message) as caught:
        load_config(path)
    assert len(str(caught.value).replace(str(path), "")) < 2000


@pytest.mark.parametrize("path", [".", "a\0b", "/dev/zero"])
def test_what_is_no_file_of_settings_is_refused(path, raises):
    with raises(path):
        load_config(path)


@pytest.mark.parametrize("value", ["[" * 10_000, "9" * 5000, "1\n[training]\nepochs = 3", "{a={a={}}}"])
def test_hostile_override_is_refused_by_name(settings_file, value, raises):
    with raises("training.seed") as caught:
        load_config(settings_file(""), [f"training.seed={value}"])
    assert len(str(caught.value)) < 1000


def test_corpora_beside_a_data_section_that_is_none_leave_the_fault_to_be_said(settings_file):
    with pytest.raises(ConfigError, match="data"):
        load_config(settings_file("data = 3\n"), train=[Corpus(path="a.tsv")])
