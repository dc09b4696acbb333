"""What an instrument gives: figures of each run, and a section of the report over all of them."""

import csv
import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from seq2seq.analysis.statistics import Estimate

if TYPE_CHECKING:
    from seq2seq.analysis.subject import Subject

Figures = dict[str, Any]  # plain numbers, strings, lists and dictionaries: what JSON can hold
_NO_NUMBER = r"[+-]?(?:nan|inf)\b(?: %)?"
_NO_INTERVAL = re.compile(rf" \((?:{_NO_NUMBER} to [^()]*|[^()]* to {_NO_NUMBER})\)")
_UNKNOWN = re.compile(rf"(?<![\w.,-]){_NO_NUMBER}(?: \(unknown\))?")


class Table(NamedTuple):
    """A caption, a header, and rows of text."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def csv(self) -> bytes:
        """The header and the rows as CSV (UTF-8, commas), for a spreadsheet."""
        stream = io.StringIO(newline="")
        csv.writer(stream, lineterminator="\n").writerows([self.header, *self.rows])
        return stream.getvalue().encode()


class Picture(NamedTuple):
    """A picture in two formats, with the name of its files, and what it shows in words."""

    name: str
    caption: str
    png: bytes
    svg: bytes = b""


@dataclass
class Section:
    """What the report says about one question.

    Attributes:
        findings: sentences that state what was found, the most important first.
        warnings: what a reader must not miss.
        notes: what the figures depend on, such as the signatures of scores; set small.
        tables, pictures: in the order of the page.
    """

    findings: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)

    def with_unknowns(self) -> "Section":
        """The same section, which says "unknown" where a figure is no number."""
        return Section(
            [known(text) for text in self.findings],
            [known(text) for text in self.warnings],
            self.notes,
            [table._replace(rows=[[_known_cell(cell) for cell in row] for row in table.rows]) for table in self.tables],
            self.pictures,
        )


def known(text: str) -> str:
    """A sentence with "unknown" for what is no number.

    >>> known("a ratio of nan (nan to inf), and 0.50 (nan to nan)")
    'a ratio of unknown, and 0.50 (interval unknown)'
    """
    text = _NO_INTERVAL.sub(" (interval unknown)", text)
    return re.sub(r"unknown \(interval unknown\)", "unknown", _UNKNOWN.sub("unknown", text))


def _known_cell(text: str) -> str:
    """Likewise of a table's cell, where it holds a figure and no example of a sentence."""
    figure = re.fullmatch(r"[+-]?(?:nan|inf|[\d.,]+)(?: %)?(?: \(.*\))?", text)
    return known(text) if figure else text


class Analysis(NamedTuple):
    """An instrument.

    Attributes:
        name: what a user calls the instrument, one of `seq2seq.analysis.instruments.NAMES`.
        title, question: the section's heading, and the question below it that the instrument answers.
        explanation: how to read the figures, for somebody who sees them for the first time.
        reference: the work that the measure comes from.
        measure: the figures of one run.
        present: the figures of all runs, by name, to a section.
        seconds: the time for 1,000 sentences of the phrasebook on two cores; the progress bar goes by it.
    """

    name: str
    title: str
    question: str
    explanation: str
    reference: str
    measure: Callable[["Subject"], Figures]
    present: Callable[[Mapping[str, Figures]], Section]
    seconds: float


def comparison_table(caption: str, what: str, values: Mapping[str, Estimate], against: Mapping[str, float]) -> Table:
    """A row for each run: its estimate, and the p-value of its difference from the first run.

    Args:
        caption: the text above the table.
        what: the quantity, with its unit.
        values: the estimate of each run.
        against: p-values, of all runs but the first; empty for one run.
    """
    rows = [[name, str(value), _p(against.get(name))] for name, value in values.items()]
    if not against:
        return Table(caption, ["run", f"{what} (95 % interval)"], [row[:2] for row in rows])
    return Table(caption, ["run", f"{what} (95 % interval)", f"p against {next(iter(values))}"], rows)


def interval(value: Mapping[str, float], digits: int = 2, scale: float = 1.0) -> str:
    """A mean and its interval, as figures keep them, in words: 0.73 (0.58 to 0.87)."""
    if not math.isfinite(value["mean"]):
        return "unknown"
    mean, low, high = (f"{scale * value[key]:.{digits}f}" for key in ("mean", "low", "high"))
    return known(f"{mean} ({low} to {high})")


def percent(value: Mapping[str, float], digits: int = 0) -> str:
    """A share and its interval: 61 % (59 to 62)."""
    return interval(value, digits, 100).replace(" (", " % (", 1)


def _p(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
