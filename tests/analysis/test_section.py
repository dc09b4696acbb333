"""What a section says of figures, and of what is no number."""

import pytest

from seq2seq.analysis.section import Section, Table, comparison_table, known
from seq2seq.analysis.statistics import Estimate


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


def test_comparison_table_has_a_p_value_for_all_but_the_first():
    values = {"a": Estimate(1.0, 0.5, 1.5), "b": Estimate(2.0, 1.5, 2.5)}
    table = comparison_table("caption", "nats", values, {"b": 0.004})
    assert table.rows == [["a", "1 (0.5 to 1.5)", ""], ["b", "2 (1.5 to 2.5)", "0.004"]]
    assert len(comparison_table("caption", "nats", {"a": values["a"]}, {}).header) == 2
