"""Buckets of like lengths, what is measured in each, and what is unseen."""

from types import SimpleNamespace

import numpy as np
import pytest

from seq2seq.analysis.instruments import lengths
from seq2seq.analysis.subject import Sentences
from seq2seq.hypothesis import Hypothesis


class Faithful:
    """Stands in for a run that copies the first words of its references and replaces the others."""

    training = None
    bleu_tokenizer = "13a"
    model = SimpleNamespace(decoder=SimpleNamespace(attention=None))

    def __init__(self, pairs, keeps):
        self.sentences = Sentences(*(list(side) for side in zip(*pairs, strict=True)))
        self._keeps = keeps
        self.hypotheses = [self._cut(reference) for reference in self.sentences.references]
        self.found = [Hypothesis(text, 0.0, 0.0, cut=False) for text in self.hypotheses]

    def _cut(self, text):
        words = text.rstrip(".").split(" ")
        return " ".join(words[: self._keeps] + ["et"] * (len(words) - self._keeps)) + "."

    def training_texts(self, side, most):
        return [each for each in self.sentences[side] if len(each.split(" ")) <= 8]


@pytest.fixture(scope="module")
def pairs(made_up_sentences):
    return made_up_sentences(300)


@pytest.mark.parametrize(
    ("ratio", "recall", "attention", "said"),
    [
        (1.0, 0.5, False, "falls by 40 points and the length stays (1.00): the summary loses words"),
        (1.0, 0.5, True, "the length stays (1.00): it loses words"),
        (1.0, 0.92, False, "rises by 2 points and the length stays (1.00)."),
        (0.6, 0.5, False, "at a length ratio of 0.60: text is lost"),
        (1.5, 0.5, False, "at a length ratio of 1.50: it says too much, or says it twice"),
    ],
)
def test_finding_names_what_falls(ratio, recall, attention, said):
    first = {"words": [3, 5], "bleu": {"mean": 80, "low": 78, "high": 82}, "content_recall": {"mean": 0.9}}
    last = {"words": [9, 12], "bleu": {"mean": 30, "low": 28, "high": 32}, "content_recall": {"mean": recall}}
    buckets = [first, last | {"length_ratio": ratio}]
    assert said in lengths._finding("run", {"buckets": buckets, "longest_seen": None, "attention": attention})


def test_finding_of_a_network_that_hardly_translates_claims_nothing():
    first = {"words": [2, 5], "bleu": {"mean": 2.2, "low": 1.3, "high": 3.0}}
    last = {"words": [6, 13], "bleu": {"mean": 1.2, "low": 0.6, "high": 1.6}}
    text = lengths._finding("run", {"buckets": [first, last], "longest_seen": None, "attention": False})
    assert text == "run: BLEU goes from 2.2 at 2-5 words to 1.2 at 6-13: too low at all lengths to show a fall."


def test_quality_falls_where_the_words_are_lost(pairs):
    found = lengths.measure(Faithful(pairs, keeps=6))
    short = [bucket for bucket in found["buckets"] if bucket["words"][1] <= 6]
    long = [bucket for bucket in found["buckets"] if bucket["words"][0] > 6]
    assert all(bucket["bleu"]["mean"] == pytest.approx(100) for bucket in short)
    assert all(bucket["content_recall"]["mean"] == 1 for bucket in short)
    recalls = [bucket["content_recall"]["mean"] for bucket in long]
    assert recalls == sorted(recalls, reverse=True)
    assert recalls[0] < 1
    assert all(bucket["length_ratio"] == pytest.approx(1, abs=0.01) for bucket in found["buckets"])
    assert long[-1]["repetition"] > 0.7  # but for references that repeat themselves
    assert short[0]["repetition"] == 0
    assert "loses words rather than the sentence its shape" in lengths.present({"run": found}).findings[0]


def test_every_sentence_is_in_one_bucket(pairs):
    found = lengths.measure(Faithful(pairs, keeps=3))
    assert sum(bucket["sentences"] for bucket in found["buckets"]) == len(pairs)
    edges = [edge for bucket in found["buckets"] for edge in bucket["words"]]
    assert edges == sorted(edges)
    assert all(bucket["sentences"] >= 20 for bucket in found["buckets"])


def test_few_sentences_make_one_bucket(pairs):
    section = lengths.present({"run": lengths.measure(Faithful(pairs[:5], keeps=3))})
    assert len(section.tables[0].rows) == 1


def test_lengths_that_training_hardly_had_are_named(pairs):
    found = lengths.measure(Faithful(pairs, keeps=12))
    assert found["longest_seen"] == 8
    assert "Training hardly had sentences over 8 words" in lengths.present({"run": found}).findings[0]
    assert lengths._longest_seen(np.array([0])) is None


def test_better_run_is_told_from_the_worse(pairs):
    results = {"a": lengths.measure(Faithful(pairs, keeps=3)), "b": lengths.measure(Faithful(pairs, keeps=9))}
    compared = lengths.present(results).tables[-1]
    assert compared.header[1:] == ["a", "b"]
    assert all("(p 0.0" in row[2] for row in compared.rows[1:])
