import pytest

from seq2seq.phrasebook import nouns
from seq2seq.phrasebook.lexicon import ADJECTIVES, NOUNS, SITES


def noun(english):
    return next(word for word in NOUNS if word.english == english)


def described(*words):
    return tuple(next(adjective for adjective in ADJECTIVES if adjective.english == word) for word in words)


@pytest.mark.parametrize(
    ("word", "determiner", "plural", "words", "english", "french"),
    [
        ("cat", "the", False, (), "the cat", "le chat"),
        ("cat", "the", True, ("big",), "the big cats", "les grands chats"),
        ("car", "a", False, ("big", "red"), "a big red car", "une grande voiture rouge"),
        ("tree", "a", False, ("beautiful",), "a beautiful tree", "un bel arbre"),
        ("tree", "a", False, ("old",), "an old tree", "un vieil arbre"),
        ("airport", "this", False, (), "this airport", "cet aéroport"),
        ("airport", "this", True, (), "these airports", "ces aéroports"),
        ("airport", "that", False, ("beautiful",), "that beautiful airport", "ce bel aéroport"),
        ("idea", "my", False, (), "my idea", "mon idée"),
        ("idea", "my", False, ("new",), "my new idea", "ma nouvelle idée"),
        ("shelf", "her", True, (), "her shelves", "ses étagères"),
        ("bread", "some", False, (), "some bread", "du pain"),
        ("jam", "some", False, (), "some jam", "de la confiture"),
        ("water", "some", False, (), "some water", "de la eau"),
        ("dress", "some", True, ("beautiful",), "some beautiful dresses", "de belles robes"),
        ("dress", "some", True, ("red",), "some red dresses", "des robes rouges"),
        ("dog", "not a", False, (), "a dog", "de chien"),
        ("dog", "any", True, (), "any dogs", "de chiens"),
        ("dog", "generic", True, (), "dogs", "les chiens"),
        ("football", "generic", False, (), "football", "le football"),
        ("hatchet", "three", True, (), "three hatchets", "trois haches"),
        ("book", "how many", True, (), "how many books", "combien de livres"),
        ("question", "which", False, (), "which question", "quelle question"),
        ("horse", "many", True, (), "many horses", "beaucoup de chevaux"),
    ],
)
def test_noun_phrase(word, determiner, plural, words, english, french):
    phrase = nouns.noun_phrase(noun(word), determiner, plural, described(*words))
    assert (phrase.english, phrase.french) == (english, french)


def test_a_noun_for_both_sexes_is_masculine_unless_asked():
    assert nouns.noun_phrase(noun("teacher"), "the").french == "le professeur"
    assert nouns.noun_phrase(noun("baker"), "the", True, (), True).french == "les boulangères"
    assert nouns.noun_phrase(noun("actor"), "a", False, described("Italian"), True).french == "une actrice italienne"


def test_a_list_is_feminine_only_if_all_are():
    anna, paul = nouns.name_phrase("Anna", True), nouns.name_phrase("Paul", False)
    both = nouns.coordinate([anna, paul])
    assert (both.english, both.french, both.plural, both.feminine) == ("Anna and Paul", "Anna et Paul", True, False)
    assert nouns.coordinate([anna, anna]).feminine
    assert nouns.coordinate([anna, paul, anna], "or").french == "Anna, Paul ou Anna"


@pytest.mark.parametrize(
    ("english", "place", "origin", "itself"),
    [
        ("France", "en France", "de France", "la France"),
        ("Japan", "au Japon", "du Japon", "le Japon"),
        ("Nepal", "au Népal", "du Népal", "le Népal"),
        ("Iran", "en Iran", "de Iran", "le Iran"),
        ("the United States", "aux États-Unis", "des États-Unis", "les États-Unis"),
        ("Paris", "à Paris", "de Paris", "Paris"),
    ],
)
def test_countries_and_cities_have_their_prepositions(english, place, origin, itself):
    site = next(site for site in SITES if site.english == english)
    assert nouns.site_of(site) == (f"in {english}", place)
    assert nouns.from_site(site) == (english, origin)
    assert nouns.site_phrase(site).french == itself
