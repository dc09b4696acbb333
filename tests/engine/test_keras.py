"""What only the engine of Keras does."""

import numpy as np
import pytest

from seq2seq.engine import batches
from seq2seq.engine.keras import KerasEngine
from seq2seq.errors import ConfigError
from seq2seq.settings.config import Translation

SEARCH = Translation(beam_size=3, max_length_ratio=1.0, max_length_extra=6)


def test_weights_are_read_at_each_call(engine_of, sources):
    engine = engine_of("keras")

    def results():
        loss = batches.losses(engine, [(sources[0], sources[1])])
        return batches.encode(engine, sources).tolist(), loss, batches.search(engine, sources, SEARCH)

    before, variables = results(), engine.models[0].trainable_variables
    weights = [np.asarray(variable.value) for variable in variables]
    for variable in variables:
        variable.assign(variable.value / 3)
    changed = results()
    for variable, weight in zip(variables, weights, strict=True):
        variable.assign(weight)
    assert all(one != other for one, other in zip(before, changed, strict=True))
    assert results() == before


@pytest.mark.parametrize("models", [[], "run"])
def test_what_are_no_models_is_refused(models):
    with pytest.raises(ConfigError, match=r"models are a list, received .*: give one Seq2Seq or more"):
        KerasEngine(models)
