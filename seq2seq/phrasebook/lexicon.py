"""The words: tables of bilingual lemmas, read once from the .tsv files beside this module.

Each table is a tuple in the order of its file, so that the corpus is a function of the files and the seed alone.
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from seq2seq.errors import DataError

FOLDER = Path(__file__).parent

# Names for several classes at once, usable wherever a table asks for classes.
GROUPS = {
    "human": ("person", "peer", "family", "practice", "craft", "title"),
    "job": ("practice", "craft"),
    "animal": ("pet", "wild"),
    "site": ("city", "country"),
    "vehicle": ("road", "vessel"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Noun:
    """A noun with both numbers in both languages; `feminine` is set where one English noun serves both sexes."""

    english: str
    english_plural: str
    french: str
    french_plural: str
    feminine: str
    gender: str
    noun_class: str
    where: tuple[str, str, str] | None


@dataclass(frozen=True, slots=True, eq=False)
class Verb:
    """A verb and what may stand around it; `french` is the infinitive, with "se" if it is reflexive."""

    english: str
    past: str
    participle: str
    ing: str
    french: str
    frame: str
    subjects: frozenset[str]
    objects: tuple[str, ...]
    particle: str
    french_preposition: str
    flags: frozenset[str]

    @property
    def reflexive(self) -> bool:
        """Whether the French verb is said with se: se lever."""
        return self.french.startswith("se ")

    @property
    def infinitive(self) -> str:
        """The French infinitive without se."""
        return self.french.removeprefix("se ")

    def without_particle(self) -> "Verb":
        """The same verb where its particle is left out: where did you go, from go to."""
        return replace(self, particle="")


@dataclass(frozen=True, slots=True, eq=False)
class FrenchVerb:
    """What the regular endings do not tell about a French verb; empty where they do."""

    infinitive: str
    auxiliary: str
    participle: str
    future: str
    present: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Adjective:
    """An adjective, its French forms, its place and the classes that it can describe."""

    english: str
    comparative: str
    masculine: str
    feminine: str
    masculine_plural: str
    before_vowel: str
    before_noun: bool
    use: str
    classes: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A country or a city with its French preposition and article."""

    english: str
    french: str
    preposition: str
    article: str
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """A word or a fixed expression that never changes."""

    english: str
    french: str
    kind: str


def _rows(name: str, columns: int) -> list[list[str]]:
    path = FOLDER / f"{name}.tsv"
    rows = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith("#"):
                continue
            cells = ["" if cell == "-" else cell for cell in line.rstrip("\n").split("\t")]
            if len(cells) != columns:
                raise DataError(f"{path}:{number}: {len(cells)} columns instead of {columns}: mend the row")
            rows.append(cells)
    return rows


def _classes(cell: str) -> tuple[str, ...]:
    names = cell.split(",") if cell else []
    return tuple(member for name in names for member in GROUPS.get(name, (name,)))


def english_plural(noun: str) -> str:
    """The regular plural: box -> boxes, city -> cities, key -> keys."""
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "z", "ch", "sh")) else "s")


def french_plural(word: str) -> str:
    """The regular plural of nouns and adjectives: chat -> chats, gâteau -> gâteaux, bois -> bois."""
    if word.endswith(("s", "x", "z")):
        return word
    return word + ("x" if word.endswith(("eau", "eu")) else "s")


def french_feminine(word: str) -> str:
    """The regular feminine of adjectives: petit -> petite, heureux -> heureuse, italien -> italienne."""
    if word.endswith(("eux", "oux")):
        return word[:-1] + "se"
    if word.endswith(("ien", "on")):
        return word + "ne"
    return word if word.endswith("e") else word + "e"


def _noun(row: list[str]) -> Noun:
    english, plural, french, feminine, gender, fr_plural, noun_class, where = row
    preposition, place, direction = [*where.split("/"), "", ""][:3]
    return Noun(
        english,
        plural or english_plural(english),
        french,
        fr_plural or french_plural(french),
        feminine,
        gender,
        noun_class,
        (preposition, place, direction or ("à" if place == "à" else "")) if where else None,
    )


def _verb(row: list[str]) -> Verb:
    english, past, participle, ing, french, frame, subjects, objects, particle, preposition, flags = row
    regular = english[:-1] + "ied" if english[-1] == "y" and english[-2] not in "aeiou" else english.rstrip("e") + "ed"
    stem = english[:-1] if english.endswith("e") and len(english) > 2 and english[-2] not in "eo" else english
    return Verb(
        english,
        past or regular,
        participle or past or regular,
        ing or stem + "ing",
        french,
        frame,
        frozenset(_classes(subjects)),
        _classes(objects),
        particle,
        preposition,
        frozenset(flags.split()),
    )


def _adjective(row: list[str]) -> Adjective:
    english, comparative, masculine, feminine, plural, vowel, position, use, classes = row
    return Adjective(
        english,
        f"more {english}" if comparative == "more" else comparative,
        masculine,
        feminine or french_feminine(masculine),
        plural or french_plural(masculine),
        vowel or masculine,
        position == "before",
        use,
        frozenset(_classes(classes)),
    )


NOUNS = tuple(_noun(row) for row in _rows("nouns", 8))
VERBS = tuple(_verb(row) for row in _rows("verbs", 11))
FRENCH_VERBS = {
    row[0]: FrenchVerb(row[0], row[1], row[2], row[3], tuple(row[4].split())) for row in _rows("french_verbs", 5)
}
ADJECTIVES = tuple(_adjective(row) for row in _rows("adjectives", 9))
SITES = tuple(Site(*row) for row in _rows("places", 5))
ADVERBS = tuple(Word(*row) for row in _rows("adverbs", 3))
CALENDAR = tuple(Word(*row) for row in _rows("calendar", 3))
NAMES = tuple((row[0], row[1] == "f") for row in _rows("names", 2))


@cache
def nouns_of(*classes: str) -> tuple[Noun, ...]:
    """All nouns of the classes; a class may be one of `GROUPS`."""
    wanted = {member for name in classes for member in GROUPS.get(name, (name,))}
    return tuple(noun for noun in NOUNS if noun.noun_class in wanted)


@cache
def adjectives_of(noun_class: str, use: str) -> tuple[Adjective, ...]:
    """The adjectives that describe a class; `use` is "noun" (a big cat) or "be" (the cat is big)."""
    return tuple(word for word in ADJECTIVES if noun_class in word.classes and word.use in ("both", use))


@cache
def verbs_of(*frames: str) -> tuple[Verb, ...]:
    """The verbs of the frames, in the order of the table."""
    return tuple(verb for verb in VERBS if verb.frame in frames)


@cache
def words_of(*kinds: str) -> tuple[Word, ...]:
    """The invariable words of the kinds: weekdays, adverbs of the past, numbers..."""
    return tuple(word for word in (*ADVERBS, *CALENDAR) if word.kind in kinds)


def lemma_count() -> int:
    """How many different English lemmas the tables hold (years, which are drawn as numbers, not counted)."""
    tables = (NOUNS, VERBS, ADJECTIVES, SITES, ADVERBS, CALENDAR)
    return len({(table[0].__class__.__name__, row.english) for table in tables for row in table}) + len(NAMES)
