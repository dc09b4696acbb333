"""Read a settings file and ``section.key=value`` texts into nested dictionaries; their meaning is not checked yet."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from seq2seq.errors import ConfigError, shown

_MOST_BYTES = 10_000_000  # so that a device or an endless pipe is not read for ever
_LONG_NAME = re.compile(r"""^[^="'#\n]{1000}""", re.MULTILINE)  # tomllib takes quadratic time for its dots
_DEEPEST = 20  # levels of sections and lists; the settings need five


def read_settings(
    path: Path | None, overrides: Iterable[str] = (), corpora: Mapping[str, list[dict[str, Any]]] = MappingProxyType({})
) -> dict[str, Any]:
    """The settings of a TOML file (or a run's JSON) with overrides applied.

    Args:
        path: the TOML or JSON file; where there is none, the overrides are all.
        overrides: texts like ``training.epochs=3``; the value is read as TOML, and as plain text if it is not TOML.
        corpora: by ``train`` and ``dev``, corpora that replace those of the file; overrides replace them in turn.

    Raises:
        ConfigError: the file is missing, not UTF-8, not TOML or not JSON; says where.
    """
    if isinstance(overrides, str | bytes) or not isinstance(overrides, Iterable):
        raise ConfigError(f'overrides are a list, received {shown(overrides)}: write ["training.epochs=3"]')
    values = _parsed(path, _read(path)) if path else {}
    if corpora and isinstance(values.setdefault("data", {}), dict):  # a `data` that is no section is refused later
        values["data"].update(corpora)
    for override in overrides:
        _apply(values, override)
    if _deeper_than(values, _DEEPEST):
        raise ConfigError(_too_deep(path or "section.key=value"))
    return values


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"cannot read the settings {path}: {reason}") from error
    if len(content) > _MOST_BYTES:
        raise ConfigError(f"the settings {path} have more than {_MOST_BYTES:,} bytes: give the name of a TOML file")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ConfigError(f"the settings {path} are not UTF-8: {error}; save the file as UTF-8") from error


def _parsed(path: Path, text: str) -> dict[str, Any]:
    is_json = path.suffix.lower() == ".json"
    if not is_json and (long := _LONG_NAME.search(text)):
        number = text.count("\n", 0, long.start()) + 1
        raise ConfigError(f"{path}, line {number:,}: a name of more than 1,000 characters: {shown(long[0])}")
    try:
        values = json.loads(text) if is_json else tomllib.loads(text)
    except RecursionError as error:
        raise ConfigError(_too_deep(path)) from error
    except ValueError as error:  # not TOML, not JSON, or a number of thousands of digits
        place = re.search(r"line (\d+)", str(error))
        line = text.split("\n")[int(place[1]) - 1].strip() if place else ""
        unquoted = re.search(r"=\s*([A-Za-z]\w*)", line)
        hint = " (text needs quotes; true and false are in lower case)" if unquoted else ""
        raise ConfigError(f"{path} cannot be read: {error}{f': {shown(line)}' if line else ''}{hint}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path} holds no settings: expected sections with keys, received {text[:40]!r}")
    return values


def _too_deep(path: Path | str) -> str:
    return f"{path} cannot be read: its lists or sections lie too deep in one another"


def _deeper_than(value: Any, levels: int) -> bool:
    """Whether lists and sections are nested more than `levels` deep."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_deeper_than(part, levels - 1) for part in inner)


def _apply(values: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=") if isinstance(override, str) else ("", "", "")
    *sections, name = key.strip().split(".")
    if not equals or not sections or "" in (*sections, name):
        raise ConfigError(f"override {shown(override)} is not of the form section.key=value, as in training.epochs=3")
    for section in sections:
        values = values.setdefault(section, {})
        if not isinstance(values, dict):
            raise ConfigError(f"override {shown(override)}: {section!r} is not a section that has keys of its own")
    values[name] = _value(text)


def _value(text: str) -> Any:
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return parsed["value"] if len(parsed) == 1 else text
