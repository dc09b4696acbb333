"""Random sentences: clauses with their times, reports, conditions, and chains of them."""

from random import Random

import pytest

from seq2seq.phrasebook.events import event, words
from seq2seq.phrasebook.sentences import chain, condition, report, sentence, timed, with_moment, yes_no


@pytest.mark.parametrize("room", [5, 12, 25, 60])
def test_sentences_are_about_as_long_as_asked(room):
    lengths = [words(sentence(Random(seed), room).english) for seed in range(150)]
    assert sum(lengths) / len(lengths) == pytest.approx(room, rel=0.4)


def test_the_same_seed_gives_the_same():
    assert [sentence(Random(seed), 9) for seed in range(30)] == [sentence(Random(seed), 9) for seed in range(30)]


@pytest.mark.parametrize("time", ["present", "past"])
def test_reports_say_that(time):
    for seed in range(40):
        said = report(Random(seed), time, 10)
        assert " that " in said.english
        assert " que " in said.french or " qu'" in said.french


def test_conditions_may_stand_first_only_where_they_lead():
    starts = ("if ", "when ")
    assert any(condition(Random(seed), 10, True).english.startswith(starts) for seed in range(40))
    assert not any(condition(Random(seed), 10, False).english.startswith(starts) for seed in range(40))


@pytest.mark.parametrize("first", [True, False])
def test_year_stands_where_the_sentence_says(first):
    dated = 0
    for seed in range(300):
        rng = Random(seed)
        core = event(rng, "past", 5)
        if core.times not in ("past", "past progressive"):
            continue
        made = with_moment(rng, core, core.statement(), first, True)
        if made.year:
            dated += 1
            assert made.year_position == ("first" if first else "last")
            assert made.english.startswith(f"in {made.year},") == first
            assert made.french.endswith(f" en {made.year}") != first
    assert dated > 20


def test_statement_that_does_not_lead_has_no_time_before_it():
    for seed in range(100):
        assert timed(Random(seed), "past", 8, lead=False).year_position != "first"


def test_long_chains_have_several_clauses_and_at_most_one_year():
    for seed in range(40):
        made = chain(Random(seed), 40)
        assert any(joint in made.english for joint in (", and ", ", but ", " because ", ", so "))
        assert (made.year is None) == (made.year_position is None)
        assert sum(part.isdecimal() and len(part) == 4 for part in made.english.replace(",", "").split()) <= 1


def test_questions_that_are_answered_by_yes_are_questions():
    made = [yes_no(Random(seed), 7) for seed in range(40)]
    assert all(one.question for one in made)
    assert all("est-ce qu" in one.french for one in made)
