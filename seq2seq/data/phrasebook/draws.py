"""Random noun phrases, places and times: what a clause is filled with."""

from functools import cache
from random import Random
from typing import TypeVar

from seq2seq.data.phrasebook import french
from seq2seq.data.phrasebook.lexicon import (
    GROUPS,
    NAMES,
    SITES,
    Adjective,
    Noun,
    Site,
    Word,
    adjectives_of,
    nouns_of,
    words_of,
)
from seq2seq.data.phrasebook.nouns import (
    OBJECT_PRONOUNS,
    POSSESSIVES,
    PRONOUNS,
    NounPhrase,
    coordinate,
    from_site,
    name_phrase,
    noun_phrase,
    site_of,
    site_phrase,
)

T = TypeVar("T")
MASS = frozenset({"foodmass", "drink"})
# Sports, school subjects and languages stand without an article in English: I play tennis / je joue au tennis.
BARE = frozenset({"sport", "subject", "language"})
PAST_YEARS = tuple(range(1950, 2022))
FUTURE_YEARS = tuple(range(2030, 2050))

_OWNERS = tuple(POSSESSIVES)
# Determiners for each role, singular and plural. "owner" is a possessive, "number" a number.
_DETERMINERS = {
    ("subject", False): ("the",) * 6 + ("this", "that", "a") + ("owner",) * 3,
    ("subject", True): ("the",) * 5 + ("this", "that", "several", "many") + ("owner",) * 3,
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
}
# What people do not call theirs.
_OWNED_BY_NOBODY = frozenset({"person", "title", "wild", "water", "street"})
_ALONE = frozenset({"father", "mother", "husband", "wife"})
_PRONOUNS = tuple(PRONOUNS.values())
_NAME_PHRASES = tuple(name_phrase(name, feminine) for name, feminine in NAMES)
_POSSESSIVE_OF = dict(zip(PRONOUNS, POSSESSIVES, strict=True))
_HUMAN = nouns_of("human")

# Which adverbials of time go with a form of the verb; "weekday", "month", "year", "ago" and "hence" are built.
_PAST_TIMES = ("past",) * 4 + ("weekday",) * 2 + ("month", "year", "year", "year", "ago")
_FUTURE_TIMES = ("future",) * 5 + ("weekday",) * 2 + ("month", "future year", "hence")
TIMES = {
    "present": ("habit",),
    "season": ("habit", "habit", "season"),
    "progressive": ("now",),
    "past": _PAST_TIMES,
    "past progressive": _PAST_TIMES,
    "future": _FUTURE_TIMES,
    "going to": _FUTURE_TIMES,
    "today": ("now",),
    "since": ("since", "since", "for"),
    "obligation": ("future",),
}


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
        role: subject, object, generic (of "like", where bare nouns mean the whole kind), indefinite (of "have") or own
            (of "wear").
        negated: Whether "a" and "some" become de and any, under a negation.
        owner: The possessive of the subject, preferred for what belongs to somebody.
    """
    if noun.noun_class in BARE:
        return noun_phrase(noun, "generic")
    described = adjectives(rng, noun, size - 2)
    plural = rng.random() < (0.8 if role == "generic" else 0.3)
    if noun.noun_class in MASS:
        determiner, plural = pick(rng, _MASS_DETERMINERS[role]), False
    elif noun.noun_class == "family":
        determiner, plural = "owner", plural and noun.english not in _ALONE
    elif noun.noun_class == "instrument":
        determiner, plural = "the", False
    else:
        determiner = pick(rng, _DETERMINERS[role, plural])
    if determiner == "owner":
        determiner = "the" if noun.noun_class in _OWNED_BY_NOBODY else _owner(rng, owner)
    if determiner == "number":
        determiner = pick(rng, words_of("number")).english
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
        first = common(rng, pick(rng, _HUMAN), 2, "subject")
        if size == 4:
            return coordinate([first, pick(rng, _NAME_PHRASES)])
        return _couple(first, common(rng, pick(rng, _HUMAN), size - 3, "subject"))
    return common(rng, pick(rng, _HUMAN), size, "subject")


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
    phrases = [common(rng, member, 2 if size < 7 else 3, role, False, owner)]
    used = [member]
    while len(phrases) < min(4, size // 3 + 1):
        other = pick(rng, nouns_of(member.noun_class))
        if other not in used:
            used.append(other)
            phrases.append(common(rng, other, 2 if size < 7 else 3, role, False, owner))
    return coordinate(phrases)


_LOCAL = tuple(noun for noun in nouns_of("place", "area", "room", "street") if noun.where)
_TARGETS = tuple(noun for noun in _LOCAL if noun.where and noun.where[2])
_SUPPORTS = tuple(noun for noun in nouns_of("object", "furniture") if noun.where)
_PLACE_DETERMINERS = ("the",) * 6 + ("my", "your", "our", "this")
_OUTDOORS = nouns_of("area")


def _place(rng: Random, noun: Noun, size: int) -> NounPhrase:
    determiner = pick(rng, _PLACE_DETERMINERS) if size > 2 else "the"
    return noun_phrase(noun, determiner, False, adjectives(rng, noun, size - 3))


def somewhere(rng: Random, size: int) -> tuple[str, str]:
    """Where something happens: here, in Paris, at the station, near the new museum."""
    if size <= 1:
        word = pick(rng, words_of("here"))
        return word.english, word.french
    if size == 2 or rng.random() < 0.3:
        return site_of(pick(rng, SITES))
    noun = pick(rng, _LOCAL)
    phrase = _place(rng, noun, size)
    if rng.random() < 0.3 and noun.noun_class == "place":
        position = pick(rng, words_of("position"))
        return f"{position.english} {phrase.english}", french.contract(position.french, phrase.french)
    preposition, place, _ = noun.where or ("", "", "")
    return f"{preposition} {phrase.english}", french.contract(place, phrase.french)


def on_something(rng: Random, size: int) -> tuple[str, str]:
    """Where a thing lies: on the table, in my bag."""
    noun = pick(rng, _SUPPORTS)
    phrase = noun_phrase(noun, pick(rng, _PLACE_DETERMINERS), False, adjectives(rng, noun, size - 3))
    preposition, place, _ = noun.where or ("", "", "")
    return f"{preposition} {phrase.english}", french.contract(place, phrase.french)


def destination(rng: Random, size: int) -> tuple[str, str]:
    """Where somebody goes; the English "to" belongs to the verb: Nepal / au Népal, the station / à la gare."""
    if size <= 2 or rng.random() < 0.35:
        site = pick(rng, SITES)
        return site.english, site_of(site)[1]
    noun = pick(rng, _TARGETS)
    phrase = _place(rng, noun, size)
    direction = noun.where[2] if noun.where else ""
    return phrase.english, french.contract(direction, phrase.french)


def origin(rng: Random) -> tuple[str, str]:
    """Where somebody comes from; the English "from" belongs to the verb: Japan / du Japon."""
    return from_site(pick(rng, SITES))


def outdoors(rng: Random, size: int) -> tuple[str, str]:
    """Where it rains: in Paris, in the forest."""
    if size <= 2 or rng.random() < 0.6:
        return site_of(pick(rng, SITES))
    noun = pick(rng, _OUTDOORS)
    phrase = noun_phrase(noun, "the")
    preposition, place, _ = noun.where or ("", "", "")
    return f"{preposition} {phrase.english}", french.contract(place, phrase.french)


def company(rng: Random, size: int, pronouns: list[str]) -> tuple[str, str]:
    """With or without whom: with him, without my sister, with Paul and the doctor."""
    english, frenched = pick(rng, (("with", "avec"),) * 3 + (("without", "sans"),))
    if size <= 2:
        if rng.random() < 0.5:
            pronoun = pick(rng, pronouns)
            return f"{english} {pronoun}", f"{frenched} {OBJECT_PRONOUNS[pronoun][2]}"
        phrase = pick(rng, _NAME_PHRASES)
    else:
        phrase = human(rng, size - 1, "object")
    return f"{english} {phrase.english}", f"{frenched} {phrase.french}"


def moment(rng: Random, key: str, year_allowed: bool) -> tuple[str, str, int | None]:
    """A time that fits a form of the verb, with its year if it names one; key is one of `TIMES`."""
    kind = pick(rng, TIMES[key])
    if kind in ("year", "future year") and year_allowed:
        year = pick(rng, PAST_YEARS if kind == "year" else FUTURE_YEARS)
        return f"in {year}", f"en {year}", year
    if kind in ("year", "future year"):
        kind = "past" if kind == "year" else "future"
    if kind == "since" and year_allowed:
        year = pick(rng, PAST_YEARS)
        return f"since {year}", f"depuis {year}", year
    if kind in ("ago", "hence", "for", "since"):
        number, unit = pick(rng, words_of("number")), pick(rng, words_of("duration"))
        if kind in ("for", "since"):
            return f"for {number.english} {unit.english}", f"depuis {number.french} {unit.french}", None
        if kind == "ago":
            return f"{number.english} {unit.english} ago", f"il y a {number.french} {unit.french}", None
        return f"in {number.english} {unit.english}", f"dans {number.french} {unit.french}", None
    word: Word = pick(rng, words_of(kind))
    if kind == "weekday":
        return f"on {word.english}", word.french, None
    if kind == "month":
        return f"in {word.english}", f"en {word.french}", None
    return word.english, word.french, None
