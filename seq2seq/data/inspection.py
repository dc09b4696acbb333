"""A look at the first pairs of a corpus, before the long work: what a reader would see, and what seems wrong."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from seq2seq.config import Corpus
from seq2seq.data.corpus import Pair
from seq2seq.data.function_words import another_language
from seq2seq.data.languages import scripts, share_in_other_scripts
from seq2seq.data.sentences import split_sentences

_SHOWN = 90  # characters of a sentence, so that it fits into a line of a terminal
_MANY = 0.2  # share of the lines
_NOT_A_LANGUAGE = {".txt", ".text", ".tok", ".gz", ".bz2", ".xz", ".tsv", ".csv", ".src", ".tgt", ".trg", ".raw"}


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
        pairs: the first ones.
        languages: of source and target (BCP 47), as the settings say.
    """
    columns = [[pair.source for pair in pairs], [pair.target for pair in pairs]]
    codes = [language.split("-")[0] for language in languages]
    seen = [another_language(lines, code) for lines, code in zip(columns, codes, strict=True)]
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
        ending = _language_of(getattr(corpus, name))
        if seen[side] and not swapped:
            yield (
                f"the {name} lines look like {seen[side]!r}, but {setting} is {languages[side]!r}: look at the files "
                f"or columns, or set {setting}"
            )
        elif ending and ending != codes[side] and not swapped:
            path = getattr(corpus, name)
            yield f"the name of {path} ends in {ending!r}, but {setting} is {languages[side]!r}: set {setting}"
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


def _language_of(path: str | None) -> str | None:
    """The language that a file's name ends with, as in train.it or train.it.gz."""
    import langcodes

    suffixes = [suffix for suffix in Path(path or "").suffixes if suffix.lower() not in _NOT_A_LANGUAGE]
    code = suffixes[-1].lower()[1:] if suffixes else ""
    return code if len(code) == 2 and langcodes.get(code).is_valid() else None


def _cut(text: str) -> str:
    text = " ".join(text[: 2 * _SHOWN].split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
