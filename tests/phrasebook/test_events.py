"""Random clauses about what somebody does."""

from random import Random

import pytest

from seq2seq.phrasebook.events import asked_of, event, plus, pronouns_of, related, single, subject_of, words
from seq2seq.phrasebook.forms import EVENT_FORMS, FIXED
from seq2seq.phrasebook.lexicon import VERBS, nouns_of, verbs_of
from seq2seq.phrasebook.nouns import PRONOUNS, SAME_PERSON, noun_phrase


@pytest.mark.parametrize(("text", "count"), [("", 0), ("a", 1), ("a b  c", 4)])
def test_words_are_counted_by_the_spaces_between_them(text, count):
    assert words(text) == count


def test_tails_are_joined_in_both_languages():
    assert plus(("here", "ici"), ("today", "aujourd'hui")) == ("here today", "ici aujourd'hui")
    assert plus(("", ""), ("today", "aujourd'hui")) == ("today", "aujourd'hui")


@pytest.mark.parametrize("time", [*EVENT_FORMS, *FIXED])
def test_clause_of_any_time_has_both_languages_and_is_the_same_for_a_seed(time):
    first, again = ([event(Random(seed), time, 7) for seed in range(40)] for _ in range(2))
    assert first == again
    for draft in first:
        clause = draft.statement()
        assert draft.subject.english in clause.english
        assert clause.french


def test_clauses_keep_to_their_room_on_the_whole():
    rng = Random(1)
    lengths = [words(event(rng, "past", 6).statement().english) for _ in range(300)]
    assert sum(lengths) / len(lengths) < 7


def test_questions_are_seldom_about_the_speaker():
    rng = Random(1)
    asked = [asked_of(rng, PRONOUNS["I"]).english for _ in range(500)]
    assert set(asked) == {"I", "you"}
    assert asked.count("I") < 150
    assert asked_of(rng, PRONOUNS["they"]) == PRONOUNS["they"]


def test_nobody_does_it_to_themselves():
    for name, phrase in PRONOUNS.items():
        assert not set(pronouns_of(phrase)) & set(SAME_PERSON.get(name, ()))
    assert pronouns_of(noun_phrase(nouns_of("pet")[0], "the"))


def test_subjects_are_those_that_the_verb_takes():
    rng = Random(1)
    others = {name for verb in VERBS for name in verb.subjects}
    for verb in verbs_of("intr"):
        subject = subject_of(rng, verb, 12)
        assert subject.pronoun or " " in subject.english or subject.noun_class in others | {"name"}


def test_single_person_is_no_list():
    rng = Random(1)
    assert not any(" and " in single(rng, 6).english for _ in range(200))


def test_relative_clauses_need_room_and_a_single_noun():
    rng = Random(1)
    cat = noun_phrase(nouns_of("pet")[0], "the")
    assert related(rng, cat, words(cat.english) + 2) == cat
    longer = {related(rng, cat, 12).english for _ in range(100)}
    assert any(" that " in text for text in longer)
    name = cat._replace(noun_class="name")
    assert {related(rng, name, 12) for _ in range(30)} == {name}


def test_sudden_verbs_interrupt_and_states_are_no_events():
    rng = Random(1)
    assert all("sudden" in event(rng, "simple past", 5, flag="sudden").group.verb.flags for _ in range(50))
    assert not any("state" in event(rng, "future", 5, flag="event").group.verb.flags for _ in range(200))
