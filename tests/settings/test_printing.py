import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.settings.config import Config, load_config, parse_config
from seq2seq.settings.printing import settings_toml, toml_value

CHANGED = {
    "data": {
        "train": [{"path": 'a "b"\\c\x7f.tsv', "weight": 0.5}, {"source": "x", "target": "y"}],
        "dev": [{"hub": "é"}],
    },
    "model": {"cell": "lstm"},
    "training": {"learning_rate": 2e-5},
    "finetune": {"rates": {"encoder": 0.0}},
}  # fmt: skip


def test_defaults_are_read_back(settings_file):
    assert load_config(settings_file(settings_toml(Config()))) == Config()


def test_other_settings_are_read_back_and_marked(settings_file):
    config = parse_config(CHANGED)
    text = settings_toml(config, mark=True)
    assert load_config(settings_file(text)) == config
    marked = {line.split(" = ")[0]: line for line in text.split("\n") if "# differs" in line}
    assert set(marked) == {"cell", "learning_rate", "encoder"}
    assert marked["cell"] == 'cell = "lstm"  # differs: default "gru"'
    assert "differs" not in settings_toml(config)


def test_every_setting_is_there():
    text = settings_toml(Config())
    values = tomllib.loads(text)
    printed = Config().model_dump()
    del printed["data"]["train"], printed["data"]["dev"]
    assert values == printed


def test_block_that_is_commented_out_can_be_used(settings_file):
    """Without the first two characters of each of its lines."""
    text = settings_toml(Config())
    begin, end = text.index("# # The pairs to learn from"), text.index("\n\n\n", text.index("# [[data.train]]"))
    block = re.sub("^# ", "", text[begin:end], flags=re.MULTILINE)
    [corpus] = load_config(settings_file(text[:begin] + block + text[end:])).data.train
    assert (corpus.source, corpus.target) == ("train.en", "train.fr")


@pytest.mark.parametrize(
    ("place", "tables"),
    [
        ("model", ["[model]"]),
        ("data", ["[data]", "# [[data.train]]", "# [[data.dev]]", "[data.cleaning]"]),
        ("finetune.rates", ["[finetune.rates]"]),
        ("data.train", ["# [[data.train]]"]),
    ],
)
def test_a_section_alone(place, tables):
    text = settings_toml(Config(), place)
    assert re.findall(r"^(?:# )?\[.*\]$", text, flags=re.MULTILINE) == tables


def test_a_setting_alone(settings_file):
    text = settings_toml(parse_config(CHANGED), "model.cell", mark=True)
    assert tomllib.loads(text) == {"model": {"cell": "lstm"}}


@pytest.mark.parametrize(
    ("place", "advice"),
    [
        ("modle", "did you mean model?"),
        ("cell", "did you mean model.cell?"),
        ("xyz", "the sections are data, data.train"),
    ],
)
def test_unknown_place_is_refused(place, advice, raises):
    with raises(f"there is no section or setting '{place}': ", advice):
        settings_toml(Config(), place)


@given(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"])),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_value_is_the_same_after_reading(value):
    assert tomllib.loads(f"value = {toml_value(value)}")["value"] == value
