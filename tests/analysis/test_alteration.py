"""Source tokens that are altered one at a time."""

import numpy as np

from seq2seq.analysis import alteration


def test_altering_leaves_the_other_tokens_and_never_draws_the_same():
    draw = alteration._drawn_tokens(np.array([5, 5, 5, 6]))
    assert {draw(5) for _ in range(20)} == {6}
    assert {draw(6) for _ in range(20)} == {5}
    assert alteration._drawn_tokens(np.array([5, 5]))(5) == 3  # nothing else to draw: the unknown piece
