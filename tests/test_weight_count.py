import itertools
import math

import pytest

from seq2seq.model_from_settings import build_model
from seq2seq.settings.config import Model
from seq2seq.weight_count import count_weights, misshapen, summary_shape, weight_shapes

SIZES = {"embedding": 4, "encoder_units": 5, "decoder_units": 3}
BASE = [
    {"cell": cell, "direction": direction, "encoder_layers": layers, "decoder_layers": 3 - layers}
    for cell, direction, layers in itertools.product(
        ("rnn", "gru", "lstm"), ("forward", "reversed", "bidirectional"), (1, 2)
    )
]
OPTIONS = [
    {"attention": True},
    {"tied_embeddings": False},
    {"shared_embeddings": True},
    {"shared_embeddings": True, "tied_embeddings": False},
    {"summary_every_step": False},
    {"summary_every_step": False, "attention": True, "cell": "lstm", "decoder_layers": 2},
    {"residual": True, "encoder_layers": 2, "decoder_layers": 2},
    *({"layer_norm": True, "cell": cell} for cell in ("rnn", "gru", "lstm")),
    {"pooling": "slots", "slots": 3, "attention": True},
    {"pooling": "mean", "embedding": 1, "encoder_units": 1, "decoder_units": 1},
]


@pytest.mark.parametrize("change", [*BASE, *OPTIONS], ids=str)
def test_shapes_are_those_of_the_network_that_is_built(change):
    settings = Model(**SIZES | change)
    pieces = (9, 9) if settings.shared_embeddings else (9, 11)
    model = build_model(settings, *pieces)
    assert dict(weight_shapes(settings, *pieces)) == {weight.path: tuple(weight.shape) for weight in model.weights}
    assert count_weights(settings, *pieces) == model.count_params()
    assert math.prod(summary_shape(settings)) == model.encoder.size


def test_first_weight_that_differs_is_named():
    settings = Model(**SIZES)
    shapes = dict(weight_shapes(settings, 9, 11))
    assert misshapen(shapes, settings, 9, 11) is None
    assert misshapen(shapes, settings, 9, 12) == ("seq2seq/target_embedding/table", (12, 4), (11, 4))
    del shapes["seq2seq/decoder/readout/bias"]
    assert misshapen(shapes, settings, 9, 11) == ("seq2seq/decoder/readout/bias", (4,), None)
