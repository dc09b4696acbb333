"""Which script a language is written in, and whether text fits: a column of another language is noticed early."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any

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
    shares = list(_shares(lines, frozenset(_UNSPACED)))
    return sum(share > 0.5 for share in shares) / max(len(shares), 1)


def share_in_other_scripts(lines: Iterable[str], language: str) -> float:
    """Share of the lines that have letters, but most of them of scripts that the language is not written in.

    >>> share_in_other_scripts(["Привет, мир", "hello", "2009"], "fr")
    0.5
    """
    expected = scripts(language)
    shares = list(_shares(lines, frozenset(expected))) if expected else []
    return sum(share < 0.5 for share in shares) / max(len(shares), 1)


def _shares(lines: Iterable[str], scripts: frozenset[str]) -> Iterator[float]:
    """Of each line that has letters, the share of those that some scripts (ISO 15924) have."""
    pattern = _letters_of(scripts)
    for line in lines:
        letters = "".join(filter(str.isalpha, line))
        if letters:
            yield len(pattern.findall(letters)) / len(letters)


@lru_cache
def _letters_of(scripts: frozenset[str]) -> Any:
    """A pattern of the characters of some scripts; Unicode does not know all that have a code, such as Hans."""
    import regex

    known = ""
    for script in sorted(scripts):
        with suppress(regex.error):
            regex.compile(rf"\p{{Script={script}}}")
            known += rf"\p{{Script={script}}}"
    return regex.compile(f"[{known}]" if known else "(?!)")
