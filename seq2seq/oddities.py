"""What looks wrong with translations, in words: shared by training, which looks at the dev set, and by `evaluate`."""

from collections import Counter
from collections.abc import Sequence

from seq2seq.data.languages import without_spaces_share

_FEW_SENTENCES = 100  # under this, bootstrap intervals are too rough
_EMPTY_SHARE = 0.1  # of the hypotheses
_TYPOGRAPHIC, _PLAIN = "‘’“”", "'\""
_MONOTONOUS_SENTENCES = 5  # fewer are no ground to call translations alike
_MONOTONOUS_SHARE = 0.5  # of the hypotheses, or of the units of one
_DISTINCT_SHARE = 0.1  # different hypotheses, as a share of the different references
_NO_BLEU = 1.0  # under this, hardly a run of four words is right
_LIKE_LENGTHS = 0.5  # difference of the length ratio from 1: beyond it, the length explains the low BLEU
_SHOWN_CHARACTERS = 60
_BY_SPACES = ("13a", "intl", "none")
_SAMPLE = 1000  # references whose letters are looked at


def monotony(hypotheses: Sequence[str], references: Sequence[str]) -> str:
    """In which way the translations are alike though the references are not; empty if they are not.

    >>> monotony(["Je suis un homme."] * 9 + ["Oui."], [f"Phrase {number}." for number in range(10)])
    '9 of 10 translations are the same: "Je suis un homme."'
    """
    total = len(hypotheses)
    distinct = len(set(references))
    if total < _MONOTONOUS_SENTENCES or distinct < _MONOTONOUS_SHARE * total:
        return ""
    rows = sum(map(_is_row, hypotheses))
    if rows > _MONOTONOUS_SHARE * total:
        example = next(text for text in hypotheses if _is_row(text))
        return f"{rows:,} of {total:,} translations are one word or sign again and again: {_shown(example)}"
    counts = Counter(text.strip() for text in hypotheses)
    text, times = counts.most_common(1)[0]
    if times > _MONOTONOUS_SHARE * total:
        return f"{times:,} of {total:,} translations are {f'the same: {_shown(text)}' if text else 'empty'}"
    if len(counts) < _DISTINCT_SHARE * distinct:
        return f"there are only {len(counts):,} different translations of {total:,}, such as {_shown(text)}"
    return ""


def _is_row(text: str) -> bool:
    """Whether more than half of a text of four words or more, or characters if it is one word, are the same."""
    units = text.split() if " " in text.strip() else list(text.strip())
    return len(units) > 3 and Counter(units).most_common(1)[0][1] > _MONOTONOUS_SHARE * len(units)


def _shown(text: str) -> str:
    return f'"{text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."}"'


def notes(
    hypotheses: Sequence[str], references: Sequence[str], *, lowercase: bool, words: str, bleu: float, ratio: float
) -> list[str]:
    """What looks wrong with translations and references that were scored.

    Args:
        hypotheses: the translations that were scored.
        references: the human translation of each hypothesis' source.
        lowercase: whether case was ignored.
        words: sacreBLEU's tokeniser for BLEU.
        bleu, ratio: what came out, and the length ratio.
    """
    total = len(hypotheses)
    empty = sum(not text.strip() for text in hypotheses)
    alike = monotony(hypotheses, references) if empty <= _EMPTY_SHARE * total else ""
    notes = []
    if total < _FEW_SENTENCES:
        notes.append(f"only {sentences(total)}: intervals and p-values mean little under {_FEW_SENTENCES}")
    if empty > _EMPTY_SHARE * total:
        notes.append(f"{empty:,} of {total:,} hypotheses are empty")
    if alike:
        notes.append(f"{alike}: the system hardly uses its source")
    elif empty < total:
        notes += _style(hypotheses, references, lowercase)
    if words in _BY_SPACES and without_spaces_share(references[:_SAMPLE]) > _MONOTONOUS_SHARE:
        notes.append(
            f"the references have no spaces, so that BLEU by {words} takes a line for a word: name the language of the "
            "references, or another tokenizer (zh, ja-mecab, char)"
        )
    elif total >= _FEW_SENTENCES and bleu < _NO_BLEU and abs(ratio - 1) < _LIKE_LENGTHS:
        notes.append("BLEU is near 0, where it cannot tell systems apart: look at chrF2 and at the translations")
    return notes


def _style(hypotheses: Sequence[str], references: Sequence[str], lowercase: bool) -> list[str]:
    """In which way the two sides are written differently."""
    total = len(hypotheses)
    notes = []
    tokenised = sum(text.endswith(" .") for text in hypotheses)
    if 2 * tokenised > total and 2 * sum(text.endswith(" .") for text in references) <= total:
        notes.append(f'{tokenised:,} of {total:,} hypotheses end in " .": detokenise them before scoring')
    if not lowercase and not _capitals(hypotheses) and _capitals(references):
        notes.append("the references have capital letters and the hypotheses none: compare lowercased scores")
    styles = [_quote_style(texts) for texts in (hypotheses, references)]
    if None not in styles and styles[0] != styles[1]:
        notes.append(
            f"quotes and apostrophes are mostly {styles[0]} in the hypotheses and {styles[1]} in the references, "
            "which alone can cost many points of BLEU: normalise both alike"
        )
    return notes


def _capitals(texts: Sequence[str]) -> bool:
    return any(text != text.lower() for text in texts)


def _quote_style(texts: Sequence[str]) -> str | None:
    """Which quotes and apostrophes prevail, if there are any."""
    typographic, plain = (sum(text.count(mark) for text in texts for mark in marks) for marks in (_TYPOGRAPHIC, _PLAIN))
    if typographic == plain == 0:
        return None
    return "typographic (’)" if typographic > plain else "plain (')"


def sentences(count: int) -> str:
    """A number of sentences in words."""
    return "1 sentence" if count == 1 else f"{count:,} sentences"
