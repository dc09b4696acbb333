"""Which script a language is written in, and whether text fits: a column of another language is noticed early."""

from collections.abc import Iterable
from functools import lru_cache

_COMBINED = {
    "Jpan": {"Hani", "Hira", "Kana"},
    "Kore": {"Hang", "Hani"},
    "Hans": {"Hani", "Bopo"},
    "Hant": {"Hani", "Bopo"},
}
# Scripts whose words are not parted by spaces: Han and kana; those of Southeast Asia that Unicode breaks by dictionary
# or by syllable; Tibetan, Yi, Tangut and Nushu.
_UNSPACED = {
    "Hani", "Hans", "Hant", "Bopo", "Hira", "Kana", "Thai", "Laoo", "Khmr", "Mymr", "Lana", "Tale", "Talu", "Tavt",
    "Ahom", "Java", "Bali", "Kawi", "Tibt", "Yiii", "Tang", "Nshu",
}  # fmt: skip
_CHINESE = {
    "zh", "cmn", "yue", "wuu", "nan", "hak", "gan", "hsn", "lzh", "ltc", "och", "cdo", "cjy", "cnp", "cpx", "csp",
    "czh", "czo", "mnp",
}  # fmt: skip


def scripts(language: str) -> set[str]:
    """The scripts (ISO 15924) that a language (BCP 47) is usually written in.

    >>> sorted(scripts("ja")), scripts("sr-Latn")
    (['Hani', 'Hira', 'Kana'], {'Latn'})
    """
    import langcodes

    tag = langcodes.get(language)
    # The data behind `maximize` take the smaller Chinese languages for Latin.
    script = tag.script or ("Hans" if tag.language in _CHINESE else tag.maximize().script) or ""
    return _COMBINED.get(script, {script} - {""})


def without_spaces(language: str) -> bool:
    """Whether a language (BCP 47) is written without spaces between its words.

    >>> [without_spaces(language) for language in ("zh", "ja", "th", "bo", "ko", "vi", "zh-Latn")]
    [True, True, True, True, False, False, False]
    """
    return bool(scripts(language) & _UNSPACED) and "Hang" not in scripts(language)


def without_spaces_share(lines: Iterable[str]) -> float:
    """Share of the lines that have letters, but most of them of scripts that are written without spaces.

    >>> without_spaces_share(["他没有跑。", "hello", "2009"])
    0.5
    """
    counted = unspaced = 0
    for line in lines:
        letters = [character for character in line if character.isalpha()]
        if letters:
            counted += 1
            unspaced += 2 * sum(_script(letter) in _UNSPACED for letter in letters) > len(letters)
    return unspaced / max(counted, 1)


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
