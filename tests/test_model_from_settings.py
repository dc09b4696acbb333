import pytest

from seq2seq.model_from_settings import build_model
from seq2seq.settings.config import Model

SMALL = {"embedding": 6, "encoder_units": 5, "decoder_units": 7}


@pytest.mark.parametrize(("direction", "size"), [("forward", 5), ("reversed", 5), ("bidirectional", 10)])
def test_summary_has_the_units_of_every_direction(direction, size):
    assert build_model(Model(**SMALL, direction=direction), 9, 9).encoder.size == size


def test_layers_and_dropout_follow_the_settings():
    settings = Model(**SMALL, encoder_layers=2, decoder_layers=3, input_dropout=0.1, output_dropout=0.4)
    model = build_model(settings, 9, 9)
    assert (len(model.encoder.stack), len(model.decoder.stack)) == (2, 3)
    assert (model.encoder.dropout.rate, model.decoder.output_dropout.rate) == (0.1, 0.4)


def test_weights_have_names_of_their_own():
    names = [weight.path for weight in build_model(Model(**SMALL, encoder_layers=2), 9, 9).trainable_variables]
    assert len(names) == len(set(names))
