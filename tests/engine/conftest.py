"""Networks that are untrained but far from indifferent, and random ids for them."""

import keras
import numpy as np
import pytest

from seq2seq.engine.graphs import write_graphs
from seq2seq.engine.keras import KerasEngine
from seq2seq.engine.network import OnnxNetwork
from seq2seq.engine.onnx import OnnxEngine
from seq2seq.engine.products import Float32, Int8
from seq2seq.export.reading import check_graph
from seq2seq.model_from_settings import build_model
from seq2seq.runs.checkpoint import weights_of
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
            if not variable.name.endswith("gain"):  # with larger gains, rounding grows from step to step
                variable.assign(np.asarray(variable.value) * 3)
        return model

    return make


@pytest.fixture(scope="session")
def as_graphs():
    """A function of a model and its settings: its network on onnxruntime, in float32 or int8."""

    def make(model, kind="float32", **settings):
        products = Int8() if kind == "int8" else Float32()
        graphs = write_graphs(weights_of(model), Model(**SIZES | settings), products)
        for graph in graphs:
            check_graph(graph)  # what is written is taken in when an export is read
        return OnnxNetwork(graphs)

    return make


@pytest.fixture(scope="session")
def engine_of(network, as_graphs):
    """A function of a kind of engine, of seeds and of settings: the engine of these networks."""

    def make(kind, *seeds, **settings):
        models = [network(seed, **settings) for seed in seeds or (5,)]
        if kind == "keras":
            return KerasEngine(models)
        return OnnxEngine([as_graphs(model, kind, **settings) for model in models])

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
