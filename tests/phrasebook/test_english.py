import pytest

from seq2seq.phrasebook import english
from seq2seq.phrasebook.lexicon import VERBS


@pytest.mark.parametrize(
    ("word", "article"),
    [
        ("cat", "a"),
        ("apple", "an"),
        ("university", "a"),
        ("useful", "a"),
        ("umbrella", "an"),
        ("honest", "an"),
        ("house", "a"),
        ("English", "an"),
        ("intelligent", "an"),
        ("old", "an"),
    ],
)
def test_article_follows_the_sound(word, article):
    assert english.a_or_an(word) == article


@pytest.mark.parametrize(
    ("verb", "form"),
    [
        ("work", "works"),
        ("go", "goes"),
        ("study", "studies"),
        ("play", "plays"),
        ("watch", "watches"),
        ("have", "has"),
        ("be", "is"),
        ("can", "can"),
        ("teach", "teaches"),
    ],
)
def test_third_person_of_the_present(verb, form):
    assert english.third_person(verb) == form


@pytest.mark.parametrize(
    ("past", "person", "plural", "form"),
    [
        (False, 1, False, "am"),
        (False, 2, False, "are"),
        (False, 3, False, "is"),
        (False, 1, True, "are"),
        (True, 1, False, "was"),
        (True, 2, False, "were"),
        (True, 3, False, "was"),
        (True, 3, True, "were"),
    ],
)
def test_be_agrees(past, person, plural, form):
    assert english.be(past, person, plural) == form


def verb(word, frame):
    return next(verb for verb in VERBS if verb.english == word and verb.frame == frame)


@pytest.mark.parametrize(
    ("form", "person", "emphatic", "parts"),
    [
        ("present", 1, False, ("", "go")),
        ("present", 3, False, ("", "goes")),
        ("present", 3, True, ("does", "go")),
        ("present", 1, True, ("do", "go")),
        ("past", 3, False, ("", "went")),
        ("past", 3, True, ("did", "go")),
        ("progressive", 1, False, ("am", "going")),
        ("past progressive", 2, False, ("were", "going")),
        ("used to", 3, False, ("", "used to go")),
        ("perfect", 3, False, ("has", "gone")),
        ("since", 1, False, ("have", "gone")),
        ("pluperfect", 3, False, ("had", "gone")),
        ("future", 3, True, ("will", "go")),
        ("conditional", 3, True, ("would", "go")),
        ("going to", 3, False, ("is", "going to go")),
        ("prospect", 3, False, ("", "goes")),
        ("hypothesis", 3, False, ("", "went")),
    ],
)
def test_verb_group_has_auxiliary_and_rest(form, person, emphatic, parts):
    assert english.verb_group(verb("go", "go"), form, person, False, emphatic) == parts


def test_be_and_modals_need_no_do():
    assert english.verb_group(verb("be", "be"), "past", 3, False, True) == ("was", "")
    assert english.verb_group(verb("be", "be"), "hypothesis", 1, False, False) == ("were", "")
    assert english.verb_group(verb("can", "inf"), "present", 3, False, True) == ("can", "")
