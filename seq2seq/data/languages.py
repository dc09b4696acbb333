"""Which script a language is written in, and whether text fits: a column of another language is noticed early."""

from collections.abc import Iterable
from functools import lru_cache

_COMBINED = {
    "Jpan": {"Hani", "Hira", "Kana"},
    "Kore": {"Hang", "Hani"},
    "Hans": {"Hani", "Bopo"},
    "Hant": {"Hani", "Bopo"},
}


def scripts(language: str) -> set[str]:
    """The scripts (ISO 15924) that a language (BCP 47) is usually written in.

    >>> sorted(scripts("ja")), scripts("sr-Latn")
    (['Hani', 'Hira', 'Kana'], {'Latn'})
    """
    import langcodes

    script = langcodes.get(language).maximize().script or ""
    return _COMBINED.get(script, {script} - {""})


def share_in_other_scripts(lines: Iterable[str], language: str) -> float:
    """Share of the lines that have letters, but most of them of scripts that the language is not written in.

    >>> share_in_other_scripts(["Привет, мир", "hello", "2009"], "fr")
    0.5
    """
    expected = scripts(language)
    counted = foreign = 0
    for line in lines:
        letters = [character for character in line if character.isalpha()]
        if letters and expected:
            counted += 1
            foreign += 2 * sum(_script(letter) in expected for letter in letters) < len(letters)
    return foreign / max(counted, 1)


@lru_cache(maxsize=65_536)
def _script(character: str) -> str:
    from fontTools.unicodedata import script

    return str(script(character))
