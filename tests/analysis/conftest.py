"""Subjects whose answers are known by construction: vocabularies of whole words, and encoders that keep what we say."""

import keras
import numpy as np
import pytest
from keras import ops

from seq2seq.analysis.subject import Sentences, Subject
from seq2seq.config import Translation
from seq2seq.layers.decoder import Decoder
from seq2seq.layers.embedding import Embedding
from seq2seq.model import Seq2Seq
from seq2seq.symbols import BOS, UNK
from seq2seq.translator import Hypothesis, Translator


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
        translator = Translator([model], (tokenizer, tokenizer), search=search)
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
