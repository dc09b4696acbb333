"""What so many pairs may be expected to give."""

from itertools import pairwise

import pytest

from seq2seq.expectations import FINE_TUNED, FROM_NOTHING, expectation


@pytest.mark.parametrize("fine_tuned", [True, False])
def test_neighbours_in_the_table_are_named(fine_tuned):
    table = FINE_TUNED if fine_tuned else FROM_NOTHING
    for below, above in pairwise(table):
        text = expectation((below.pairs + above.pairs) // 2, fine_tuned=fine_tuned)
        for runs in (below, above):
            assert f"BLEU {runs.least:.0f} to {runs.most:.0f} with {runs.pairs:,} pairs" in text
    assert ("fine-tuned" in text) == fine_tuned


@pytest.mark.parametrize(("pairs", "nearest"), [(10, FROM_NOTHING[0]), (10_000_000, FROM_NOTHING[-1])])
def test_beyond_the_table_its_end_is_named_alone(pairs, nearest):
    text = expectation(pairs, fine_tuned=False)
    assert text.startswith(f"what to expect of {pairs:,} pairs")
    assert text.count("BLEU") == 1
    assert f"with {nearest.pairs:,} pairs" in text


def test_more_pairs_give_more_and_a_parent_helps():
    for table in (FROM_NOTHING, FINE_TUNED):
        for column in zip(*table, strict=True):
            assert list(column) == sorted(column)
    assert all(
        tuned.least > alone.least and tuned.most > alone.most
        for tuned, alone in zip(FINE_TUNED, FROM_NOTHING, strict=True)
    )
