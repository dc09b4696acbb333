"""The page: text is escaped, warnings come first, each section says how to read it."""

import pytest

from seq2seq.analysis.drawing import Curve, blank, draw_curves
from seq2seq.analysis.report import Entry, Frame, page
from seq2seq.analysis.section import Analysis, Section, Table, comparison_table, known
from seq2seq.analysis.statistics import Estimate

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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nan", "unknown"),
        ("nan %", "unknown"),
        ("+nan points (+nan to +inf)", "unknown points (interval unknown)"),
        ("0.50 (nan to nan)", "0.50 (interval unknown)"),
        ("nan (nan to nan), and inf times", "unknown, and unknown times"),
        ("a banana and information, in nanoseconds", "a banana and information, in nanoseconds"),
    ],
)
def test_what_is_no_number_is_unknown(text, expected):
    assert known(text) == expected


def test_cell_that_holds_a_sentence_stays_as_it_is():
    section = Section(tables=[Table("", ["", ""], [["nan", "nan and dal"], ["61 % (nan to nan)", "inf"]])])
    assert section.with_unknowns().tables[0].rows == [
        ["unknown", "nan and dal"],
        ["61 % (interval unknown)", "unknown"],
    ]


@pytest.mark.parametrize(("shape", "expected"), [((1, 1), None), ((1, 2), (2,)), ((2, 2), (2, 2)), ((3, 1), (3,))])
def test_panels_stand_below_one_another(shape, expected):
    figure, axes = blank(*shape)
    assert getattr(axes, "shape", None) == expected
    assert len({round(each.get_position().x0, 3) for each in figure.axes}) == 1
    assert figure.get_size_inches()[0] < 6


def test_comparison_table_has_a_p_value_for_all_but_the_first():
    values = {"a": Estimate(1.0, 0.5, 1.5), "b": Estimate(2.0, 1.5, 2.5)}
    table = comparison_table("caption", "nats", values, {"b": 0.004})
    assert table.rows == [["a", "1 (0.5 to 1.5)", ""], ["b", "2 (1.5 to 2.5)", "0.004"]]
    assert len(comparison_table("caption", "nats", {"a": values["a"]}, {}).header) == 2
