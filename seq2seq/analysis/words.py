"""Words of a text and which of them carry its content, without a list of any language's words."""

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from seq2seq.data.filters import HAN_KANA, SOUTHEAST

_LETTER = rf"[^\W_{HAN_KANA}{SOUTHEAST}]"
_WORD = re.compile(rf"[{HAN_KANA}{SOUTHEAST}]+|{_LETTER}+(?:[-'’]{_LETTER}+)*")
_UNSPACED = re.compile(f"[{HAN_KANA}{SOUTHEAST}]")
_ELISION = re.compile(r"^(?:[^\W\d_]{1,2}|qu|jusqu|lorsqu|puisqu)['’](?=.)", re.IGNORECASE)
_SHARE = 0.5


def words(text: str) -> list[str]:
    """The words of a text, lowercased, without punctuation; an elided article or pronoun is a word of its own.

    Of scripts without spaces (Chinese, Japanese, Thai and the like) each character is one, with the marks upon it.

    >>> words("L'homme dort, dit-elle."), words("他没跑。")
    (['l', 'homme', 'dort', 'dit-elle'], ['他', '没', '跑'])
    """
    result = []
    for word in _WORD.findall(text.lower()):
        if _UNSPACED.match(word):
            result += _characters(word)
            continue
        elided = _ELISION.match(word)
        if elided:
            result.append(elided[0][:-1])
            word = word[elided.end() :]
        result.append(word)
    return result


def _characters(text: str) -> list[str]:
    """Letters and digits, each with the marks upon it."""
    characters: list[str] = []
    for character in text:
        if unicodedata.category(character).startswith("M") and characters:
            characters[-1] += character
        elif character.isalnum():
            characters.append(character)
    return characters


def swapped(text: str, draw: random.Random) -> str | None:
    """The text with two neighbouring words in each other's place; none where no two can change without a trace.

    Neither the first word nor the last one moves, nor one with a mark at it: a capital or a comma in the wrong place
    would give the swap away.

    >>> swapped("The small cat sleeps here.", random.Random(1))
    'The cat small sleeps here.'
    """
    parts = text.split()
    plain = [word.isalpha() for word in parts]
    places = [i for i in range(1, len(parts) - 2) if plain[i] and plain[i + 1] and parts[i] != parts[i + 1]]
    if not places:
        return None
    place = draw.choice(places)
    parts[place : place + 2] = parts[place + 1], parts[place]
    return " ".join(parts)


def function_words(texts: Iterable[str]) -> frozenset[str]:
    """The fewest forms that make up half of a running text: articles, prepositions, auxiliaries and the like.

    Frequency alone tells them apart well enough in any language that writes spaces (Zipf 1949; Luhn 1958); in the
    others, these are the most frequent characters.
    """
    counts = Counter(word for text in texts for word in words(text))
    half = _SHARE * counts.total()
    seen = 0
    frequent = set()
    for word, count in counts.most_common():
        if seen >= half:
            break
        frequent.add(word)
        seen += count
    return frozenset(frequent)


def recall(reference: Sequence[str], hypothesis: Sequence[str]) -> tuple[int, int]:
    """How many of the reference's words the hypothesis has, each as often as it has it, and how many there are."""
    common = Counter(reference) & Counter(hypothesis)
    return common.total(), len(reference)


def recalled(reference: Sequence[str], hypothesis: Sequence[str]) -> list[float]:
    """How much of each of the reference's words the hypothesis has: 1 or 0, or a share each where it repeats too few.

    >>> recalled(["le", "chat", "le"], ["le", "chien"])
    [0.5, 0.0, 0.5]
    """
    wanted, available = Counter(reference), Counter(hypothesis)
    return [min(1.0, available[word] / wanted[word]) for word in reference]


def repeats(text: str) -> bool:
    """Whether a word, or a run of up to four, is written twice in a row, or any run of four words twice.

    >>> repeats("un chat un chat dort"), repeats("un chat dort")
    (True, False)
    """
    sequence = words(text)
    for size in range(1, 5):
        if any(
            sequence[i : i + size] == sequence[i + size : i + 2 * size] for i in range(len(sequence) - 2 * size + 1)
        ):
            return True
    runs = [tuple(sequence[i : i + 4]) for i in range(len(sequence) - 3)]
    return len(set(runs)) < len(runs)
