"""English sentences with names, places, numbers and dates, and their French translations, of our own writing.

A template is a line of `templates.tsv`: English and French with slots. ``{city}`` is filled on both sides alike,
``{city.in}`` with a form of it ("à Lyon", "au Caire"), ``{city2}`` with another city. A third of the people
and a quarter of the towns have names that nobody bears, so that copying pays, not remembering.
"""

import re
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from random import Random
from typing import NamedTuple

HERE = Path(__file__).parent
VOWELS = "aeiouyàâäéèêëîïôöùûü"


class Value(NamedTuple):
    """What fills a slot: the forms of each language by name, the plain one under ''."""

    english: dict[str, str]
    french: dict[str, str]


def read(name: str) -> list[list[str]]:
    lines = HERE.joinpath(name).read_text(encoding="utf-8").split("\n")[:-1]
    return [line.split("\t") for line in lines]


WORDS: dict[str, list[list[str]]] = {}
for kind, *forms in read("words.tsv"):
    WORDS.setdefault(kind, []).append(forms)
PEOPLE = {kind: names.split() for kind, names in read("people.tsv")}


def elides(name: str) -> bool:
    """Whether "de" before a name loses its vowel: d'Anna, d'Yves, but de Yann, de Harry."""
    first, second = name[0].lower(), name[1:2].lower()
    return second not in VOWELS if first == "y" else first in VOWELS


def same(text: str) -> Value:
    """A slot that both languages write alike."""
    return Value({"": text}, {"": text})


def invented(random: Random, *, woman: bool | None = None) -> str:
    """A name that nobody bears: two or three syllables, with a woman's ending or a man's, or any."""
    draw = {part: lambda part=part: random.choice(PEOPLE[part]) for part in PEOPLE}
    name = "".join(draw["start"]() + draw["vowel"]() for _ in range(random.choice((1, 2, 2))))
    return (name + draw["end" if woman is None else "woman_end" if woman else "man_end"]()).capitalize()


def person(random: Random) -> Value:
    """Somebody, by first name or in full, with the pronouns and endings that go with them."""
    woman = random.random() < 0.5
    known = random.random() < 0.67
    first = random.choice(PEOPLE["woman" if woman else "man"]) if known else invented(random, woman=woman)
    surname = random.choice(PEOPLE["surname"]) if random.random() < 0.6 else invented(random)
    name = f"{first} {surname}" if random.random() < 0.4 else first
    job, *french_job = random.choice(WORDS["job"])
    english = {"": name, "possessor": f"{name}'s", "job": job}
    english |= {"he": "she", "his": "her"} if woman else {"he": "he", "his": "his"}
    french = {"": name, "job": french_job[woman]}
    french |= {"of": f"d'{name}", "que": f"qu'{name}"} if elides(name) else {"of": f"de {name}", "que": f"que {name}"}
    french |= (
        {"e": "e", "ne": "ne", "il": "elle", "un": "une", "le": "la", "if": "si elle"}
        if woman
        else {"e": "", "ne": "", "il": "il", "un": "un", "le": "le", "if": "s'il"}
    )
    return Value(english, french)


def title(random: Random) -> Value:
    surname = random.choice(PEOPLE["surname"]) if random.random() < 0.7 else invented(random)
    english, french = random.choice((("Mr.", "M."), ("Mrs.", "Mme"), ("Ms.", "Mme")))
    return Value({"": f"{english} {surname}"}, {"": f"{french} {surname}"})


def country(random: Random) -> Value:
    """A country; whether French says en, au, aux or à follows from its article and first letter."""
    english, french = random.choice(WORDS["country"])
    if french.startswith("les "):
        forms = {"in": f"aux {french[4:]}", "of": f"des {french[4:]}"}
    elif french.startswith("le "):
        forms = {"in": f"au {french[3:]}", "of": f"du {french[3:]}"}
    elif french.startswith("la "):
        forms = {"in": f"en {french[3:]}", "of": f"de {french[3:]}"}
    elif french.startswith("l'"):
        forms = {"in": f"en {french[2:]}", "of": f"d'{french[2:]}"}
    else:
        forms = {"in": f"à {french}", "of": f"d'{french}" if elides(french) else f"de {french}"}
    forms["is"] = "sont" if french.startswith("les ") else "est"
    return Value({"": english}, {"": french, "the": french, **forms})


def city(random: Random) -> Value:
    english, french = random.choice(WORDS["city"]) if random.random() < 0.75 else [invented(random)] * 2
    if french.startswith("Le "):
        forms = {"in": f"au {french[3:]}", "of": f"du {french[3:]}"}
    else:
        forms = {"in": f"à {french}", "of": f"d'{french}" if elides(french) else f"de {french}"}
    return Value({"": english, "at": f"in {english}"}, {"": french, **forms})


def language(random: Random) -> Value:
    english, french = random.choice(WORDS["language"])
    article = "l'" if elides(french) or french == "hébreu" else "le "
    return Value({"": english}, {"": french, "the": article + french})


def relative(random: Random) -> Value:
    english, french = random.choice(WORDS["relative"])
    return Value({"": english}, {"": french, "my": french, "e": "e" if french.startswith("ma ") else ""})


def grouped(random: Random, number: int) -> Value:
    """Digits, in groups of three or not: 12,500 is 12 500."""
    if number < 1000 or (number < 10_000 and random.random() < 0.5):
        return same(str(number))
    return Value({"": f"{number:,}"}, {"": f"{number:,}".replace(",", " ")})


def number(random: Random) -> Value:
    return grouped(random, random.randrange(21, random.choice((100, 1000, 1000, 10_000, 10_000, 1_000_000))))


def price(random: Random) -> Value:
    amount = grouped(random, random.randrange(2, random.choice((100, 100, 1000, 10_000))))
    sign, english, french = random.choice(
        (("$", "dollars", "dollars"), ("€", "euros", "euros"), ("£", "pounds", "livres"))
    )
    if random.random() < 0.5:
        return Value({"": f"{sign}{amount.english['']}"}, {"": f"{amount.french['']} {sign}"})
    return Value({"": f"{amount.english['']} {english}"}, {"": f"{amount.french['']} {french}"})


def clock(random: Random) -> Value:
    """A time of day, as it is written or spoken."""
    hour, minute = random.randrange(1, 12), 5 * random.randrange(1, 12)
    english, french = ("one", "une") if hour == 1 else WORDS["words"][hour - 2]
    spoken = f"{french} heure{'s' * (hour > 1)}"
    afternoon = "de l'après-midi" if hour < 6 else "du soir"
    long_hour = random.randrange(24)
    return random.choice(
        (
            Value({"": f"{long_hour}:{minute:02d}"}, {"": f"{long_hour} h {minute:02d}"}),
            Value({"": f"{hour} a.m."}, {"": f"{hour} h du matin"}),
            Value({"": f"{hour} p.m."}, {"": f"{hour} h {afternoon}"}),
            Value({"": f"{english} o'clock"}, {"": spoken}),
            Value({"": f"half past {english}"}, {"": f"{spoken} et demie"}),
        )
    )


def date(random: Random) -> Value:
    """A day of a year, in English with the month before or after it."""
    (month, mois), day, when = random.choice(WORDS["month"]), random.randrange(1, 29), year(random).english[""]
    suffix = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    english = random.choice((f"{month} {day}, {when}", f"{month} {day}{suffix}, {when}", f"{day} {month} {when}"))
    return Value({"": english}, {"": f"{'1er' if day == 1 else day} {mois} {when}"})


def year(random: Random) -> Value:
    return same(str(random.randrange(1900, 2036) if random.random() < 0.8 else random.randrange(1200, 1900)))


def listed(kind: str) -> Callable[[Random], Value]:
    """A function that draws from a kind of `words.tsv`; of its numbers, none ends in one, which French inflects."""

    def draw(random: Random) -> Value:
        english, french = random.choice(WORDS[kind])
        return Value({"": english}, {"": french})

    return draw


def decimal(random: Random) -> Value:
    value = f"{random.randrange(2, 100)}.{random.randrange(1, 10)}"
    return Value({"": value}, {"": value.replace(".", ",")})


def percent(random: Random) -> Value:
    value = random.randrange(2, 100)
    return Value({"": f"{value}%"}, {"": f"{value} %"})


def statement(random: Random, mark: str = ".") -> Value:
    """A filled template to be quoted: one that ends in a mark and quotes nothing itself."""
    while True:
        english, french = fill(random, random.choice(TEMPLATES))
        if '"' not in english and english.endswith(mark):
            return Value({"": english, "bare": english[:-1]}, {"": french, "bare": french.removesuffix(mark).rstrip()})


KINDS: dict[str, Callable[[Random], Value]] = {
    **{kind: listed(kind) for kind in ("month", "day", "words")},
    **{draw.__name__: draw for draw in (person, title, country, city, language, relative, clock, date, year)},
    **{draw.__name__: draw for draw in (number, price, decimal, percent)},
    "sentence": statement,
    "question": lambda random: statement(random, "?"),
    "age": lambda random: same(str(random.randrange(2, 100))),
    "small": lambda random: same(str(random.randrange(2, 20))),
    "room": lambda random: same(str(random.randrange(100, 1000))),
    "phone": lambda random: same(f"{random.randrange(200, 1000)}-{random.randrange(10_000):04d}"),
    "street": lambda random: same(random.choice(PEOPLE["surname"]) if random.random() < 0.5 else invented(random)),
}
TEMPLATES = [(english, french) for english, french in read("templates.tsv")]
_SLOT = re.compile(r"\{([a-z]+)(\d?)(?:\.([a-z]+))?\}")


def fill(random: Random, template: tuple[str, str]) -> tuple[str, str]:
    """A sentence and its translation: what a slot is called decides what fills it."""
    drawn = {found[1] + found[2]: KINDS[found[1]](random) for found in _SLOT.finditer(template[0])}
    if "year2" in drawn:
        drawn["year"], drawn["year2"] = sorted((drawn["year"], drawn["year2"]), key=lambda value: int(value.french[""]))
    sides = []
    for side, text in enumerate(template):
        filled = _SLOT.sub(lambda found, side=side: drawn[found[1] + found[2]][side][found[3] or ""], text)
        sides.append(filled[0].upper() + filled[1:])
    return sides[0].replace(".m..", ".m."), sides[1]


def sentences(count: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """So many different English sentences and their translations, always the same for the same arguments."""
    random, templates, seen = Random(seed), cycle(TEMPLATES), set()
    while len(seen) < count:
        english, french = fill(random, next(templates))
        if english not in seen:
            seen.add(english)
            yield english, french
