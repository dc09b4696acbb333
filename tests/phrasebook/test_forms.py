"""The form of a verb for each time, its negation, and the adverbials that go with it."""

from random import Random

import pytest

from seq2seq.phrasebook.clauses import VerbGroup
from seq2seq.phrasebook.forms import EVENT_FORMS, FIXED, STATE_FORMS, form_of, negation_of, times_of, visible
from seq2seq.phrasebook.lexicon import VERBS
from seq2seq.phrasebook.nouns import PRONOUNS


def verb(english):
    return next(verb for verb in VERBS if verb.english == english)


@pytest.mark.parametrize("time", EVENT_FORMS)
def test_states_have_the_forms_of_states(time):
    rng = Random(1)
    for member in VERBS:
        if "state" in member.flags:
            assert form_of(rng, member, time) in STATE_FORMS[time]


def test_verbs_without_a_progressive_never_have_one():
    rng = Random(1)
    without = [member for member in VERBS if "noprog" in member.flags and "state" not in member.flags]
    assert without
    for member in without:
        assert not any("progressive" in form_of(rng, member, time) for time in EVENT_FORMS for _ in range(20))


@pytest.mark.parametrize(("time", "form"), FIXED.items())
def test_some_times_leave_no_choice(time, form):
    assert form_of(Random(1), verb("eat"), time) == form


def test_past_that_looks_like_the_present_is_made_visible():
    read = next(member for member in VERBS if member.english == member.past and member.frame != "price")
    assert visible(read, "past", PRONOUNS["I"]) == "past progressive"
    assert visible(read, "past", PRONOUNS["he"]) == "past"
    assert visible(verb("eat"), "past", PRONOUNS["I"]) == "past"


def test_most_clauses_are_not_negated_and_what_was_done_for_long_never_is():
    rng = Random(1)
    drawn = [negation_of(rng, "present", verb("eat")) for _ in range(2000)]
    assert set(drawn) == {"", "not", "never", "no longer"}
    assert drawn.count("") > 1500
    assert {negation_of(rng, "used to", verb("eat")) for _ in range(300)} == {""}
    assert "no longer" not in {negation_of(rng, "past", verb("eat")) for _ in range(500)}


def test_adverbials_fit_the_form():
    assert times_of(VerbGroup(verb("know"), "present")) == ""
    assert times_of(VerbGroup(verb("know"), "past")) == "era"
    assert times_of(VerbGroup(verb("eat"), "past")) == "past"
    assert times_of(VerbGroup(verb("go"), "present")) == "season"
