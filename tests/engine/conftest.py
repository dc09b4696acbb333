"""Networks that are untrained but far from indifferent, and random ids for them."""

import keras
import numpy as np
import pytest

from seq2seq.model_from_settings import build_model
from seq2seq.settings.config import Model
from seq2seq.symbols import UNK

PIECES = 40
SIZES = {"embedding": 8, "encoder_units": 8, "decoder_units": 8}


@pytest.fixture(scope="session")
def network():
    """A function of a seed and of settings: larger weights than usual make each source's translation its own."""

    def make(seed=5, **settings):
        keras.utils.set_random_seed(seed)
        model = build_model(Model(**SIZES | settings), PIECES, PIECES)
        for variable in model.trainable_variables:
            variable.assign(np.asarray(variable.value) * 3)
        return model

    return make


@pytest.fixture(scope="session")
def random_ids():
    """A function of how many, and of a seed: ids of 3 to 12 pieces of text."""

    def make(count, seed=0):
        random = np.random.default_rng(seed)
        return [random.integers(UNK + 1, PIECES, random.integers(3, 13)).tolist() for _ in range(count)]

    return make


@pytest.fixture(scope="session")
def sources(random_ids):
    return random_ids(12)
