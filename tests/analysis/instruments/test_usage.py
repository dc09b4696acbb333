"""A summary that is constant is reported as unused; one that holds the whole sentence is not."""

import keras
import numpy as np
import pytest
from keras import ops

from seq2seq.analysis.instruments import usage
from seq2seq.analysis.subject import Sentences, Subject
from seq2seq.engine.keras import KerasEngine
from seq2seq.layers.decoder import Decoder
from seq2seq.layers.embedding import Embedding
from seq2seq.model import Seq2Seq
from seq2seq.tokenizer import train_tokenizer
from seq2seq.translator import Translator


class Constant(keras.layers.Layer):
    """An encoder that keeps nothing."""

    size = 8

    def call(self, inputs, lengths, training=False):
        zeros = ops.zeros_like(inputs[:, :, :8])
        return zeros, zeros[:, 0]


class Bag(keras.layers.Layer):
    """An encoder that keeps the mean of the embeddings, the end symbol's among them."""

    size = 8

    def call(self, inputs, lengths, training=False):
        true = ops.cast(ops.arange(ops.shape(inputs)[1]) < lengths[:, None], inputs.dtype)[:, :, None]
        return inputs, ops.sum(inputs * true, axis=1) / ops.cast(lengths[:, None], inputs.dtype)


@pytest.fixture(scope="module")
def pairs(made_up_sentences):
    return made_up_sentences(120)


def subject_with(encoder, pairs):
    sources, references = ([pair[side] for pair in pairs] for side in (0, 1))
    tokenizer = train_tokenizer(sources + references, vocabulary_size=340)
    keras.utils.set_random_seed(1)
    tables = [Embedding(tokenizer.size, 8, name=name) for name in ("source", "target", "output")]
    model = Seq2Seq(
        encoder,
        Decoder("gru", 16, 8),
        source_embedding=tables[0],
        target_embedding=tables[1],
        output_embedding=tables[2],
    )
    model.build()
    return Subject("run", Translator(KerasEngine([model]), (tokenizer, tokenizer)), Sentences(sources, references))


def test_constant_summary_is_called_unused(pairs):
    found = usage.measure(subject_with(Constant(), pairs))
    assert found["gap"]["mean"] == 0
    section = usage.present({"run": found})
    assert "hardly uses h(T)" in section.warnings[0]
    assert not section.findings


def test_attention_that_does_without_h_is_no_alarm(pairs):
    found = usage.measure(subject_with(Constant(), pairs)) | {"attention": True}
    section = usage.present({"run": found})
    assert not section.warnings
    assert "lives on attention, and needs no cure" in section.findings[-1]


def test_summary_that_decides_the_loss_is_called_used(pairs):
    subject = subject_with(Bag(), pairs)
    train_on(subject)
    found = usage.measure(subject)
    losses = found["nats_per_token"]
    assert losses["true"]["mean"] < losses["mean"]["mean"]
    assert losses["true"]["mean"] < losses["another's"]["mean"]
    assert found["gap"]["low"] > 0.1
    section = usage.present({"run": found})
    assert not section.warnings
    assert "nats a token" in section.findings[0]


def train_on(subject):
    from seq2seq.data.batching import Shape, teacher_forcing
    from seq2seq.losses import SmoothedCrossEntropy

    subject.model.compile(keras.optimizers.Adam(0.03), SmoothedCrossEntropy(), jit_compile=False)
    widths = (max(map(len, ids)) + 1 for ids in (subject.source_ids, subject.target_ids))
    pairs = list(zip(subject.source_ids, subject.target_ids, strict=True))
    inputs, out, weights = teacher_forcing(pairs, Shape(len(pairs), *widths))
    for _ in range(150):
        subject.model.train_on_batch(inputs, out, sample_weight=weights)


def test_every_sentence_gets_another_ones_summary():
    order = np.random.default_rng(0).permutation(50)
    another = usage._another(order)
    assert sorted(another) == list(range(50))
    assert (another != np.arange(50)).all()


def test_runs_are_compared_sentence_by_sentence(pairs):
    constant, bag = (usage.measure(subject_with(encoder(), pairs)) for encoder in (Constant, Bag))
    section = usage.present({"a": bag, "b": constant})
    assert section.tables[1].header[-1] == "p against a"
    assert section.tables[1].rows[1][-1]
