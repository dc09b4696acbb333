"""The page of all settings, made from the classes of the settings."""

from collections.abc import Iterator
from typing import get_args

from page import Page

from seq2seq.settings.config import Config, Corpus
from seq2seq.settings.descriptions import meaning_of, range_of
from seq2seq.settings.printing import toml_value
from seq2seq.settings.section import Section

_INTRODUCTION = """# Settings

Every setting has a default, and your file needs only those that you change. `seq2seq settings` prints this page as a
settings file, `seq2seq settings --run RUN` the settings of a run. On the command line, write `section.key=value`:

```
seq2seq train mine.toml --run runs/mine model.cell=lstm training.epochs=5
```
"""


def settings_page() -> Page:
    """Each section, and each setting with its meaning, range and default."""
    parts = [_INTRODUCTION]
    for place, section in _sections(Config(), ()):
        parts += [f"## {place}\n", f"{_escaped(meaning_of(type(section)))}\n", *_entries(section)]
    return Page("settings.md", "docs/settings.md", "\n".join(parts))


def _sections(section: Section, names: tuple[str, ...]) -> Iterator[tuple[str, Section]]:
    """All sections with the names that lead to them, an outer section before those inside it."""
    if names:
        yield ".".join(names), section
    for key, field in type(section).model_fields.items():
        value = getattr(section, key)
        if isinstance(value, Section):
            yield from _sections(value, (*names, key))
        elif key == "train" and Corpus in get_args(field.annotation):
            yield ".".join((*names, key)), Corpus()


def _entries(section: Section) -> Iterator[str]:
    """A definition for each setting: its name and default, what it means, which values it can have."""
    for key, field in type(section).model_fields.items():
        value = getattr(section, key)
        if isinstance(value, Section):
            continue
        meaning = _escaped(meaning_of(type(section), key))
        if Corpus in get_args(field.annotation):
            values = f"blocks `[[data.{key}]]`, see [data.train](#datatrain)"
            default = "none"
        else:
            values = _escaped(range_of(field))
            default = "not set" if value is None else f"`{toml_value(value)}`"
        yield f"**`{key}`**, default: {default}\n:   {meaning}\n\n    *Values:* {values}\n"


def _escaped(text: str) -> str:
    """Text without what Markdown and HTML would take for their own; double backquotes become single ones."""
    return text.replace("``", "`").replace("&", "&amp;").replace("<", "&lt;")
