"""The section on the space of summaries, of figures that are made up."""

import pytest

from seq2seq.analysis.instruments.space_section import EXCHANGED, present


def estimate(mean, width=0.1):
    return {"mean": mean, "low": mean - width, "high": mean + width}


@pytest.fixture
def figures():
    """What a run with attention would measure."""
    compared = {"nearest": estimate(60), "any": estimate(20), "p": 0.001}
    pair = {
        "euclidean": estimate(0.5),
        "cosine": estimate(0.4),
        "translated_apart": estimate(0.8),
        "example": ["Tom sees Ann.", "Ann sees Tom."],
        "pairs": 2,
        "by_pair": [0.4, 0.6],
    }
    return {
        "numbers": 8,
        "effective_rank": 4.2,
        "components": [3, 5],
        "most_directions": 8,
        "sentences": 40,
        "dead_units": 1,
        "saturated_units": 2,
        "saturated_share": 0.125,
        "neighbours": {
            "distance": estimate(0.7),
            "pieces_in_common": compared,
            "difference_in_length": compared,
            "examples": [],
        },
        "pairs": {EXCHANGED: pair},
        "between": {},
        "variance_shares": [0.5, 0.3, 0.1, 0.1],
        "map": {"x": [0.0, 1.0], "y": [0.0, 1.0], "lengths": [3, 4], "named": [[0, "Tom sees Ann."]]},
    }


def test_run_that_was_not_measured_is_named_with_the_reason():
    section = present({"run": {"left_out": "fewer than 10 different test sentences"}})
    assert section.findings == ["run: left out: fewer than 10 different test sentences."]
    assert not section.tables + section.pictures


def test_findings_name_the_figures(figures):
    section = present({"run": figures})
    text = " ".join(section.findings)
    assert "the 8 numbers of h(T) vary like 4 independent ones" in text
    assert "1 units are dead, 2 saturated; 12.5 % of all numbers are beyond 0.99" in text
    assert "(Tom sees Ann. / Ann sees Tom.): h(T) moves by 0.50 (0.40 to 0.60)" in text
    assert "the translation changes in 80 % of 2 pairs" in text
    assert "run has attention" in text
    assert not section.warnings
    assert [picture.name for picture in section.pictures] == ["space_map", "space"]


def test_order_that_moves_nothing_is_blindness(figures):
    figures["pairs"][EXCHANGED]["euclidean"] = estimate(0.001, 0.001)
    assert any("it is blind to this order" in text for text in present({"run": figures}).findings)


def test_constant_summary_is_a_warning(figures):
    section = present({"run": figures | {"effective_rank": 0}})
    assert section.warnings == ["run: h(T) is the same for every sentence: it says nothing."]


def test_pairs_of_two_runs_are_compared_where_they_are_the_same(figures):
    other = figures | {"pairs": {EXCHANGED: figures["pairs"][EXCHANGED] | {"by_pair": [0.1, 0.2]}}}
    (table,) = (t for t in present({"a": figures, "b": other}).tables if t.header[-1] == "p against a")
    assert [row[0] for row in table.rows] == ["a", "b"]
    fewer = figures | {"pairs": {EXCHANGED: figures["pairs"][EXCHANGED] | {"by_pair": [0.1]}}}
    assert not [t for t in present({"a": figures, "b": fewer}).tables if t.header[-1] == "p against a"]
