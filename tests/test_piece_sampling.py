"""Cuts at random: as probable as the model says, and the same ones for the same seed wherever they are drawn."""

import subprocess
import sys
from collections import Counter
from itertools import islice

import numpy as np
import pytest

from seq2seq import piece_sampling
from seq2seq.piece_sampling import BpeCuts, UnigramCuts, Vocabulary, sampled
from seq2seq.tokenizer import train_tokenizer

PIECES = {"a": (4, -2.0), "b": (5, -3.0), "c": (6, -4.0), "ab": (7, -2.5), "bc": (8, -3.5), "abc": (9, -5.0)}
CUTS_OF_ABC = [("a", "b", "c"), ("ab", "c"), ("a", "bc"), ("abc",)]


def vocabulary():
    return Vocabulary(PIECES, lambda character: [100 + byte for byte in character.encode()])


@pytest.fixture(scope="module")
def trained(made_up_sentences):
    """A function of a model: a vocabulary of it, and the text that it learned from."""
    texts = [text for pair in made_up_sentences(200) for text in pair]
    made = {model: train_tokenizer(texts, vocabulary_size=345, model=model) for model in ("unigram", "bpe")}
    return lambda model: (made[model], texts)


@pytest.mark.parametrize("strength", [0.2, 1.0])
def test_unigram_cuts_are_as_probable_as_their_pieces(strength):
    weights = np.exp([strength * sum(PIECES[piece][1] for piece in cut) for cut in CUTS_OF_ABC])
    expected = weights / weights.sum()
    cuts = UnigramCuts(vocabulary(), strength)
    draws = piece_sampling._uniform(1)
    counts = Counter(tuple(cuts.cut("abc", draws)) for _ in range(20_000))
    shares = [counts[tuple(PIECES[piece][0] for piece in cut)] / 20_000 for cut in CUTS_OF_ABC]
    assert shares == pytest.approx(expected, abs=0.015)


def test_strong_exponent_cuts_as_the_vocabulary_prefers(trained):
    tokenizer, texts = trained("unigram")
    assert tokenizer.sample(texts, 200.0, seed=1) == tokenizer.encode(texts)


def test_bpe_without_dropout_cuts_as_the_vocabulary_does(trained):
    tokenizer, texts = trained("bpe")
    assert tokenizer.sample(texts, 0.0, seed=1) == tokenizer.encode(texts)


def test_bpe_that_drops_every_merge_leaves_characters():
    assert BpeCuts(vocabulary(), 1.0).cut("abc", piece_sampling._uniform(1)) == [4, 5, 6]


def test_character_that_is_no_piece_becomes_bytes():
    for cuts in (UnigramCuts(vocabulary(), 0.5), BpeCuts(vocabulary(), 0.0)):
        ids = cuts.cut("aé", piece_sampling._uniform(1))
        assert ids == [4, 100 + 0xC3, 100 + 0xA9]


@pytest.mark.parametrize("model", ["unigram", "bpe"])
def test_every_process_cuts_alike(trained, model, tmp_path):
    tokenizer, texts = trained(model)
    tokenizer.save(tmp_path / "pieces.model")
    (tmp_path / "texts").write_text("\n".join(texts[:50]), encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from seq2seq import Tokenizer; folder = Path(sys.argv[1]); "
        "texts = (folder / 'texts').read_text(encoding='utf-8').split('\\n'); "
        "print(Tokenizer.load(folder / 'pieces.model').sample(texts, 0.1, seed=5))"
    )
    line = [sys.executable, "-c", code, str(tmp_path)]
    printed = {subprocess.run(line, capture_output=True, text=True, check=True).stdout for _ in range(2)}
    assert printed == {f"{tokenizer.sample(texts[:50], 0.1, seed=5)}\n"}


def test_words_that_are_kept_are_not_too_many(monkeypatch):
    monkeypatch.setattr(piece_sampling, "_MOST_WORDS", 3)
    cuts = UnigramCuts(vocabulary(), 0.5)
    words = ["a", "b", "c", "ab", "bc", "abc"]
    for word in words:
        assert cuts.cut(word, piece_sampling._uniform(1))
    assert len(cuts._words) <= 3


def test_random_numbers_go_on_beyond_a_block():
    assert len(set(islice(piece_sampling._uniform(1), piece_sampling._DRAWN + 1))) > piece_sampling._DRAWN


def test_empty_text_has_no_pieces():
    assert sampled(["", ""], UnigramCuts(vocabulary(), 0.5), 1) == [[], []]
