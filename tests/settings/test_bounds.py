"""Every setting has bounds: a value beyond them is refused by the setting's name."""

import json
import subprocess
import sys

import langcodes
import numpy as np
import pytest
from pydantic import BaseModel

from seq2seq.errors import ConfigError
from seq2seq.settings.bounds import _COMMON_LANGUAGES
from seq2seq.settings.config import Config, Corpus, parse_config


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
def test_value_out_of_range_or_of_another_type_is_refused(values, message, received, raises):
    with raises("1 setting cannot be used", message, f"(received {received})"):
        parse_config(values)


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


@pytest.mark.parametrize("tag", sorted(_COMMON_LANGUAGES))
def test_common_languages_are_tags_in_standard_form(tag):
    assert langcodes.tag_is_valid(tag)
    assert langcodes.standardize_tag(tag) == tag


def test_common_languages_do_not_load_the_data_of_others():
    settings = '{"data": {"source_language": "en", "target_language": "fr"}}'
    program = (
        f"import sys; from seq2seq.settings.config import parse_config; parse_config({settings}); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "langcodes" not in loaded
    assert parse_config({"data": {"source_language": "EN-us"}}).data.source_language == "en-US"
