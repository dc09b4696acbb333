"""English sentences whose contents are known, and pairs that differ in one thing, by the phrasebook's grammar."""

from functools import cache
from itertools import islice
from random import Random
from typing import NamedTuple

from seq2seq.phrasebook import Phrase, clauses, phrases
from seq2seq.phrasebook.clauses import VerbGroup
from seq2seq.phrasebook.events import event
from seq2seq.phrasebook.lexicon import nouns_of, verbs_of
from seq2seq.phrasebook.nouns import noun_phrase
from seq2seq.phrasebook.settings import PAST_YEARS

YEARS = PAST_YEARS[4::5]  # 2009 is one of them, and no two have the same digits in another order
TENSES = {"present": "present", "future": "future", "imperfect": "past", "perfect": "past", "pluperfect": "past"}
_SEED = 7
_ROOM = 5  # words of a clause that a year joins
_TIMED = ("past", "past progressive")  # forms that go with a year


class Dated(NamedTuple):
    """A clause with the year before it and behind it.

    Attributes:
        first: In 2009, I went to Nepal.
        last: I went to Nepal in 2009.
        year: an index into `YEARS`.
    """

    first: str
    last: str
    year: int


@cache
def known(count: int) -> tuple[Phrase, ...]:
    """Sentences, none of them of the phrasebook's training split, with tense, number and negation; no conditionals."""
    sentences = (phrase for phrase in phrases("test", 2 * count, seed=_SEED) if phrase.features.tense in TENSES)
    return tuple(islice(sentences, count))


@cache
def dated(count: int) -> tuple[Dated, ...]:
    """Distinct clauses, each with a year drawn for it alone: nothing else tells the year."""
    rng = Random(_SEED)
    pairs = dict[str, Dated]()
    while len(pairs) < count:
        core = event(rng, "past", _ROOM)
        if core.times not in _TIMED or core.group.negation in ("never", "no longer"):
            continue
        clause = core.statement().english
        year = rng.randrange(len(YEARS))
        begun = clause[0].upper() + clause[1:]
        pairs[clause] = Dated(f"In {YEARS[year]}, {clause}.", f"{begun} in {YEARS[year]}.", year)
    return tuple(pairs.values())


@cache
def exchanged(count: int) -> tuple[tuple[str, str], ...]:
    """Who does it to whom, and the other way round: the same words, another meaning."""
    rng = Random(_SEED)
    pairs = dict[str, tuple[str, str]]()
    people = [noun for noun in nouns_of("person", "job") if noun.english != noun.english_plural]
    verbs = [verb for verb in verbs_of("tr") if "person" in verb.objects and verb.english != verb.past]
    while len(pairs) < count:
        two = rng.sample(people, 2)
        group = VerbGroup(rng.choice(verbs), "past")
        names = [noun_phrase(noun, "the") for noun in two]
        said = [
            clauses.clause(subject, group, (other.english, other.french)).english
            for subject, other in (names, reversed(names))
        ]
        first, second = (text[0].upper() + text[1:] + "." for text in said)
        if second not in pairs:
            pairs[first] = first, second
    return tuple(pairs.values())
