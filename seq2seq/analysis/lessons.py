"""What probes are taught and asked: sentences with labels, split so that no sentence is in both parts.

N sentences that teach, M that are asked, K labels of each.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random
from typing import NamedTuple

import numpy as np

from seq2seq.analysis.english import TENSES, dated, known
from seq2seq.analysis.subject import Subject
from seq2seq.analysis.words import swapped, words

PLACES = ("end", "beginning")  # where a year stands in its sentence
BOTH = "both"
_TRAINING = 1000  # training sentences that teach, besides the first half of the test set
_KNOWN = 1500  # sentences of the phrasebook for tense, number and negation: two thirds teach
_DATED = 1200  # clauses with a year: two thirds teach
_FEWEST = 40  # sentences that teach and that are asked
_WORDS = 30  # to ask for, at most
_RARE = 0.02  # share of the test sentences that a word must be in, so that there is something to learn
_OFTEN = 0.2  # share of the test sentences that a word may be in, at most
_FEWEST_WORDS = 5  # to ask for, at least; each of them must also be in this many sentences that teach
_TENSES = ("present", "past", "future")
_SEED = 3


class Question(NamedTuple):
    """What is to be read.

    Attributes:
        name: how the report calls the probe.
        taught, asked: labels (N, K) and (M, K): integers are classes, floats a number.
        rows: (units, k), the asked sentences that are one unit of the statistics together.
    """

    name: str
    taught: np.ndarray
    asked: np.ndarray
    rows: np.ndarray


class Lesson(NamedTuple):
    """Sentences, which of those that teach belong together (N,), and what is asked about them."""

    train: list[str]
    test: list[str]
    groups: np.ndarray
    questions: list[Question]


def lessons(subject: Subject) -> tuple[list[Lesson], dict[str, str]]:
    """All that can be asked of a run, and why the rest cannot."""
    left_out: dict[str, str] = {}
    possible = [*_of_its_sentences(subject, left_out)]
    if subject.reads_english:
        possible += [_of_the_grammar(), *_of_years()]
    else:
        reason = "their sentences are English, and this run's sources are not known to be"
        left_out |= dict.fromkeys(("tense", "number", "negation", "year"), reason)
    return [lesson for lesson in possible if lesson.questions], left_out


def _of_its_sentences(subject: Subject, left_out: dict[str, str]) -> list[Lesson]:
    """Length, words and their order, in any language: half of the test set is asked.

    The halves are drawn: test sets are known whose even and odd lines differ in length.
    """
    sources = [text for text, ids in zip(subject.sentences.sources, subject.source_ids, strict=True) if ids]
    sources = list(dict.fromkeys(sources))
    Random(_SEED).shuffle(sources)
    taught, test = sources[: len(sources) // 2], sources[len(sources) // 2 :]
    asked = set(test)
    train = [text for text in dict.fromkeys([*taught, *subject.training_texts(0, _TRAINING)]) if text not in asked]
    if min(len(train), len(test)) < _FEWEST:
        reason = f"they need {2 * _FEWEST} different test sentences"
        left_out |= dict.fromkeys(("length", "word content", "word order"), reason)
        return []
    questions = []
    lengths = [_column(len(ids) for ids in subject.translator.source_ids(texts)) for texts in (train, test)]
    if lengths[1].std() > 0:
        questions.append(_question("length", *(length.astype(np.float64) for length in lengths)))
    else:
        left_out["length"] = "all test sentences are of one length"
    chosen = _chosen_words(taught, test)
    if len(chosen) >= _FEWEST_WORDS:
        questions.append(_question("word content", *(_contain(texts, chosen) for texts in (train, test))))
    else:
        left_out["word content"] = "too few words are in 2 to 20 % of the sentences (are there spaces between words?)"
    order = _of_order(train, test)
    if order is None:
        left_out["word order"] = "too few sentences have two neighbouring words that can be swapped"
    return [Lesson(train, test, np.arange(len(train)), questions), *([order] if order else [])]


def _chosen_words(taught: Sequence[str], test: Sequence[str]) -> list[str]:
    """Words of middle frequency, the same ones for every run: chosen by the test set alone."""
    seen, counts = (Counter(word for text in texts for word in set(words(text))) for texts in (taught, test))
    ranked = sorted(
        (word for word, n in counts.items() if _RARE <= n / len(test) <= _OFTEN and seen[word] >= _FEWEST_WORDS),
        key=lambda word: (-counts[word], word),
    )
    chosen = np.linspace(0, len(ranked) - 1, min(_WORDS, len(ranked))).astype(int)
    return [ranked[rank] for rank in chosen]


def _contain(texts: Sequence[str], chosen: Sequence[str]) -> np.ndarray:
    sets = [set(words(text)) for text in texts]
    return np.array([[word in sentence_words for word in chosen] for sentence_words in sets], int)


def _of_order(train: Sequence[str], test: Sequence[str]) -> Lesson | None:
    """Each sentence as it is and with two neighbouring words swapped: which of both is it?"""
    draw = Random(_SEED)
    pairs = [[(text, other) for text in texts if (other := swapped(text, draw))] for texts in (train, test)]
    if min(map(len, pairs)) < _FEWEST:
        return None
    taught, asked = ([*(first for first, _ in side), *(second for _, second in side)] for side in pairs)
    is_swapped = [np.repeat([[0], [1]], len(side), axis=0) for side in pairs]
    rows = np.arange(len(asked)).reshape(2, -1).T
    groups = np.tile(np.arange(len(pairs[0])), 2)
    return Lesson(taught, asked, groups, [Question("word order", is_swapped[0], is_swapped[1], rows)])


def _of_the_grammar() -> Lesson:
    """Tense and negation of the main clause, and the number of its subject."""
    sentences = known(_KNOWN)
    half = 2 * len(sentences) // 3
    texts = [phrase.english for phrase in sentences]
    labels = {
        "tense": _column(_TENSES.index(TENSES[phrase.features.tense]) for phrase in sentences),
        "number": _column(phrase.features.number == "plural" for phrase in sentences),
        "negation": _column(phrase.features.polarity == "negative" for phrase in sentences),
    }
    questions = [_question(name, column[:half], column[half:]) for name, column in labels.items()]
    return Lesson(texts[:half], texts[half:], np.arange(half), questions)


def _of_years() -> list[Lesson]:
    """Taught with the year in one place or in both, asked in each, about the same clauses."""
    clauses = dated(_DATED)
    half = 2 * len(clauses) // 3
    texts = {"end": [clause.last for clause in clauses], "beginning": [clause.first for clause in clauses]}
    years = _column(clause.year for clause in clauses)
    test = [text for place in PLACES for text in texts[place][half:]]
    asked = np.concatenate([years[half:]] * len(PLACES))
    rows = np.arange(len(test)).reshape(len(PLACES), -1, 1)
    made = []
    for name, taught in {**{place: (place,) for place in PLACES}, BOTH: PLACES}.items():
        labels, groups = (np.concatenate([part] * len(taught)) for part in (years[:half], np.arange(half)))
        train = [text for place in taught for text in texts[place][:half]]
        questions = [
            Question(year(name, place), labels, asked, asked_rows)
            for place, asked_rows in zip(PLACES, rows, strict=True)
        ]
        made.append(Lesson(train, test, groups, questions))
    return made


def year(taught: str, asked: str) -> str:
    """The name of a probe of years that stand in one place in what teaches it, and in one place in what it is asked."""
    return f"year, {taught} → {asked}"


def _question(name: str, taught: np.ndarray, asked: np.ndarray) -> Question:
    return Question(name, taught, asked, np.arange(len(asked))[:, None])


def _column(values: Iterable[int]) -> np.ndarray:
    return np.array([int(value) for value in values])[:, None]
