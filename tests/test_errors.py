"""Errors refine the builtin ones, and what they show is short."""

import pytest

from seq2seq.errors import (
    CheckpointError,
    ConfigError,
    DataError,
    DivergedError,
    MissingExtraError,
    Seq2SeqError,
    cut,
    shown,
)


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (ConfigError, ValueError),
        (DataError, ValueError),
        (CheckpointError, ValueError),
        (DivergedError, ArithmeticError),
        (MissingExtraError, ImportError),
    ],
)
def test_error_is_caught_as_the_projects_and_as_the_builtin(kind, builtin):
    for caught in (Seq2SeqError, builtin):
        with pytest.raises(caught, match="what to do"):
            raise kind("what to do")


def test_long_texts_are_cut():
    assert cut("a" * 80) == "a" * 80
    assert cut("a" * 81) == "a" * 80 + " ..."


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(("value", "kind"), [(10**5000, "int"), (nested(100_000), "list")], ids=["digits", "depth"])
def test_what_python_cannot_write_is_shown_by_its_class(value, kind):
    assert shown(value) == f"a very long {kind}"
