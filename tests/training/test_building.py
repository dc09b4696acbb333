"""What `fit` is called on."""

import keras
import numpy as np
import pytest
from keras import ops

from seq2seq import backend
from seq2seq.data.corpus import Pair
from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.encoding import encode_pairs
from seq2seq.errors import ConfigError
from seq2seq.settings.config import Training
from seq2seq.training.building import plan_batches
from seq2seq.training.optimizer import SGD, Adam, PartwiseAdam, PartwiseSGD


@pytest.fixture
def pairs(tmp_path):
    """A function of a weight: 100 encoded pairs that are drawn with it."""

    class Letters:
        def encode(self, texts):
            return [[4 + ord(letter) % 20 for letter in text] for text in texts]

    def make(weight=1.0):
        corpus = [Pair("a" * (1 + number % 40), "b" * (1 + number % 37), "made up", number) for number in range(100)]
        encode_pairs(tmp_path / "train.arrow", [corpus], (Letters(), Letters()), weights=[weight], max_tokens=(99, 99))
        return EncodedPairs(tmp_path / "train.arrow")

    return make


def test_batches_follow_the_settings(pairs):
    batches = plan_batches(pairs(), Training(batch_tokens=256, seed=3))
    assert sorted(index for planned in batches.plan(0) for index in planned.pairs) == list(range(100))
    for rows, _, width in (planned.shape for planned in batches.plan(0)):
        assert rows == 8 or rows * width <= 256
    assert batches.order(0) != plan_batches(pairs(), Training(batch_tokens=256, seed=4)).order(0)


def test_shapes_are_few_where_each_is_compiled(pairs, monkeypatch):
    monkeypatch.setattr(backend, "wants_few_shapes", lambda: True)
    assert len(plan_batches(pairs(), Training(batch_tokens=64)).shapes) <= 12


def test_epoch_without_a_pair_is_refused(pairs):
    with pytest.raises(ConfigError, match=r"an epoch draws no pair at all: raise the weights of data\.train"):
        plan_batches(pairs(1e-6), Training())


def test_network_has_the_sizes_of_its_vocabularies_and_the_optimiser_of_its_settings(small_network):
    model = small_network()
    assert model.source_embedding.table.shape[0] == 30
    assert model.output_bias.shape == (20,)
    assert type(model.optimizer) is Adam
    assert np.isfinite(float(model.optimizer.learning_rate))


def test_frozen_part_is_not_trained(small_network):
    model = small_network(finetune={"rates": {"encoder": 0.0}})
    assert isinstance(model.optimizer, PartwiseAdam)
    assert not any("encoder" in variable.path for variable in model.trainable_variables)
    assert any("decoder" in variable.path for variable in model.trainable_variables)


def test_batch_has_no_more_pairs_than_the_settings_allow(pairs):
    batches = plan_batches(pairs(), Training(batch_tokens=4096, batch_sentences=16))
    assert {planned.shape.rows for planned in batches.plan(0)} <= {8, 16}


def test_weights_begin_uniform_within_the_range_and_follow_the_seed(small_network):
    def drawn(seed):
        keras.utils.set_random_seed(seed)
        model = small_network(training={"initial_range": 0.08})
        return np.concatenate([weight.numpy().ravel() for weight in model.trainable_variables])

    weights = drawn(1)
    assert np.abs(weights).max() <= 0.08
    assert weights.std() == pytest.approx(0.08 / np.sqrt(3), rel=0.1)
    assert np.array_equal(weights, drawn(1))
    assert not np.array_equal(weights, drawn(2))


@pytest.mark.parametrize(("rates", "kind"), [({}, SGD), ({"decoder": 0.1}, PartwiseSGD)])
def test_gradient_descent_moves_weights_along_the_gradient_alone(small_network, rates, kind):
    training = {"optimizer": "sgd", "learning_rate": 0.5, "warmup_steps": 0, "decay": "constant", "clip_norm": 0.0}
    model = small_network(training=training, finetune={"rates": rates})
    assert isinstance(model.optimizer, kind)
    weights = model.trainable_variables
    before = [weight.numpy() for weight in weights]
    model.optimizer.apply([ops.ones_like(weight) for weight in weights], weights)
    for weight, start in zip(weights, before, strict=True):
        factor = rates.get("decoder", 1.0) if "/decoder/" in weight.path else 1.0
        assert weight.numpy() == pytest.approx(start - 0.5 * factor, abs=1e-6)
