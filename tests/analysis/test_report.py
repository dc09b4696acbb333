"""The page: text is escaped, warnings come first, each section says how to read it."""

import pytest

from seq2seq.analysis.finding import Analysis, Curve, Section, Table, comparison_table, draw_curves
from seq2seq.analysis.report import Entry, page
from seq2seq.analysis.statistics import Estimate

ANALYSIS = Analysis("usage", "A <title>", "A question?", "How to read.", "Somebody 2014.", None, None)


@pytest.fixture
def section():
    picture = draw_curves("usage", 'what "it" shows', {"a": Curve([1, 2], [3, 4], [2, 3], [4, 5])}, "x", "y", log=True)
    return Section(["found <5"], ["do not miss"], [Table("a caption", ["run", "n"], [["r & d", "1"]])], [picture])


def test_page_shows_everything_and_escapes_it(section):
    html = page([Entry(ANALYSIS, section, 3.2)], Table("The runs", ["run"], [["a"], ["b"]]))
    for text in (
        "A &lt;title&gt;",
        "found &lt;5",
        "r &amp; d",
        "what &quot;it&quot; shows",
        "How to read.",
        "in 3 s",
        "<h1>What h(T) keeps and what it forgets: a, b",
    ):
        assert text in html
    assert html.index("do not miss") < html.index('<section id="usage">')


def test_comparison_table_has_a_p_value_for_all_but_the_first():
    values = {"a": Estimate(1.0, 0.5, 1.5), "b": Estimate(2.0, 1.5, 2.5)}
    table = comparison_table("caption", "nats", values, {"b": 0.004})
    assert table.rows == [["a", "1 (0.5 to 1.5)", ""], ["b", "2 (1.5 to 2.5)", "0.004"]]
    assert len(comparison_table("caption", "nats", {"a": values["a"]}, {}).header) == 2
