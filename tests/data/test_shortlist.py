import numpy as np
import pytest

from seq2seq.data.corpus import Pair
from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.encoding import encode_pairs
from seq2seq.data.shortlist import learn_shortlist
from seq2seq.symbols import BOS, EOS, PAD, UNK

ARTICLE = 59  # a target piece in every sentence


class Ids:
    """Stands in for a tokenizer: the text is the ids."""

    @staticmethod
    def encode(texts):
        return [[int(number) for number in text.split()] for text in texts]


def encoded(folder, pairs):
    texts = [Pair(*(" ".join(map(str, side)) for side in pair), "made up", 1) for pair in pairs]
    encode_pairs(folder / "train.arrow", [texts], (Ids(), Ids()), weights=[1.0], max_tokens=(50, 50))
    return EncodedPairs(folder / "train.arrow")


@pytest.fixture
def shortlist(tmp_path):
    """Learned from sentences whose words are translated one by one, 10 + i to 30 + i, in any order, with an article."""
    draw = np.random.default_rng(1)
    sources = [draw.choice(np.arange(10, 28), 6, replace=False) for _ in range(400)]
    pairs = [(source.tolist(), draw.permutation([ARTICLE, *(source + 20)]).tolist()) for source in sources]
    return learn_shortlist(encoded(tmp_path, pairs), 40, 60)


def test_translations_of_words_are_learned_from_whole_sentences(shortlist):
    assert shortlist.likeliest[10:28, 0].tolist() == list(range(30, 48))
    assert shortlist.frequent[0] == ARTICLE


def test_pieces_that_never_occur_have_no_candidates(shortlist):
    assert (shortlist.likeliest[28:] == PAD).all()


def test_candidates_are_sorted_and_hold_what_every_sentence_may_need(shortlist):
    one, two = shortlist.candidates([[10, 11], [27]], 1)
    assert one.tolist() == sorted([PAD, BOS, EOS, UNK, 30, 31, ARTICLE])
    assert two.tolist() == sorted([PAD, BOS, EOS, UNK, 47, ARTICLE])


def test_more_candidates_hold_the_fewer(shortlist):
    (few,), (many,) = (shortlist.candidates([[10, 15]], each) for each in (2, 5))
    assert set(few) < set(many)


def test_empty_sides_teach_nothing_and_break_nothing(tmp_path):
    learned = learn_shortlist(encoded(tmp_path, [([], [5]), ([4], []), ([6], [7])]), 9, 9)
    assert learned.likeliest[6, 0] == 7
    assert (np.delete(learned.likeliest, 6, axis=0) == PAD).all()
