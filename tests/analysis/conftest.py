"""Subjects whose answers are known by construction: vocabularies of whole words, and encoders that keep what we say."""

import keras
import numpy as np
import pytest
from keras import ops

from seq2seq.analysis.english import dated
from seq2seq.analysis.subject import Sentences, Subject
from seq2seq.engine.keras import KerasEngine
from seq2seq.hypothesis import Hypothesis
from seq2seq.layers.decoder import Decoder
from seq2seq.layers.embedding import Embedding
from seq2seq.model import Seq2Seq
from seq2seq.model_from_settings import build_model
from seq2seq.phrasebook import phrases
from seq2seq.settings.config import Config, Data, Model, Translation
from seq2seq.symbols import BOS, UNK
from seq2seq.tokenizer import train_tokenizer
from seq2seq.translator import Translator


class WholeWords:
    """A tokenizer with a piece for each of a few words: ids are places in the list."""

    def __init__(self, words):
        self.pieces = ["<pad>", "<s>", "</s>", "<unk>", *(f"\u2581{word}" for word in words)]
        self.size = len(self.pieces)
        self._ids = {piece[1:]: index for index, piece in enumerate(self.pieces) if index > UNK}

    def encode(self, texts):
        return [[self._ids.get(word, UNK) for word in text.split()] for text in texts]

    def decode(self, ids):
        return " ".join(self.pieces[index][1:] for index in ids if index > UNK)

    def start_of(self, language):
        return BOS

    def is_byte(self, index):
        return False


class KeepsLast(keras.layers.Layer):
    """An encoder that keeps the embeddings of the last k tokens before the end symbol, side by side, and no others.

    With `reverse` it keeps those of the first k.
    """

    def __init__(self, kept, embedding, reverse=False, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.kept, self.size, self.reverse = kept, kept * embedding, reverse

    def call(self, inputs, lengths, training=False):
        steps = ops.arange(ops.shape(inputs)[1])
        parts = []
        for back in range(1, self.kept + 1):
            wanted = back - 1 + 0 * lengths if self.reverse else lengths - 1 - back
            here = (steps[None, :] == wanted[:, None]) & (wanted < lengths - 1)[:, None]
            parts.append(ops.sum(ops.where(here[:, :, None], inputs, 0.0), axis=1))
        return inputs, ops.concatenate(parts, axis=-1)


@pytest.fixture(scope="session")
def whole_words():
    """A function of a count: a tokenizer of so many words, w0 to w(count - 1)."""
    return lambda count: WholeWords([f"w{index}" for index in range(count)])


@pytest.fixture(scope="session")
def forgetful():
    """A function of a tokenizer and k: a network whose h(T) is the last (or first) k tokens, with random weights."""

    def make(tokenizer, kept, reverse=False, units=16):
        keras.utils.set_random_seed(1)
        source, target, output = (Embedding(tokenizer.size, units) for _ in range(3))
        model = Seq2Seq(
            KeepsLast(kept, units, reverse),
            Decoder("gru", units, units),
            source_embedding=source,
            target_embedding=target,
            output_embedding=output,
        )
        model.build()
        return model

    return make


@pytest.fixture(scope="session")
def examined():
    """A function of a network, a tokenizer of both sides, sources and references: the subject.

    With `found`, these texts pass for its translations: the search is saved.
    """

    def make(model, tokenizer, sources, references, training=None, found=None):
        search = Translation(beam_size=1, max_length_ratio=1.0, max_length_extra=4)
        translator = Translator(KerasEngine([model]), (tokenizer, tokenizer), search=search)
        subject = Subject("run", translator, Sentences(list(sources), list(references)), training)
        if found is not None:
            ids = map(tuple, tokenizer.encode(found))
            subject.found = [Hypothesis(text, 0.0, 0.0, False, own) for text, own in zip(found, ids, strict=True)]
        return subject

    return make


@pytest.fixture(scope="session")
def random_texts():
    """A function of how many, how long (from, to), a tokenizer and a seed: texts of random words, none twice."""

    def make(count, lengths, tokenizer, seed=0):
        random = np.random.default_rng(seed)
        sizes = random.integers(lengths[0], lengths[1] + 1, count)
        words = np.arange(UNK + 1, tokenizer.size)
        return [tokenizer.decode(random.choice(words, size, replace=False)) for size in sizes]

    return make


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
        translator = Translator(KerasEngine([model]), phrasebook_tokenizers, search=Translation(beam_size=1))
        config = Config(model=settings, data=Data(source_language=language))
        return Subject(name, translator, phrasebook_sentences(count), config=config)

    return make


@pytest.fixture(scope="session")
def constructed(phrasebook_tokenizers, phrasebook_sentences):
    """A function of an encoder's name: a subject that reads with it, over known source vectors."""

    def make(encoder, count=200, source_language="en"):
        keras.utils.set_random_seed(3)
        tables = [Embedding(tokenizer.size, _EMBEDDING) for tokenizer in phrasebook_tokenizers]
        decoder = Decoder("gru", 12, _EMBEDDING)
        parts = {"source_embedding": tables[0], "target_embedding": tables[1], "output_embedding": tables[1]}
        model = Seq2Seq(_ENCODERS[encoder](), decoder, **parts)
        model.build()
        tables[0].table.assign(_known_vectors(phrasebook_tokenizers[0]))
        translator = Translator(KerasEngine([model]), phrasebook_tokenizers, search=Translation(beam_size=1))
        config = Config(data=Data(source_language=source_language))
        subject = Subject("made up", translator, phrasebook_sentences(count), config=config)
        subject.untrained = None  # no settings make such an encoder
        return subject

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
