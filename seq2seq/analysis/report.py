"""One self-contained page: text, tables and pictures embedded, readable on a phone and in print."""

import base64
import datetime
import re
from collections.abc import Iterable, Sequence
from html import escape
from textwrap import shorten
from typing import NamedTuple

from seq2seq import __version__
from seq2seq.analysis.section import Analysis, Picture, Section, Table
from seq2seq.data.sentences import split_sentences

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.55 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 3rem; border-top: 1px solid #8885; padding-top: 1.5rem; }
nav li { margin: .4rem 0; }
figure { margin: 1.5rem 0; max-width: 46rem; }
img { max-width: 100%; height: auto; background: #fff; border-radius: 4px; }
figcaption, caption, .small { font-size: .875rem; opacity: .8; text-align: left; }
.note { font: .75rem/1.4 ui-monospace, monospace; opacity: .8; overflow-wrap: anywhere; }
p, li, td { overflow-wrap: break-word; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; min-width: 100%; font-variant-numeric: tabular-nums; }
caption { padding-bottom: .3rem; }
th, td { border-bottom: 1px solid #8884; padding: .25rem .6rem; text-align: left; vertical-align: top; }
.warning { border-left: .3rem solid #c33; padding: .5rem .9rem; background: #c331; }
.finding { border-left: .3rem solid #38a; padding: .1rem .9rem; }
details { margin: .8rem 0; } summary { cursor: pointer; }
@media (max-width: 40rem) { body { padding: .6rem; } table { font-size: .8rem; } th, td { padding: .2rem .3rem; } }
@media print { h2, figure, table { break-inside: avoid; } body { max-width: none; } }
"""


_ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")
_SUMMARY = 240  # characters of a line of the summary


class Entry(NamedTuple):
    """An analysis, what it found, and how long it took."""

    analysis: Analysis
    section: Section
    seconds: float


class Frame(NamedTuple):
    """What stands around the sections.

    Attributes:
        runs: what was examined, a row for each run.
        caveats: what bears on all sections.
        remarks: how the page was made, such as what was left out.
    """

    runs: Table
    caveats: Sequence[str] = ()
    remarks: Sequence[str] = ()


def page(entries: Sequence[Entry], frame: Frame, missing: Sequence[Analysis] = ()) -> str:
    """The page as HTML.

    Args:
        entries: the sections, in order.
        frame: what stands around them.
        missing: analyses that are not done yet.
    """
    runs = frame.runs
    names = ", ".join(row[0] for row in runs.rows)
    warnings = [(entry, text) for entry in entries for text in entry.section.warnings]
    lead = (
        "An encoder compresses a sentence into one vector of fixed size, the summary h(T), and a decoder writes the "
        "translation from it. This page shows how much of the sentence survives. Intervals hold 95 % and come from "
        "resampling sentences."
    )
    parts = [
        f"<h1>What h(T) keeps and what it forgets: {escape(names)}</h1>",
        f"<p>{lead}</p>",
        *map(_warning, frame.caveats),
        *(_warning(f"{entry.analysis.title.rstrip('?')}: {text}") for entry, text in warnings),
        *(f'<p class="small">{escape(remark)}</p>' for remark in frame.remarks),
        _table(runs),
        "<nav><ol>",
        *map(_summary, entries),
        *(f"<li>{escape(analysis.title)}: not measured yet.</li>" for analysis in missing),
        "</ol></nav>",
        *(_section(entry) for entry in entries),
        f'<p class="small">seq2seq {__version__}, {datetime.date.today().isoformat()}.</p>',
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(names)}: what h(T) keeps</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _summary(entry: Entry) -> str:
    """A line of the table of contents: the heading, and the first sentence of what was found."""
    first = next(iter([*entry.section.warnings, *entry.section.findings]), "")
    text = shorten(split_sentences(first)[0], _SUMMARY, placeholder=" …")
    return f'<li><a href="#{entry.analysis.name}">{escape(entry.analysis.title)}</a><br>{escape(text)}</li>'


def _section(entry: Entry) -> str:
    analysis, section = entry.analysis, entry.section
    linked = _ARXIV.sub(r'<a href="https://arxiv.org/abs/\1">\g<0></a>', escape(analysis.reference))
    reference = f'<p class="small">{linked} Measured in {entry.seconds:.0f} s.</p>'
    return "\n".join(
        [
            f'<section id="{analysis.name}"><h2>{escape(analysis.title)}</h2>',
            f"<p><strong>{escape(analysis.question)}</strong></p>",
            *(_warning(text) for text in section.warnings),
            *(f'<p class="finding">{escape(text)}</p>' for text in section.findings),
            *(_picture(picture) for picture in section.pictures),
            *(_table(table) for table in section.tables),
            *(f'<p class="note">{escape(text)}</p>' for text in section.notes),
            f"<details open><summary>How to read this</summary><p>{escape(analysis.explanation)}</p>",
            f"{reference}</details></section>",
        ]
    )


def _warning(text: str) -> str:
    return f'<p class="warning" role="alert">{escape(text)}</p>'


def _picture(picture: Picture) -> str:
    content = base64.b64encode(picture.png).decode()
    return (
        f'<figure><img src="data:image/png;base64,{content}" alt="{escape(picture.caption)}">'
        f"<figcaption>{escape(picture.caption)}</figcaption></figure>"
    )


def _table(table: Table) -> str:
    return (
        f'<div class="wide"><table><caption>{escape(table.caption)}</caption><thead>{_row("th", table.header)}</thead>'
        f"<tbody>{''.join(_row('td', row) for row in table.rows)}</tbody></table></div>"
    )


def _row(tag: str, cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"
