"""The gradients that training would clip."""

import keras
import numpy as np
import pytest

from seq2seq.analysis.clipping import clipping
from seq2seq.data.batching import Batches
from seq2seq.data.corpus import Pair
from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.encoding import encode_pairs
from seq2seq.losses import SmoothedCrossEntropy
from seq2seq.phrasebook import phrases
from seq2seq.settings.config import Config, Data, Training

MADE_UP = Data.model_validate({"train": [{"path": "made up.tsv"}]})


@pytest.fixture
def pairs(tmp_path, phrasebook_tokenizers):
    """60 encoded training pairs."""
    texts = [(pair.english, pair.french) for pair in phrases("train", 60, min_words=3, max_words=9)]
    corpus = [Pair(source, target, "made up", line) for line, (source, target) in enumerate(texts)]
    encode_pairs(tmp_path / "train.arrow", [corpus], phrasebook_tokenizers, weights=[1.0], max_tokens=(50, 50))
    return EncodedPairs(tmp_path / "train.arrow")


def test_clipping_measures_the_gradient_that_training_would_take(ordinary, pairs):
    subject = ordinary(count=5, input_dropout=0.0, output_dropout=0.0)
    subject.training = pairs
    model = subject.model

    def share(clip_norm):
        subject.config = Config(
            data=MADE_UP, training=Training(clip_norm=clip_norm, batch_tokens=4000, label_smoothing=0.1)
        )
        return clipping(subject)

    norms = share(1e-3)["norms"]
    assert [share(each)["share"] for each in (0.9 * min(norms), 1.1 * max(norms))] == [1, 0]
    before = [np.asarray(weight.value) for weight in model.trainable_variables]
    model.compile(keras.optimizers.SGD(0.01), SmoothedCrossEntropy(0.1), jit_compile=False)
    inputs, target_out, weights = next(Batches(pairs, batch_tokens=4000, seed=1).epoch(0))
    model.train_on_batch(inputs, target_out, sample_weight=weights)
    moved = sum(np.sum((np.asarray(w.value) - b) ** 2) for w, b in zip(model.trainable_variables, before, strict=True))
    assert norms[0] == pytest.approx(moved**0.5 / 0.01, rel=1e-3)


def test_clipping_is_repeatable_with_dropout_and_left_out_where_it_is_not_known(ordinary, pairs):
    subject = ordinary(count=5, input_dropout=0.5, word_dropout=0.3)
    model = subject.model
    subject.training = pairs
    subject.config = config = Config(data=MADE_UP, training=Training(batch_tokens=400))
    seeds = [np.asarray(variable.value) for variable in model.non_trainable_variables]
    first, second = clipping(subject), clipping(subject)
    assert first == second
    assert len(first["norms"]) > 1
    for variable, before in zip(model.non_trainable_variables, seeds, strict=True):
        np.testing.assert_array_equal(variable.value, before)
    frozen = Config.model_validate({"finetune": {"rates": {"encoder": 0.0}}})
    unclipped = Config.model_validate({"training": {"clip_norm": 0.0}})
    for other in (None, frozen, unclipped):
        subject.config = other
        assert clipping(subject) is None
    subject.config = config
    subject.training = None
    assert clipping(subject) is None
