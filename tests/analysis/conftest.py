"""Models whose summaries are known by construction."""

import keras
import numpy as np
import pytest
from keras import ops

from seq2seq.analysis.english import dated
from seq2seq.analysis.subject import Sentences, Subject
from seq2seq.config import Model, Translation
from seq2seq.data.phrasebook import phrases
from seq2seq.layers.decoder import Decoder
from seq2seq.layers.embedding import Embedding
from seq2seq.model import Seq2Seq
from seq2seq.network import build_model
from seq2seq.tokenizer import train_tokenizer
from seq2seq.translator import Translator

_EMBEDDING = 48


class SumOfWords(keras.layers.Layer):
    """Blind to order: h(T) is the sum of the true tokens' vectors."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.size = _EMBEDDING

    def build(self, input_shape):
        self.built = True

    def call(self, inputs, lengths, training=False):
        true = ops.cast(ops.arange(ops.shape(inputs)[1]) < lengths[:, None], inputs.dtype)
        return inputs, ops.sum(inputs * true[:, :, None], axis=1)


class LastWords(SumOfWords):
    """Keeps the vectors of the last k tokens (before the end symbol) and forgets all others."""

    def __init__(self, k, **kwargs):
        super().__init__(**kwargs)
        self.k, self.size = k, k * _EMBEDDING

    def call(self, inputs, lengths, training=False):
        rows, width = ops.shape(inputs)[0], ops.shape(inputs)[1]
        flat = ops.reshape(inputs, (-1, _EMBEDDING))
        steps = [ops.maximum(lengths - 2 - back, 0) + width * ops.arange(rows) for back in range(self.k)]
        return inputs, ops.concatenate([ops.take(flat, step, axis=0) for step in steps], axis=-1)


class Constant(SumOfWords):
    """Says nothing."""

    def call(self, inputs, lengths, training=False):
        return inputs, ops.zeros_like(inputs[:, 0])


_ENCODERS = {"sum of words": SumOfWords, "last three words": lambda: LastWords(3), "constant": Constant}


@pytest.fixture(scope="session")
def phrasebook_tokenizers():
    """Of phrasebook text that names many years, so that each year of the probes is one piece or a few."""
    pairs = [(pair.english, pair.french) for pair in phrases("train", 600, min_words=3, max_words=9)]
    texts = [text for each in dated(600) for text in (each.first, each.last)]
    sources, targets = (list(side) for side in zip(*pairs, strict=True))
    return tuple(train_tokenizer(side, vocabulary_size=700) for side in (sources + texts, targets))


@pytest.fixture(scope="session")
def ordinary(phrasebook_tokenizers, phrasebook_sentences):
    """A function of settings: a subject with an untrained network of these settings, which it knows."""

    def make(name="run", count=120, language="en", **settings):
        settings = Model(**{"embedding": 8, "encoder_units": 8, "decoder_units": 8} | settings)
        keras.utils.set_random_seed(6)
        model = build_model(settings, *(tokenizer.size for tokenizer in phrasebook_tokenizers))
        translator = Translator([model], phrasebook_tokenizers, search=Translation(beam_size=1))
        known = {"settings": settings, "source_language": language}
        return Subject(name, translator, phrasebook_sentences(count), **known)

    return make


@pytest.fixture(scope="session")
def constructed(phrasebook_tokenizers, phrasebook_sentences):
    """A function of an encoder's name: a subject that reads with it, over known source vectors."""

    def make(encoder, count=200, **subject):
        keras.utils.set_random_seed(3)
        tables = [Embedding(tokenizer.size, _EMBEDDING) for tokenizer in phrasebook_tokenizers]
        decoder = Decoder("gru", 12, _EMBEDDING)
        parts = {"source_embedding": tables[0], "target_embedding": tables[1], "output_embedding": tables[1]}
        model = Seq2Seq(_ENCODERS[encoder](), decoder, **parts)
        model.build()
        tables[0].table.assign(_known_vectors(phrasebook_tokenizers[0]))
        translator = Translator([model], phrasebook_tokenizers, search=Translation(beam_size=1))
        return Subject("made up", translator, phrasebook_sentences(count), **{"source_language": "en"} | subject)

    return make


@pytest.fixture(scope="session")
def phrasebook_sentences():
    """A function of a count: a test set of the phrasebook."""

    def make(count):
        pairs = list(phrases("dev", count, min_words=3, max_words=9))
        return Sentences([pair.english for pair in pairs], [pair.french for pair in pairs])

    return make


def _known_vectors(tokenizer):
    """Each piece's vector: a one, the digits that it has, and chance."""
    vectors = np.random.default_rng(4).normal(size=(tokenizer.size, _EMBEDDING))
    vectors[:, 0] = 1
    for index, piece in enumerate(tokenizer.pieces):
        vectors[index, 1:11] = [0.0 if tokenizer.is_byte(index) else piece.count(digit) for digit in "0123456789"]
    return vectors
