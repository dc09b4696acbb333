"""Random noun phrases, places and times: what a clause is filled with."""

from functools import lru_cache
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
_SUBJECT = ("the",) * 5 + ("this", "that", "a") + _OWNERS
_SUBJECTS = ("the",) * 4 + ("this", "that", "several", "many") + _OWNERS
_OBJECT = ("the",) * 4 + ("a",) * 4 + ("this", "that") + _OWNERS
_OBJECTS = ("the",) * 3 + ("some",) * 4 + ("this", "that", "several", "many", "number", "number") + _OWNERS
_PRONOUNS = tuple(PRONOUNS.values())
_NAME_PHRASES = tuple(name_phrase(name, feminine) for name, feminine in NAMES)
_HUMAN = nouns_of("human")

# Which adverbials of time go with a form of the verb; "weekday", "month", "year", "ago" and "hence" are built.
_PAST_TIMES = ("past",) * 4 + ("weekday",) * 2 + ("month", "year", "year", "year", "ago")
_FUTURE_TIMES = ("future",) * 5 + ("weekday",) * 2 + ("month", "future year", "hence")
TIMES = {
    "present": ("habit",),
    "progressive": ("now",),
    "past": _PAST_TIMES,
    "past progressive": _PAST_TIMES,
    "future": _FUTURE_TIMES,
    "going to": _FUTURE_TIMES,
    "today": ("now",),
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


def common(rng: Random, noun: Noun, size: int, role: str = "object", negated: bool = False) -> NounPhrase:
    """A phrase of about `size` words around a noun.

    Args:
        rng: The source of chance.
        noun: The head.
        size: 2 for determiner and noun, more for adjectives.
        role: subject, object, or generic (the object of "like", where bare nouns mean the whole kind).
        negated: Whether "a" and "some" become de and any, under a negation.
    """
    if noun.noun_class in BARE:
        return noun_phrase(noun, "generic", False, adjectives(rng, noun, size - 1) if role == "object" else ())
    described = adjectives(rng, noun, size - 2)
    if noun.noun_class in MASS:
        choices = ("the", "the") if role == "subject" else ("the", "some", "some", "this") + _OWNERS[:2]
        determiner, plural = pick(rng, choices if role != "generic" else ("generic",)), False
    elif noun.noun_class == "family":
        determiner, plural = pick(rng, _OWNERS), rng.random() < 0.2
        plural = plural and noun.english not in ("father", "mother", "husband", "wife")
    elif noun.noun_class == "instrument":
        determiner, plural = "the", False
    else:
        plural = rng.random() < (0.8 if role == "generic" else 0.3)
        determiner = _determiner(rng, role, plural)
    if negated and determiner in ("a", "some"):
        determiner = "not a" if determiner == "a" else "any"
    return noun_phrase(noun, determiner, plural, described)


def _determiner(rng: Random, role: str, plural: bool) -> str:
    if role == "subject":
        determiner = pick(rng, _SUBJECTS if plural else _SUBJECT)
    elif role == "generic" and plural:
        determiner = pick(rng, ("generic",) * 3 + ("the",) + _OWNERS[:2])
    else:
        determiner = pick(rng, _OBJECTS if plural else _OBJECT)
    if role == "generic" and determiner in ("a", "some", "number", "several", "many"):
        determiner = "the"
    return pick(rng, words_of("number")).english if determiner == "number" else determiner


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
    return common(rng, pick(rng, _HUMAN), size, role if role == "subject" else "subject")


def _couple(first: NounPhrase, second: NounPhrase) -> NounPhrase:
    # Nobody is named twice: "Paul and Paul" is Paul.
    return first if first.english == second.english else coordinate([first, second])


@lru_cache(maxsize=None)
def members(classes: tuple[str, ...]) -> tuple[Noun | Site | None, ...]:
    """All that a verb can take: nouns, countries and cities, and None for a person's name."""
    sites = tuple(site for site in SITES if site.kind in classes)
    names = (None,) * 6 if "person" in classes else ()
    return (*nouns_of(*classes), *sites, *names)


def thing(rng: Random, classes: tuple[str, ...], size: int, role: str = "object", negated: bool = False) -> NounPhrase:
    """The object of a verb that takes these classes."""
    member = pick(rng, members(classes))
    if member is None:
        return pick(rng, _NAME_PHRASES)
    if isinstance(member, Site):
        return site_phrase(member)
    if member.noun_class in GROUPS["human"] and size >= 4 and not negated:
        return human(rng, size, "object")
    phrase = common(rng, member, min(size, 4), role, negated)
    if size >= 5 and member.noun_class not in BARE and not negated:
        other = pick(rng, members((member.noun_class,)))
        if isinstance(other, Noun) and other is not member:
            phrases = [phrase, common(rng, other, size - 3, role, negated)]
            if size >= 8 and (third := pick(rng, nouns_of(member.noun_class))) not in (member, other):
                phrases.insert(0, common(rng, third, 2, role, negated))
            return coordinate(phrases)
    return phrase


_LOCAL = tuple(noun for noun in nouns_of("place", "area", "room", "street") if noun.where)
_TARGETS = tuple(noun for noun in _LOCAL if noun.where and noun.where[2])
_SUPPORTS = tuple(noun for noun in nouns_of("object", "furniture") if noun.where)
_PLACE_DETERMINERS = ("the",) * 6 + ("my", "your", "our", "this")


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
    """Where somebody goes: to Nepal, to the station."""
    if size <= 2 or rng.random() < 0.35:
        site = pick(rng, SITES)
        return f"to {site.english}", site_of(site)[1]
    noun = pick(rng, _TARGETS)
    phrase = _place(rng, noun, size)
    direction = noun.where[2] if noun.where else ""
    return f"to {phrase.english}", french.contract(direction, phrase.french)


def origin(rng: Random) -> tuple[str, str]:
    """Where somebody comes from: from Japan / du Japon."""
    return from_site(pick(rng, SITES))


def company(rng: Random, size: int) -> tuple[str, str]:
    """With or without whom: with him, without my sister, with Paul and the doctor."""
    english, frenched = pick(rng, (("with", "avec"),) * 3 + (("without", "sans"),))
    if size <= 2:
        if rng.random() < 0.5:
            pronoun = pick(rng, ("me", "you", "him", "her", "us", "them"))
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
    if kind in ("ago", "hence"):
        number, unit = pick(rng, words_of("number")), pick(rng, words_of("duration"))
        if kind == "ago":
            return f"{number.english} {unit.english} ago", f"il y a {number.french} {unit.french}", None
        return f"in {number.english} {unit.english}", f"dans {number.french} {unit.french}", None
    word: Word = pick(rng, words_of(kind))
    if kind == "weekday":
        return f"on {word.english}", word.french, None
    if kind == "month":
        return f"in {word.english}", f"en {word.french}", None
    return word.english, word.french, None
