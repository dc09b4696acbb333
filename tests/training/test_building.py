"""What `fit` is called on."""

import numpy as np
import pytest

from seq2seq import backend
from seq2seq.data.corpus import Pair
from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.encoding import encode_pairs
from seq2seq.errors import ConfigError
from seq2seq.settings.config import Training
from seq2seq.training.building import plan_batches
from seq2seq.training.optimizer import Adam, PartwiseAdam


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
