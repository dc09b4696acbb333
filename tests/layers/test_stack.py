"""A stack: each layer reads what the one below it returned; a residual one adds it to what it writes."""

import numpy as np
import pytest

from seq2seq.layers.stack import Recurrence, through_stack

LAYERS = [lambda x: (x + 1, "low"), lambda x: (10 * x, "middle"), lambda x: (x - 5, "high")]


def run(layers=LAYERS, **options):
    return through_stack(layers, 1, lambda result: [result[0]], lambda tensors: tensors[0] + 0.5, **options)


def test_each_layer_reads_the_one_below_and_what_is_done_in_between():
    assert run() == ([(2, "low"), (25.0, "middle"), (20.5, "high")], [20.5])


def test_residual_layers_above_the_first_add_what_they_read():
    results, outputs = run(residual=True)
    assert results == [(2, "low"), (25.0, "middle"), (22.5, "high")]  # which reads 2 + 25, and 0.5 of what is between
    assert outputs == [2 + 25.0 + 22.5]


def test_nothing_is_done_before_the_first_layer_or_behind_the_last():
    seen = []
    assert through_stack([lambda x: x * 2], 3, lambda result: [result], seen.append, residual=True) == ([6], [6])
    assert not seen


@pytest.mark.parametrize("variational", [True, False])
def test_variational_dropout_is_the_same_at_every_step_and_not_for_every_sentence(variational):
    dropout = Recurrence(variational_dropout=variational).dropout(0.5)
    kept = np.asarray(dropout(np.ones((4, 6, 9), "float32"), training=True)) != 0
    assert (kept == kept[:, :1]).all() == variational
    assert not (kept == kept[:1]).all()
    assert 0.2 < kept.mean() < 0.8
