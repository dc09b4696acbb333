"""How pictures of the report are drawn."""

import pytest

from seq2seq.analysis.drawing import blank


@pytest.mark.parametrize(("shape", "expected"), [((1, 1), None), ((1, 2), (2,)), ((2, 2), (2, 2)), ((3, 1), (3,))])
def test_panels_stand_below_one_another(shape, expected):
    figure, axes = blank(*shape)
    assert getattr(axes, "shape", None) == expected
    assert len({round(each.get_position().x0, 3) for each in figure.axes}) == 1
    assert figure.get_size_inches()[0] < 6
