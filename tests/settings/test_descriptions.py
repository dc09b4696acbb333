"""Every section and every setting says what it means and which values it can have."""

from typing import get_args

import pytest
from pydantic import ValidationError

from seq2seq.settings.config import Cleaning, Config, Corpus, Finetune, Model, Rates, Tokenizer, Training
from seq2seq.settings.descriptions import meaning_of, range_of
from seq2seq.settings.section import Section


def sections(section=Config):
    """The class of every section, the outermost first."""
    yield section
    for field in section.model_fields.values():
        inner = get_args(field.annotation) or (field.annotation,)
        for kind in inner:
            if isinstance(kind, type) and issubclass(kind, Section):
                yield from sections(kind)


SECTIONS = list(dict.fromkeys(sections()))
SETTINGS = [
    (section, key)
    for section in SECTIONS
    for key, field in section.model_fields.items()
    if not any(kind in SECTIONS for kind in (field.annotation, *get_args(field.annotation)))
]


def test_all_sections_are_known():
    assert {Config, Corpus, Cleaning, Tokenizer, Model, Training, Finetune, Rates} <= set(SECTIONS)
    assert len(SETTINGS) > 80


@pytest.mark.parametrize("section", SECTIONS)
def test_section_says_what_it_is(section):
    assert len(meaning_of(section)) > 20


@pytest.mark.parametrize(("section", "key"), SETTINGS)
def test_setting_says_what_it_means_and_its_range(section, key):
    assert len(meaning_of(section, key)) > 10
    assert meaning_of(section, key)[-1] in ".;)"
    assert range_of(section.model_fields[key])


def test_setting_without_a_docstring_has_no_meaning():
    class Made(Section):
        """A section of this test."""

        silent: int = 3

    assert meaning_of(Made, "silent") == ""


@pytest.mark.parametrize(
    ("section", "key", "expected"),
    [
        (Model, "cell", '"rnn", "gru" or "lstm"'),
        (Model, "attention", "true or false"),
        (Model, "input_dropout", "0, or a number from 1e-06 to 0.99"),
        (Training, "seed", "a whole number from 0 to below 2,147,483,648"),
        (Training, "learning_rate", "a number from 1e-09 to 100"),
        (Corpus, "source", "text of 1 to 4,096 characters"),
        (Corpus, "weight", "a number from 1e-06 to 1000"),
    ],
)
def test_range_is_that_of_the_bounds(section, key, expected):
    assert range_of(section.model_fields[key]) == expected


@pytest.mark.parametrize(("section", "key"), SETTINGS)
def test_range_holds(section, key):
    """The ends of a range are taken, and what lies beyond them is refused."""
    words = range_of(section.model_fields[key])
    if "number" not in words:
        return
    least, _, most = words.replace(",", "").split("from ")[1].partition(" to ")
    number = int if "whole" in words else float
    taken = [number(least)] + ([number(most)] if "below" not in most else [])
    for value in taken:
        assert getattr(section.model_validate({key: value}), key) == value
    with pytest.raises(ValidationError):
        section.model_validate({key: number(most.removeprefix("below ")) * 2 + 1})
    with pytest.raises(ValidationError):
        section.model_validate({key: number(least) - 1})
