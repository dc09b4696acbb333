"""Settings as TOML that can be used as it is, with the meaning, the range and the default of each one."""

import difflib
import json
import textwrap
from typing import Any, NamedTuple, get_args

from seq2seq.errors import ConfigError, shown
from seq2seq.settings.config import Config, Corpus
from seq2seq.settings.descriptions import meaning_of, range_of
from seq2seq.settings.section import Section

_WIDTH = 110  # of a comment, in characters


class Table(NamedTuple):
    """A table of TOML.

    Attributes:
        place: the names that lead to the section, such as ``data.cleaning``.
        heading: its lines above the first setting: comments and the name in brackets.
        entries: for each setting its place and its lines.
    """

    place: str
    heading: list[str]
    entries: list[tuple[str, list[str]]]

    def text(self) -> str:
        """The lines of the table."""
        return "\n".join([*self.heading, *(line for _, lines in self.entries for line in ["", *lines])])

    def commented_out(self) -> "Table":
        """The same table as comments: without the first "# " of each line it is as before."""
        entries = [(place, _as_comments(lines)) for place, lines in self.entries]
        return Table(self.place, _as_comments(self.heading), entries)


def settings_toml(config: Config, place: str = "", *, mark: bool = False) -> str:
    """Settings with all that is known of them, as TOML: read again, they are the same settings.

    Args:
        config: the settings.
        place: only this section (``model``, ``data.cleaning``, ``data.train``) or setting (``model.cell``).
        mark: say behind each setting that differs from the default what the default is.

    Raises:
        ConfigError: there is no such place; names the nearest one.

    >>> print(settings_toml(Config(), "model.cell").split(chr(10))[-1])
    cell = "gru"
    """
    tables = _tables(config, Config(), (), mark)
    return "\n\n\n".join(table.text() for table in (_at(tables, place) if place else tables))


def _at(tables: list[Table], place: str) -> list[Table]:
    """The tables of a section, or the table with one setting."""
    inside = [table for table in tables if table.place == place or table.place.startswith(f"{place}.")]
    if inside:
        return inside
    for table in tables:
        entries = [entry for entry in table.entries if entry[0] == place]
        if entries:
            return [table._replace(entries=entries)]
    known = [name for table in tables for name in (table.place, *(entry[0] for entry in table.entries))]
    last = [name for name in known if name.split(".")[-1] == place.split(".")[-1]]
    near = last or difflib.get_close_matches(place, known, n=1)
    sections = ", ".join(dict.fromkeys(table.place for table in tables))
    advice = f"did you mean {' or '.join(near)}?" if near else f"the sections are {sections}"
    raise ConfigError(f"there is no section or setting {shown(place)}: {advice}")


def places_of(key: str) -> list[str]:
    """Where there are settings of a name.

    >>> places_of("epochs"), places_of("encoder")
    (['training.epochs'], ['finetune.rates.encoder'])
    """
    places = [place for table in _tables(Config(), Config(), (), mark=False) for place, _ in table.entries]
    return [place for place in places if place.split(".")[-1] == key]


def _tables(section: Section, default: Section, names: tuple[str, ...], mark: bool) -> list[Table]:
    """The tables of a section and of those inside it, in the order that TOML asks for: settings, then sections."""
    place = ".".join(names)
    entries = []
    inner: list[Table] = []
    for key, field in type(section).model_fields.items():
        value = getattr(section, key)
        before = getattr(default, key)
        if isinstance(value, Section):
            inner += _tables(value, before, (*names, key), mark)
        elif Corpus in get_args(field.annotation):
            inner += _corpora(value, f"{place}.{key}", meaning_of(type(section), key), mark)
        else:
            entries.append((f"{place}.{key}", _setting(section, key, before, mark=mark)))
    if not names:
        return inner
    heading = [*_comment(meaning_of(type(section))), f"[{place}]"]
    return [Table(place, heading, entries), *inner]


def _corpora(corpora: list[Corpus], place: str, meaning: str, mark: bool) -> list[Table]:
    """A table for each corpus; where there is none, one as an example, commented out. Those of train are explained."""
    split = place.split(".")[-1]
    example = Corpus(source=f"{split}.en", target=f"{split}.fr")
    explained = split == "train"
    keys = "Its settings are those of [[data.train]]."
    about = f"{meaning} Write such a block for each corpus. {meaning_of(Corpus) if explained else keys}"
    tables = []
    for corpus in corpora or [example]:
        known = Corpus.model_fields if explained else corpus.model_dump(exclude_none=True, exclude_defaults=True)
        entries = [(f"{place}.{key}", _setting(corpus, key, None, mark=False, explain=explained)) for key in known]
        tables.append(Table(place, [*_comment(about), f"[[{place}]]"], entries))
    if corpora:
        return tables
    commented = tables[0].commented_out()
    note = "# By default there is none. Without the first '# ' of its lines, the block below is one."
    return [commented._replace(heading=[note, *commented.heading])]


def _setting(section: Section, key: str, default: Any, *, mark: bool, explain: bool = True) -> list[str]:
    """The lines of one setting: what it means, its range, its value; commented out where it is not set."""
    field = type(section).model_fields[key]
    value = getattr(section, key)
    comment = [*_comment(meaning_of(type(section), key)), *_comment(f"Range: {range_of(field)}")] if explain else []
    if value is None:
        return [*comment, f'# {key} = ""  # not set']
    differs = mark and value != default
    return [*comment, f"{key} = {toml_value(value)}" + (f"  # differs: default {toml_value(default)}" * differs)]


def changed_toml(config: Config) -> str:
    """Only the settings that differ from the defaults, as TOML; corpora are left out.

    >>> print(changed_toml(Config().model_copy(update={"model": Config().model.model_copy(update={"cell": "lstm"})})))
    [model]
    cell = "lstm"
    """
    tables = []
    for table in _tables(config, Config(), (), mark=True):
        changed = [lines[-1].split("  # differs")[0] for _, lines in table.entries if "  # differs" in lines[-1]]
        tables += ["\n".join([f"[{table.place}]", *changed])] if changed else []
    return "\n\n".join(tables)


def toml_value(value: str | bool | float) -> str:
    """A value as TOML writes it.

    >>> toml_value("en"), toml_value(True), toml_value(1e-5)
    ('"en"', 'true', '1e-05')
    """
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)]


def _as_comments(lines: list[str]) -> list[str]:
    return [f"# {line}" for line in lines]
