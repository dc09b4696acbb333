"""A stack: each layer reads what the one below it returned."""

from seq2seq.layers.stack import through_stack


def test_each_layer_reads_the_one_below_and_what_is_done_in_between():
    layers = [lambda x: (x + 1, "low"), lambda x: (10 * x, "middle"), lambda x: (x - 5, "high")]
    results = through_stack(layers, 1, lambda result: result[0] + 0.5)
    assert results == [(2, "low"), (25.0, "middle"), (20.5, "high")]


def test_nothing_is_done_before_the_first_layer_or_behind_the_last():
    seen = []
    assert through_stack([lambda x: x * 2], 3, seen.append) == [6]
    assert not seen
