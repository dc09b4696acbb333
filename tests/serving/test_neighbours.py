"""The set of sentences whose neighbourhood is shown."""

import numpy as np
import pytest

from seq2seq.serving.neighbours import Neighbours


class Letters:
    """Summaries that count letters."""

    calls = 0

    def __call__(self, items):
        self.calls += 1
        return [np.array([item.lower().count(letter) for letter in "aeiou"], np.float32) for item in items]


def test_sentences_are_short_everyday_ones_and_all_different():
    sentences = Neighbours(Letters(), "en").sentences
    assert 200 < len(sentences) == len(set(sentences)) < 500
    assert max(len(sentence.split()) for sentence in sentences) <= 12
    assert all(sentence == sentence.strip() and sentence[-1] in ".?!" for sentence in sentences)


def test_set_belongs_to_the_language_whatever_the_region():
    assert [Neighbours(Letters(), tag).exist for tag in ("en", "en-GB", "fr", "")] == [True, True, False, False]


def test_all_are_ordered_by_cosine_and_the_set_is_encoded_once():
    encoding = Letters()
    neighbours = Neighbours(encoding, "en")
    [first], [second] = neighbours(["oo oo"]), neighbours(["", "oo"])[1:]
    assert first == second
    assert len(first) == len(neighbours.sentences)
    assert encoding.calls == 3
    best, cosine = first[0]
    vector = encoding([best])[0]
    assert cosine == pytest.approx(vector[3] / np.linalg.norm(vector))
    assert [cosine for _, cosine in first] == sorted((cosine for _, cosine in first), reverse=True)
