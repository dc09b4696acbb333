"""Random places, directions, companions and times."""

import re
from random import Random

import pytest

from seq2seq.phrasebook import settings
from seq2seq.phrasebook.settings import FUTURE_YEARS, PAST_YEARS, TIMES, company, moment, origin, somewhere

PLACES = ("somewhere", "on_something", "destination", "dwelling", "outdoors")


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("size", [2, 3, 5])
def test_places_have_both_languages_and_keep_to_their_room(name, size):
    rng = Random(1)
    for _ in range(100):
        english, french = getattr(settings, name)(rng, size)
        assert english
        assert french
        assert len(english.split()) <= size + 3


@pytest.mark.parametrize("name", PLACES)
def test_french_prepositions_are_contracted(name):
    rng = Random(2)
    for _ in range(300):
        _, french = getattr(settings, name)(rng, 4)
        assert not re.search(r"\b(à|de) (les|le(?= [bcdfgjklmnpqrstvwxz])) ", french)  # before a vowel or h, it is l'


def test_one_word_is_room_for_here():
    english = {somewhere(Random(seed), 1)[0] for seed in range(50)}
    assert english == {"here", "there", "outside", "at home"}


def test_where_somebody_comes_from_begins_with_de():
    for seed in range(100):
        _, french = origin(Random(seed))
        assert french.startswith(("de ", "du ", "des ", "d'"))


def test_company_is_with_or_without():
    for seed in range(100):
        english, french = company(Random(seed), 2 + seed % 4, ["him", "her"])
        assert (english.split()[0], french.split()[0]) in (("with", "avec"), ("without", "sans"))


@pytest.mark.parametrize("key", TIMES)
def test_years_are_named_only_where_they_may_be_and_lie_on_the_right_side_of_today(key):
    rng = Random(3)
    for allowed in (True, False):
        for _ in range(150):
            english, french, year = moment(rng, key, allowed)
            assert english
            assert french
            assert (year is None) or (allowed and str(year) in english and str(year) in french)
            if year:
                assert year in (FUTURE_YEARS if key in ("future", "going to") else PAST_YEARS)
