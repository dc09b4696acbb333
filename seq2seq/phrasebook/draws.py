"""Random noun phrases: pronouns, names, people and things, alone or in lists."""

from functools import cache
from random import Random
from typing import TypeVar

from seq2seq.phrasebook.lexicon import (
    GROUPS,
    NAMES,
    SITES,
    Adjective,
    Noun,
    Site,
    adjectives_of,
    nouns_of,
    words_of,
)
from seq2seq.phrasebook.nouns import (
    POSSESSIVES,
    PRONOUNS,
    NounPhrase,
    coordinate,
    name_phrase,
    noun_phrase,
    site_phrase,
)

T = TypeVar("T")
MASS = frozenset({"foodmass", "drink"})
# Sports, school subjects and languages stand without an article in English: I play tennis / je joue au tennis.
BARE = frozenset({"sport", "subject", "language"})

_OWNERS = tuple(POSSESSIVES)
# Determiners for each role, singular and plural. "owner" is a possessive, "number" a number.
_DETERMINERS = {
    ("agent", False): ("the",) * 6 + ("this", "that", "a") + ("owner",) * 3,
    ("agent", True): ("the",) * 5 + ("this", "that", "several", "many") + ("owner",) * 3,
    ("subject", False): ("the",) * 6 + ("this", "that") + ("owner",) * 3,
    ("subject", True): ("the",) * 5 + ("this", "that") + ("owner",) * 3,
    ("definite", False): ("the",),
    ("definite", True): ("the",),
    ("object", False): ("the",) * 4 + ("a",) * 4 + ("this", "that") + ("owner",) * 3,
    ("object", True): ("the",) * 3 + ("some",) * 3 + ("this", "that", "several", "many") + ("number", "owner") * 2,
    ("generic", False): ("the", "this", "that", "owner"),
    ("generic", True): ("generic",) * 7 + ("the", "this", "owner"),
    ("indefinite", False): ("a",),
    ("indefinite", True): ("some", "some", "several", "many", "number", "number"),
    ("own", False): ("owner", "owner", "owner", "a"),
    ("own", True): ("owner",),
}
_MASS_DETERMINERS = {
    "subject": ("the",),
    "object": ("the",) + ("some",) * 3,
    "generic": ("generic",),
    "indefinite": ("some",),
    "definite": ("the",),
    "own": ("the",),
}
# What people do not call theirs.
_OWNED_BY_NOBODY = frozenset({"person", "craft", "title", "wild", "water", "street"})
_SPOUSES = {"husband": ("her", "her", "my", "your"), "wife": ("his", "his", "my", "your")}
_ALONE = frozenset({"father", "mother", "husband", "wife"})
_PRONOUNS = tuple(PRONOUNS.values())
_NAME_PHRASES = tuple(name_phrase(name, feminine) for name, feminine in NAMES)
_POSSESSIVE_OF = dict(zip(PRONOUNS, POSSESSIVES, strict=True))
_HUMAN = nouns_of("human")


def pick(rng: Random, options: tuple[T, ...] | list[T]) -> T:
    """One of the options, all alike: a weight is written by repeating an option."""
    return options[int(rng.random() * len(options))]


def adjectives(rng: Random, noun: Noun, count: int) -> tuple[Adjective, ...]:
    """Up to two adjectives that describe the noun; two of them frame it in French: la grande voiture rouge."""
    options = adjectives_of(noun.noun_class, "noun")
    if not count or not options or noun.noun_class == "family":
        return ()
    first = pick(rng, options)
    if count == 1 or not first.before_noun:
        return (first,)
    second = pick(rng, options)
    return (first,) if second.before_noun else (first, second)


def common(
    rng: Random, noun: Noun, size: int, role: str = "object", negated: bool = False, owner: str = ""
) -> NounPhrase:
    """A phrase of about `size` words around a noun.

    Args:
        rng: The source of chance.
        noun: The head.
        size: 2 for determiner and noun, more for adjectives.
        role: subject, agent (the subject of an event), object, definite, generic (of "like", where bare nouns mean
            the whole kind), indefinite (of "have") or own (of "wear").
        negated: Whether "a" and "some" become de and any, under a negation.
        owner: The possessive of the subject, preferred for what belongs to somebody.
    """
    if noun.noun_class in BARE:
        return noun_phrase(noun, "generic")
    described = adjectives(rng, noun, size - 2)
    plural = rng.random() < (0.8 if role == "generic" else 0.3)
    if noun.noun_class in MASS:
        determiner, plural = pick(rng, _MASS_DETERMINERS[role]), False
    elif noun.noun_class in ("family", "peer"):
        a_peer = noun.noun_class == "peer" and role in ("object", "indefinite") and rng.random() < 0.4
        determiner, plural = pick(rng, _DETERMINERS["indefinite", plural]) if a_peer else "owner", plural
        plural = plural and noun.english not in _ALONE
    elif noun.noun_class == "instrument":
        determiner, plural = "the", False
    else:
        determiner = pick(rng, _DETERMINERS[role, plural])
    if determiner == "owner":
        determiner = "the" if noun.noun_class in _OWNED_BY_NOBODY else _owner(rng, owner)
    if noun.english in _SPOUSES:
        determiner = pick(rng, _SPOUSES[noun.english])
    if determiner == "number":
        determiner = pick(rng, words_of("number", "tens")).english
    if negated and determiner in ("a", "some", "several", "many"):
        determiner = "any" if plural or determiner == "some" else "not a"
    return noun_phrase(noun, determiner, plural, described)


def _owner(rng: Random, owner: str) -> str:
    return owner if owner and rng.random() < 0.8 else pick(rng, _OWNERS)


def owner_of(subject: NounPhrase) -> str:
    """The possessive of a subject: my for I, their for a group."""
    if subject.english in _POSSESSIVE_OF:
        return _POSSESSIVE_OF[subject.english]
    if subject.person == 3 and not subject.plural:
        return "her" if subject.feminine else "his"
    return "their" if subject.person == 3 else "our"


def human(rng: Random, size: int, role: str = "subject", pronouns: bool = True) -> NounPhrase:
    """Somebody: a pronoun (subjects only), a name, a person, or several of them."""
    if size <= 1:
        if role == "subject" and pronouns and rng.random() < 0.75:
            return pick(rng, _PRONOUNS)
        return pick(rng, _NAME_PHRASES)
    if size == 3 and rng.random() < 0.4:
        return _couple(pick(rng, _NAME_PHRASES), pick(rng, _NAME_PHRASES))
    if size >= 4 and rng.random() < 0.5:
        first = common(rng, pick(rng, _HUMAN), 2, "agent")
        if size == 4:
            return coordinate([first, pick(rng, _NAME_PHRASES)])
        return _couple(first, common(rng, pick(rng, _HUMAN), size - 3, "agent"))
    return common(rng, pick(rng, _HUMAN), size, "agent")


def _couple(first: NounPhrase, second: NounPhrase) -> NounPhrase:
    # Nobody is named twice: "Paul and Paul" is Paul.
    return first if first.english == second.english else coordinate([first, second])


@cache
def members(classes: tuple[str, ...]) -> tuple[Noun | Site | None, ...]:
    """All that a verb can take: nouns, countries and cities, and None for a person's name."""
    sites = tuple(site for site in SITES if site.kind in classes)
    names = (None,) * 6 if "person" in classes else ()
    return (*nouns_of(*classes), *sites, *names)


def thing(
    rng: Random, classes: tuple[str, ...], size: int, role: str = "object", negated: bool = False, owner: str = ""
) -> NounPhrase:
    """The object of a verb that takes these classes; of size 5 or more it may be a list."""
    member = pick(rng, members(classes))
    if member is None:
        return pick(rng, _NAME_PHRASES)
    if isinstance(member, Site):
        return site_phrase(member)
    if member.noun_class in GROUPS["human"] and size >= 4 and not negated:
        return human(rng, size, "object")
    phrase = common(rng, member, min(size, 4), role, negated, owner)
    if size < 5 or member.noun_class in BARE or negated or rng.random() < 0.4:
        return phrase
    others = [noun for noun in nouns_of(member.noun_class) if noun is not member]
    rng.shuffle(others)
    nouns = [member, *others[: min(3, size // 3)]]
    if len(nouns) == 1:
        return phrase
    # The members of a list are determined alike: the book and the letter, or a book and a letter.
    role = role if role in ("generic", "own") else pick(rng, ("definite", "indefinite", "indefinite", "own"))
    return coordinate([common(rng, noun, 2 if size < 7 else 3, role, False, owner) for noun in nouns])
