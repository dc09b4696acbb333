"""Random noun phrases."""

from random import Random

import pytest

from seq2seq.phrasebook.draws import adjectives, common, human, members, owner_of, pick, thing
from seq2seq.phrasebook.lexicon import NOUNS, nouns_of
from seq2seq.phrasebook.nouns import POSSESSIVES, PRONOUNS, name_phrase, noun_phrase


def test_options_are_drawn_alike_and_a_repeated_one_more_often():
    rng = Random(1)
    draws = [pick(rng, ("a", "a", "b")) for _ in range(3000)]
    assert set(draws) == {"a", "b"}
    assert draws.count("a") / 3000 == pytest.approx(2 / 3, abs=0.05)


def test_two_adjectives_frame_the_noun_in_french():
    rng = Random(1)
    drawn = [adjectives(rng, pick(rng, NOUNS), rng.randrange(3)) for _ in range(2000)]
    pairs = [both for both in drawn if len(both) == 2]
    assert pairs
    assert max(map(len, drawn)) == 2
    assert all(first.before_noun and not second.before_noun for first, second in pairs)


def test_nothing_describes_a_family_or_a_phrase_without_room():
    rng = Random(1)
    assert {adjectives(rng, noun, 2) for noun in nouns_of("family")} == {()}
    assert adjectives(rng, nouns_of("object")[0], 0) == ()


@pytest.mark.parametrize("role", ["subject", "agent", "object", "definite", "generic", "indefinite", "own"])
def test_phrase_around_a_noun_has_both_languages(role):
    rng = Random(2)
    for noun in nouns_of("object", "food", "pet"):
        phrase = common(rng, noun, 2, role)
        assert phrase.english.split()[-1] in (noun.english.split()[-1], noun.english_plural.split()[-1])
        assert phrase.french


def test_under_a_negation_nothing_is_there():
    rng = Random(3)
    for _ in range(300):
        english = common(rng, pick(rng, nouns_of("object")), 2, "indefinite", negated=True).english
        assert not english.startswith(("some ", "several ", "many "))


def test_owner_is_the_possessive_of_the_subject():
    for pronoun, possessive in zip(PRONOUNS, POSSESSIVES, strict=True):
        assert owner_of(PRONOUNS[pronoun]) == possessive
    assert owner_of(name_phrase("Anne", True)) == "her"
    assert owner_of(name_phrase("Paul", False)) == "his"
    assert owner_of(noun_phrase(nouns_of("pet")[0], "the", True)) == "their"


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6])
def test_somebody_takes_about_the_room_that_there_is(size):
    rng = Random(4)
    lengths = [len(human(rng, size).english.split()) for _ in range(200)]
    assert min(lengths) >= 1
    assert max(lengths) <= size + 2


def test_only_a_subject_is_a_pronoun():
    rng = Random(5)
    assert any(human(rng, 1).pronoun for _ in range(50))
    assert not any(human(rng, 1, "object").pronoun for _ in range(200))


def test_members_of_person_have_names_and_others_have_none():
    assert None in members(("person",))
    assert members(("drink",)) == nouns_of("drink")


def test_list_is_longer_than_a_thing_and_names_none_twice():
    rng = Random(6)
    lists = [thing(rng, ("fruit", "object"), 8).english for _ in range(200)]
    lists = [text for text in lists if " and " in text]
    assert lists
    for text in lists:
        items = text.replace(" and ", ", ").split(", ")
        assert len(set(items)) == len(items) >= 2
