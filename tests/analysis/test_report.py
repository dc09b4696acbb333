"""The page: text is escaped, warnings come first, each section says how to read it."""

import pytest

from seq2seq.analysis.drawing import Curve, draw_curves
from seq2seq.analysis.report import Entry, Frame, page
from seq2seq.analysis.section import Analysis, Section, Table

ANALYSIS = Analysis(
    "usage", "A <title>", "A question?", "How to read.", "Somebody 2014 (arXiv:1409.3215).", None, None, 1.0
)
FRAME = Frame(Table("The runs", ["run"], [["a"], ["b"]]), ["bears on all"], ["a remark"])


@pytest.fixture
def section():
    picture = draw_curves("usage", 'what "it" shows', {"a": Curve([1, 2], [3, 4], [2, 3], [4, 5])}, "x", "y", log=True)
    table = Table("a caption", ["run", "n"], [["r & d", "1"]])
    return Section(["found <5. And more."], ["do not miss"], ["tok:13a"], [table], [picture])


def test_page_shows_everything_and_escapes_it(section):
    html = page([Entry(ANALYSIS, section, 3.2)], FRAME)
    for text in (
        "A &lt;title&gt;",
        "found &lt;5",
        "r &amp; d",
        "what &quot;it&quot; shows",
        "How to read.",
        "bears on all",
        "a remark",
        '<p class="note">tok:13a</p>',
        '<a href="https://arxiv.org/abs/1409.3215">arXiv:1409.3215</a>',
        "in 3 s",
        "<h1>What h(T) keeps and what it forgets: a, b",
    ):
        assert text in html
    assert html.index("do not miss") < html.index('<section id="usage">')


def test_contents_are_the_headings_with_a_line_each_and_what_is_missing(section):
    section.warnings.clear()
    other = ANALYSIS._replace(name="capacity", title="Another title")
    contents = page([Entry(ANALYSIS, section, 3.2)], FRAME, [other]).split("<nav>")[1].split("</nav>")[0]
    assert '<li><a href="#usage">A &lt;title&gt;</a><br>found &lt;5.</li>' in contents
    assert "<li>Another title: not measured yet.</li>" in contents
