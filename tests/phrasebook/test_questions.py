"""Random questions with a question word."""

from random import Random

import pytest

from seq2seq.phrasebook.clauses import VerbGroup
from seq2seq.phrasebook.questions import state_of, wh_question
from seq2seq.phrasebook.states import BE

WORDS = ("why", "where", "when", "how", "who", "what", "which")
FRENCH = {
    "why": "pourquoi",
    "where": "où",
    "when": "quand",
    "who": "qui",
    "how many": "combien",
    "how old": "quel âge",
    "which": "quel",
}


@pytest.fixture(scope="module")
def questions():
    rng = Random(1)
    return [wh_question(rng, 4 + number % 7) for number in range(600)]


def test_every_question_word_is_asked(questions):
    assert {question.english.split()[0] for question in questions} == set(WORDS)


@pytest.mark.parametrize("english", FRENCH)
def test_question_word_is_that_of_the_french(questions, english):
    asked = [question.french for question in questions if question.english.startswith(f"{english} ")]
    assert asked
    assert all(FRENCH[english] in text for text in asked)


def test_the_same_seed_asks_the_same(questions):
    assert wh_question(Random(1), 4) == questions[0]


@pytest.mark.parametrize(("form", "french"), [("present", "qui a"), ("past", "qui avait"), ("future", "qui aura")])
def test_who_is_so_is_a_statement_about_one_man(form, french):
    for seed in range(20):
        clause = state_of(Random(seed), 6, VerbGroup(BE, form))
        assert clause.english.startswith("who ")
        assert clause.french.startswith("qui ")
        assert clause.english.endswith(" years old") <= clause.french.startswith(f"{french} ")
