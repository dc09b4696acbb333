"""Pairs of a corpus once more, changed on both sides alike: other names and numbers, or several sentences on a line."""

import re
from collections.abc import Iterator, Sequence
from random import Random

from templates import PEOPLE, city, elides, invented

Sides = tuple[str, str]
_NUMBER = re.compile(r"(?<![\w.,])[1-9]\d{2,3}(?![\w.,]*\d)")
_ELIDABLE = re.compile(r"\b(?:([Dd])e|([Qq]u|[Ll]orsqu|[Pp]uisqu)e) NAME\b")


def renamed(pairs: Sequence[Sides], copies: int, seed: int = 1) -> Iterator[Sides]:
    """Each pair that has a Tom, a Mary, a Boston or a number of three or four digits, with others in their place.

    Tatoeba's sentences speak of Tom, Mary and Boston wherever a name is wanted: a translator that learned no others
    writes Tom for whatever it is given.

    Args:
        pairs: English and French.
        copies: how often each is changed, differently.
        seed: of the names and numbers.
    """
    random = Random(seed)
    for _ in range(copies):
        for pair in pairs:
            english, french = _renumbered(random, *_moved(random, *pair))
            for name, woman in (("Tom", False), ("Mary", True)):
                english, french = _called(random, english, french, name, woman)
            if (english, french) != pair:
                yield english, french


def joined(pairs: Sequence[Sides], count: int, seed: int = 1) -> Iterator[Sides]:
    """So many lines of two or three sentences that have nothing to do with one another: longer lines, plain words."""
    random = Random(seed)
    ended = [pair for pair in pairs if all(side[-1] in ".!?" and '"' not in side for side in pair)]
    for _ in range(count):
        chosen = random.sample(ended, random.choice((2, 2, 3)))
        yield " ".join(english for english, _ in chosen), " ".join(french for _, french in chosen)


def _called(random: Random, english: str, french: str, name: str, woman: bool) -> Sides:
    """The pair with another name, if both sides have this one equally often."""
    word = re.compile(rf"\b{name}\b")
    times = len(word.findall(english))
    if not times or len(word.findall(french)) != times:
        return english, french
    other = (
        random.choice(PEOPLE["woman" if woman else "man"]) if random.random() < 0.6 else invented(random, woman=woman)
    )
    if random.random() < 0.25:
        other += " " + (random.choice(PEOPLE["surname"]) if random.random() < 0.6 else invented(random))
    if elides(other):
        pattern = _ELIDABLE.pattern.replace("NAME", name)
        french = re.sub(pattern, lambda found: f"{found[1] or found[2]}'{other}", french)
    return word.sub(other, english), word.sub(other, french)


def _moved(random: Random, english: str, french: str) -> Sides:
    if len(re.findall(r"\bBoston\b", english)) != 1 or len(re.findall(r"\bBoston\b", french)) != 1:
        return english, french
    place = city(random)
    french = french.replace("à Boston", place.french["in"]).replace("de Boston", place.french["of"])
    return english.replace("Boston", place.english[""]), french.replace("Boston", place.french[""])


def _renumbered(random: Random, english: str, french: str) -> Sides:
    numbers = _NUMBER.findall(english)
    if len(numbers) != 1 or _NUMBER.findall(french) != numbers:
        return english, french
    other = str(random.randrange(1900, 2036) if len(numbers[0]) == 4 else random.randrange(100, 1000))
    return _NUMBER.sub(other, english), _NUMBER.sub(other, french)
