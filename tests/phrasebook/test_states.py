"""Random clauses about how things are."""

from random import Random

import pytest

from seq2seq.phrasebook.states import deed, presentation, somebody, state, there, weather

PATTERNS = {"state": state, "there": there, "presentation": presentation, "weather": weather, "deed": deed}


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize("time", ["present", "past"])
def test_pattern_makes_statements_and_questions_in_both_languages(name, time):
    for seed in range(60):
        clause = PATTERNS[name](Random(seed), time, 8).statement()
        assert len(clause.english.split()) > 1
        assert clause.french
        asked = PATTERNS[name](Random(seed), time, 8, True)
        assert "est-ce qu" in asked.question().french
        assert not asked.group.negation


@pytest.mark.parametrize(("name", "starts"), [("there", "il "), ("presentation", "ce "), ("deed", "il ")])
def test_french_subject_of_what_has_none(name, starts):
    for seed in range(60):
        french = PATTERNS[name](Random(seed), "present", 8).statement().french
        assert french.startswith(starts)


def test_there_are_several_and_there_is_one():
    for seed in range(100):
        core = there(Random(seed), "present", 7)
        verb = core.statement().english.split()[1]
        assert verb == ("are" if core.subject.plural else "is")


def test_nobody_is_what_they_are_called_already():
    for seed in range(300):
        core = state(Random(seed), "present", 8)
        if core.group.verb.english == "be" and core.tail[0] and " " not in core.tail[0]:
            assert core.tail[0] not in core.subject.english.split()


@pytest.mark.parametrize("time", ["conditional", "hypothesis", "future"])
def test_what_things_would_be_is_left_to_the_reader(time):
    for seed in range(60):
        core = state(Random(seed), time, 6)
        assert core.group.form in (time, "past")
        assert core.subject.english[0] not in "0123456789"


def test_somebody_of_little_room_is_one_word():
    assert {len(somebody(Random(seed), "present", 4).subject.english.split()) for seed in range(60)} == {1}
