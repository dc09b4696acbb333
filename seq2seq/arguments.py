"""What a caller hands over beside text and settings: refused in plain words before anything is done with it."""

import os
from collections.abc import Iterable
from numbers import Integral
from pathlib import Path
from typing import Any, TypeGuard

from seq2seq.errors import ConfigError, shown


def check_kind(value: object, kind: type, name: str, advice: str) -> None:
    """See that an argument is of a class.

    Args:
        value: the argument that was given.
        kind: the class that the argument must have.
        name: what the message calls the argument.
        advice: what to write instead.

    Raises:
        ConfigError: the argument is of another class.
    """
    if not isinstance(value, kind):
        raise ConfigError(f"{name} is not a {kind.__name__}, received {received(value)}: {advice}")


def check_optional(value: object, kind: type, name: str, advice: str) -> None:
    """See that an argument is None or of a class: see `check_kind`."""
    if value is not None:
        check_kind(value, kind, name, advice)


def check_several(values: object, kind: type, name: str, advice: str, number: int | None = None) -> None:
    """See that an argument is a list of one class.

    Args:
        values: the argument that was given.
        kind: the class of its items.
        name: what the message calls the argument.
        advice: what to write instead.
        number: how many items there must be; one or more where not given.

    Raises:
        ConfigError: the argument is something else.
    """
    items = values if isinstance(values, list | tuple) else []
    if not items or len(items) != (number or len(items)) or not all(isinstance(item, kind) for item in items):
        raise ConfigError(f"{name} are a list, received {received(values)}: {advice}")


def check_callable(value: object, name: str) -> None:
    """See that an argument is None or can be called.

    Raises:
        ConfigError: the argument is something else.
    """
    if value is not None and not callable(value):
        raise ConfigError(f"{name} is a function of one argument, received {received(value)}: write {name}=print")


def check_flags(**flags: object) -> None:
    """See that arguments are True or False: the text "no" counts as true for Python.

    Raises:
        ConfigError: one is something else.
    """
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise ConfigError(f"{name} is True or False, received {received(value)}")


def is_count(value: object) -> TypeGuard[int]:
    """Whether this is a whole number from 0 up, NumPy's included; True and 2.0 are none."""
    return not isinstance(value, bool) and isinstance(value, Integral) and int(value) >= 0


def check_count(value: object, name: str, least: int = 0, most: int | None = None, advice: str = "") -> None:
    """See that an argument is a whole number within its bounds.

    Args:
        value: the argument that was given.
        name: what the message calls the argument.
        least, most: the smallest and the largest number allowed.
        advice: what to do for a number beyond them.

    Raises:
        ConfigError: the argument is beyond the bounds, or not a whole number.
    """
    if not is_count(value) or value < least or (most is not None and value > most):
        bounds = f"a whole number, {least:,} or more"
        if most is not None:
            bounds = f"a whole number from {least:,} to {most:,}" if least < most else f"{least:,}"
        raise ConfigError(f"{name} is {bounds}, received {received(value)}{f': {advice}' if advice else ''}")


def path_of(value: object, what: str) -> Path:
    """The path that an argument names.

    Args:
        value: text or a path.
        what: such as "the directory of a run", for the message.

    Raises:
        ConfigError: it is neither, or empty, which would be the current folder.
    """
    if not isinstance(value, str | os.PathLike) or isinstance(os.fspath(value), bytes):
        raise ConfigError(f"{what} is text or a pathlib.Path, received {received(value)}")
    if value == "":
        raise ConfigError(f"{what} is empty, received '': name it, or write . for the current folder")
    return Path(value)


def run_paths(runs: Any) -> list[Path]:
    """The directories of one run or of several.

    Raises:
        ConfigError: what was received names no run.
    """
    several = list(runs) if isinstance(runs, Iterable) and not isinstance(runs, str | bytes | os.PathLike) else [runs]
    if not several:
        raise ConfigError("no run is named: give the directory of one, or of several for an ensemble")
    return [path_of(run, "the directory of a run") for run in several]


def received(value: object) -> str:
    """A received value and its type, for a message."""
    return f"{' '.join(shown(value).split())} ({type(value).__name__})"
