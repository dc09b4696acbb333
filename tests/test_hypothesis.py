"""The translations of a line's sentences make the translation of the line."""

import pytest

from seq2seq.hypothesis import Hypothesis, join_hypotheses

FIRST = [Hypothesis("Il dort.", -0.5, -2.0, False, (5, 6, 7)), Hypothesis("Elle dort.", -0.7, -2.8, False, (8, 6, 7))]
SECOND = [Hypothesis("Il mange.", -0.25, -1.0, True, (5, 9, 7)), Hypothesis("Il boit.", -0.6, -2.4, False, (5, 4, 7))]


def test_one_sentence_stays_as_it_is():
    assert join_hypotheses([FIRST], 1.0) == FIRST


def test_the_best_joins_the_best_and_the_second_the_second():
    best, second = join_hypotheses([FIRST, SECOND], 1.0)
    assert (best.text, second.text) == ("Il dort. Il mange.", "Elle dort. Il boit.")
    assert best.ids == (5, 6, 7, 5, 9, 7)
    assert (best.cut, second.cut) == (True, False)


@pytest.mark.parametrize("penalty", [0.0, 0.6, 1.0])
def test_log_probabilities_add_up_and_end_symbols_count_in_the_length(penalty):
    best, _ = join_hypotheses([FIRST, SECOND], penalty)
    assert best.log_prob == -3.0
    assert best.score == pytest.approx(-3.0 / 8**penalty)


def test_line_without_sentences_has_no_hypotheses():
    assert join_hypotheses([[], []], 1.0) == []
