"""Random places, directions, companions and times: the setting of a clause."""

from random import Random

from seq2seq.phrasebook import french
from seq2seq.phrasebook.draws import adjectives, human, pick
from seq2seq.phrasebook.lexicon import NOUNS, SITES, Noun, Word, nouns_of, words_of
from seq2seq.phrasebook.nouns import OBJECT_PRONOUNS, NounPhrase, from_site, noun_phrase, site_of

PAST_YEARS = tuple(range(1960, 2022))
FUTURE_YEARS = tuple(range(2030, 2045))

# Which adverbials of time go with a form of the verb; "weekday", "month", "year", "ago" and "hence" are built.
_PAST_TIMES = ("past",) * 4 + ("weekday",) * 2 + ("year",) * 6 + ("month", "ago")
_FUTURE_TIMES = ("future",) * 5 + ("weekday",) * 2 + ("future year",) * 3 + ("month", "hence")
TIMES = {
    "present": ("habit",),
    "season": ("habit", "habit", "season"),
    "progressive": ("now",),
    "past": _PAST_TIMES,
    "past progressive": _PAST_TIMES,
    "future": _FUTURE_TIMES,
    "going to": _FUTURE_TIMES,
    "today": ("now",),
    # What was so for long.
    "era": ("year",),
    "since": ("since", "since", "for"),
    "obligation": ("future",),
}

_LOCAL = tuple(noun for noun in nouns_of("place", "area", "room", "street") if noun.where)
_TARGETS = tuple(noun for noun in _LOCAL if noun.where and noun.where[2])
_SUPPORTS = tuple(noun for noun in nouns_of("object", "furniture") if noun.where)
_PLACE_DETERMINERS = ("the",) * 6 + ("my", "your", "our", "this")
_OUTDOORS = nouns_of("area")
_HOMES = tuple(noun for noun in NOUNS if noun.english in ("house", "apartment", "castle", "farm"))
_EVENTS = tuple(noun for noun in nouns_of("show", "event") if noun.where)


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
    noun = pick(rng, _TARGETS if rng.random() < 0.85 else _EVENTS)
    phrase = _place(rng, noun, size)
    direction = noun.where[2] if noun.where else ""
    return phrase.english, french.contract(direction, phrase.french)


def origin(rng: Random) -> tuple[str, str]:
    """Where somebody comes from; the English "from" belongs to the verb: Japan / du Japon."""
    return from_site(pick(rng, SITES))


def dwelling(rng: Random, size: int) -> tuple[str, str]:
    """Where somebody lives: in Paris, in this village, near the station."""
    if size <= 2 or rng.random() < 0.4:
        return site_of(pick(rng, SITES))
    noun = pick(rng, (*_HOMES, *_OUTDOORS) if size == 3 or rng.random() < 0.5 else _LOCAL)
    phrase = _place(rng, noun, size)
    if noun in _OUTDOORS or noun in _HOMES:
        preposition, place, _ = noun.where or ("", "", "")
    else:
        position = pick(rng, words_of("position"))
        preposition, place = position.english, position.french
    return f"{preposition} {phrase.english}", french.contract(place, phrase.french)


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
        phrase = human(rng, 1, "object")
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
