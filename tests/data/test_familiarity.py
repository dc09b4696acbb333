"""Which sentences are unlike the training sources."""

from itertools import pairwise

import pytest

from seq2seq.data.corpus import Pair
from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.encoding import encode_pairs
from seq2seq.data.familiarity import Familiarity
from seq2seq.phrasebook import phrases
from seq2seq.tokenizer import train_tokenizer

SENTENCES = [phrase.english for phrase in phrases("train", 600, min_words=3, max_words=9)]


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(SENTENCES, vocabulary_size=500)


@pytest.fixture(scope="module")
def learn(tokenizer, tmp_path_factory):
    """A function of sources: what is learned from them."""

    def make(sources):
        path = tmp_path_factory.mktemp("encoded") / "train.arrow"
        pairs = [Pair(text, text, "made up", 1) for text in sources]
        encode_pairs(path, [pairs], (tokenizer, tokenizer), weights=[1.0], max_tokens=(200, 200))
        return Familiarity.from_training(EncodedPairs(path), tokenizer)

    return make


def test_sentences_of_unseen_words_are_strange_and_others_are_not(tokenizer, learn):
    familiarity = learn(SENTENCES)
    held_out = [phrase.english for phrase in phrases("dev", 300, min_words=3, max_words=9)]
    assert sum(map(familiarity.is_strange, tokenizer.encode(held_out))) <= 3
    unlike = ["Quixotic jazz vexed bulky zephyrs.", "Слова другого письма.", "xxqqzzvvkk wwjjxxqq"]
    assert all(map(familiarity.is_strange, tokenizer.encode(unlike)))
    assert not familiarity.is_strange([])
    [ids] = tokenizer.encode(["I eat quixotically."])
    assert familiarity.is_strange(ids)
    assert not familiarity.is_strange(tokenizer.encode(["I eat."])[0])


def test_training_lengths_and_lines_of_several_sentences_are_known(tokenizer, learn):
    familiarity = learn(SENTENCES)
    assert familiarity.longest == max(map(len, tokenizer.encode(SENTENCES)))
    assert familiarity.single
    assert not learn([f"{one} {other}" for one, other in pairwise(SENTENCES)]).single


def test_without_training_sources_only_bytes_are_strange(tokenizer):
    familiarity = Familiarity.of_bytes(tokenizer)
    known, unknown = tokenizer.encode(["xxqqzzvvkk wwjjxxqq", "Слова другого письма."])
    assert not familiarity.is_strange(known)
    assert familiarity.is_strange(unknown)
    assert not familiarity.single
