"""A look at the first pairs of a corpus, before the long work: what a reader would see, and what seems wrong."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from seq2seq.data.columns import no_text
from seq2seq.data.corpus import Pair
from seq2seq.data.function_words import another_language
from seq2seq.data.header_words import languages_of
from seq2seq.data.languages import scripts, share_in_other_scripts
from seq2seq.data.sentences import split_sentences
from seq2seq.settings.config import Corpus

_SHOWN = 90  # characters of a sentence, so that it fits into a line of a terminal
_MANY = 0.2  # share of the lines
_FIRST_ROWS = 300  # by which a column is judged to be text


def first_pair(corpus: Corpus, pairs: Sequence[Pair], languages: tuple[str, str]) -> str:
    """Which corpus is read, and its first pair, on three lines."""
    name = corpus.hub or corpus.path or f"{corpus.source} and {corpus.target}"
    if not pairs:
        return f"{name}: no pair"
    shown = [f"  {language}: {_cut(text)}" for language, text in zip(languages, pairs[0][:2], strict=True)]
    return "\n".join([f"{name}, the first pair:", *shown])


def remarks(corpus: Corpus, pairs: Sequence[Pair], languages: tuple[str, str]) -> Iterator[str]:
    """What a reader of the first pairs would ask about: each remark names what was seen and what to look at.

    Args:
        corpus: where the pairs are from.
        pairs: the first pairs of the corpus.
        languages: the languages of source and target (BCP 47), as the settings say.
    """
    columns = [[pair.source for pair in pairs], [pair.target for pair in pairs]]
    codes = [language.split("-")[0] for language in languages]
    seen = [another_language(lines, code) for lines, code in zip(columns, codes, strict=True)]
    named = languages_named(corpus.source, corpus.target)
    swapped = codes[0] != codes[1] and seen == codes[::-1]
    if swapped:
        yield (
            f"source and target seem to be swapped: the source lines look like {seen[0]!r}, the target lines like "
            f"{seen[1]!r}: exchange the two, or data.source_language and data.target_language"
        )
    for side, name in enumerate(("source", "target")):
        setting = f"data.{name}_language"
        share = share_in_other_scripts(columns[side], languages[side])
        if share > _MANY:
            written = " or ".join(sorted(scripts(languages[side])))
            yield (
                f"{100 * share:.0f} % of the {name} lines are not in {written}, the script of {languages[side]!r}: "
                f"look at the columns and at {setting}"
            )
        path = getattr(corpus, name)
        wrong = no_text(columns[side][:_FIRST_ROWS]) if path else None
        if wrong:
            yield f"{path} may hold no text: {wrong}, such as {columns[side][0][:_SHOWN]!r}"
        if seen[side] and not swapped:
            yield (
                f"the {name} lines look like {seen[side]!r}, but {setting} is {languages[side]!r}: look at the files "
                f"or columns, or set {setting}"
            )
        elif named[side] and codes[side] not in named[side] and not swapped:
            other = " or ".join(sorted(named[side]))
            yield f"the name of {path} speaks of {other!r}, but {setting} is {languages[side]!r}: set {setting}"
        yield from _line_ends(columns[side], name)


def several_sentences(pairs: Sequence[Pair]) -> str:
    """How many lines hold more than one sentence, in words; empty if hardly any does."""
    several = [pair for pair in pairs if len(split_sentences(pair.source)) > 1 or len(split_sentences(pair.target)) > 1]
    share = len(several) / max(len(pairs), 1)
    if share < 0.01:
        return ""
    return f"{100 * share:.0f} % of the pairs hold several sentences (first: line {several[0].line:,})"


def _line_ends(lines: Sequence[str], name: str) -> Iterator[str]:
    inside = sum("\r" in line for line in lines)
    if inside > _MANY * len(lines):
        yield (
            f"{inside:,} of {len(lines):,} {name} lines hold carriage returns, which do not end a line here: convert "
            "them, for instance: tr '\\r' '\\n'"
        )


def languages_named(source: str | None, target: str | None) -> list[set[str]]:
    """The languages that the names of two files speak of, by what differs in them: train.en and train.it."""
    parts = [re.split(r"[._-]", Path(path or "").name.casefold()) for path in (source, target)]
    differing = [pair for pair in zip(*parts, strict=False) if pair[0] != pair[1]]
    if len(parts[0]) != len(parts[1]) or len(differing) != 1:
        return [set(), set()]
    return [languages_of({part}) for part in differing[0]]


def _cut(text: str) -> str:
    text = " ".join(text[: 2 * _SHOWN].split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
