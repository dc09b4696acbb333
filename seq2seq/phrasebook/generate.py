"""The corpus: distinct sentences of a split, in an order that the seed decides."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from random import Random

from seq2seq.arguments import check_count
from seq2seq.errors import ConfigError, DataError
from seq2seq.phrasebook import french
from seq2seq.phrasebook.lexicon import adjectives_of, nouns_of, verbs_of
from seq2seq.phrasebook.sentences import Sentence, sentence
from seq2seq.phrasebook.settings import PAST_YEARS

SPLITS = ("train", "dev", "test")
SHORTEST_WORDS, LONGEST_WORDS = 3, 60
# Of 256 values of a sentence's hash, how many go to dev and to test: 5 % each. The language has no end, so generous
# shares cost train nothing and make the small splits quick to draw.
_HELD_OUT = 13
# Draws without anything new before the language of that length counts as exhausted.
_PATIENCE = 20_000
_TENSES = {"near": "future"}


@dataclass(frozen=True, slots=True)
class Features:
    """What a sentence is known to contain.

    Attributes:
        year: The year that it names, or None.
        year_position: "first" if the sentence begins with the year, "last" if it ends with it, or None.
        tense: The French tense of its main clause: present, imperfect, perfect, pluperfect, future or conditional.
        person: 1, 2 or 3: of the main subject.
        number: "singular" or "plural": of the main subject ("you" is the polite singular).
        polarity: "affirmative" or "negative": of the main clause.
        mood: "statement" or "question".
        words: English words between spaces.
    """

    year: int | None
    year_position: str | None
    tense: str
    person: int
    number: str
    polarity: str
    mood: str
    words: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence, its translation and what it contains."""

    english: str
    french: str
    features: Features


def phrase_of(drawn: Sentence) -> Phrase:
    """The finished pair: elided, capitalised, with its final mark."""
    english = drawn.english[0].upper() + drawn.english[1:] + ("?" if drawn.question else ".")
    translated = french.elide(drawn.french)
    translated = translated[0].upper() + translated[1:] + (" ?" if drawn.question else ".")
    main = drawn.main
    features = Features(
        year=drawn.year,
        year_position=drawn.year_position,
        tense=_TENSES.get(main.tense, main.tense),
        person=main.subject.person,
        number="plural" if main.subject.plural else "singular",
        polarity="negative" if main.negative else "affirmative",
        mood="question" if drawn.question else "statement",
        words=english.count(" ") + 1,
    )
    return Phrase(english, translated, features)


def split_of(english: str) -> str:
    """The split that an English sentence belongs to, whatever the seed, the count and the lengths."""
    value = blake2b(english.encode(), digest_size=1).digest()[0]
    return "dev" if value < _HELD_OUT else "test" if value < 2 * _HELD_OUT else "train"


def phrases(split: str, count: int, *, min_words: int = 3, max_words: int = 12, seed: int = 0) -> Iterator[Phrase]:
    """Distinct sentence pairs of a split, always the same for the same arguments.

    The French is a function of the English: one English sentence has one translation, everywhere in the language.

    Args:
        split: train, dev or test. No sentence belongs to two of them, whatever the other arguments.
        count: How many pairs.
        min_words: The fewest English words, at least 3.
        max_words: The most English words, at most 60.
        seed: Another seed, other sentences.

    Returns:
        The pairs, one by one.

    Raises:
        ConfigError: If an argument is out of its range.
        DataError: While iterating, if the language has too few sentences of these lengths.

    Example:
        >>> pair = next(phrases("train", 1, seed=1))
        >>> pair.features.words == len(pair.english.split())
        True
    """
    if split not in SPLITS:
        raise ConfigError(f"split is {split!r}: choose one of {', '.join(SPLITS)}")
    check_count(count, "count")
    check_count(seed, "seed")
    for name, words in (("min_words", min_words), ("max_words", max_words)):
        check_count(words, name)
    if not SHORTEST_WORDS <= min_words <= max_words <= LONGEST_WORDS:
        raise ConfigError(
            f"min_words is {min_words} and max_words is {max_words}: "
            f"choose {SHORTEST_WORDS} <= min_words <= max_words <= {LONGEST_WORDS}"
        )
    return _generate(split, count, min_words, max_words, seed)


def _generate(split: str, count: int, min_words: int, max_words: int, seed: int) -> Iterator[Phrase]:
    rng = Random(f"{seed}/{min_words}/{max_words}")
    seen: set[str] = set()
    tries = 0
    while len(seen) < count:
        tries += 1
        if tries > _PATIENCE:
            raise DataError(
                f"only {len(seen):,} of {count:,} distinct {split} phrases of {min_words} to {max_words} words found: "
                "ask for fewer, or widen min_words and max_words"
            )
        target = min_words + int(rng.random() * (max_words - min_words + 1))
        drawn = sentence(rng, target)
        length = drawn.english.count(" ") + 1
        if abs(length - target) > 1 + target // 12 or not min_words <= length <= max_words:
            continue
        phrase = phrase_of(drawn)
        if split_of(phrase.english) == split and phrase.english not in seen:
            seen.add(phrase.english)
            tries = 0
            yield phrase


def distinct_lower_bound() -> int:
    """Fewer sentences than the grammar can write, counted on one of its rules.

    The rule: "the" + adjective + person, a verb in the past, "the" + adjective + object, and a year, first or last.
    Each choice changes the English, so the product counts distinct sentences.
    """

    def described(*classes: str) -> int:
        nouns = [noun for noun in nouns_of(*classes) if noun.noun_class != "family"]
        return sum(len(adjectives_of(noun.noun_class, "noun")) for noun in nouns)

    verbs = [verb for verb in verbs_of("tr") if "person" in verb.subjects and not verb.french_preposition]
    # Not the verbs whose past looks like their present, nor those that take other determiners or other tenses.
    verbs = [verb for verb in verbs if verb.english != verb.past]
    verbs = [verb for verb in verbs if not {"state", "generic", "indefinite", "own"} & verb.flags]
    actions = {(verb.english, verb.particle): described(*verb.objects) for verb in verbs}
    return 2 * len(PAST_YEARS) * described("person", "job") * sum(actions.values())
