"""A look at a corpus from its first pair to its last: how many pairs, in which languages, how long."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from tqdm.auto import tqdm

from seq2seq.data.cleaning import Cleaner
from seq2seq.data.corpus import Pair, read_pairs
from seq2seq.data.filters import count_words
from seq2seq.data.function_words import knows
from seq2seq.data.identification import identify
from seq2seq.data.inspection import languages_named, remarks, several_sentences
from seq2seq.data.languages import scripts
from seq2seq.errors import DataError
from seq2seq.settings.config import Cleaning, Corpus

_SAMPLE = 10_000  # pairs whose language is told
_LONG = 20  # words: beyond these, one vector forgets much (recipes/length_generalisation)


class Facts(NamedTuple):
    """What is known of a corpus.

    Attributes:
        languages: those of source and target (BCP 47).
        read: how many pairs there are.
        kept: how many of them the default cleaning keeps.
        dropped: which filter took how many, in words; empty where none was taken.
        words: how many target words the kept pairs have.
        median, longest: words of a source sentence.
        limit: words that 99 % of the sources and targets do not exceed.
        long_share: the share of the sources with more than 20 words.
        several: how many pairs hold several sentences, in words; empty where hardly any does.
        remarks: what seems wrong with the text.
    """

    languages: tuple[str, str]
    read: int
    kept: int
    dropped: str
    words: int
    median: int
    longest: int
    limit: int
    long_share: float
    several: str
    remarks: Sequence[str]

    @property
    def shares_script(self) -> bool:
        """Whether both languages are written in the same script, so that one vocabulary serves both."""
        source, target = map(scripts, self.languages)
        return bool(source & target)


def look(corpus: Corpus, languages: tuple[str | None, str | None]) -> Facts:
    """Read a corpus and say what is in it.

    Args:
        corpus: where the text lies.
        languages: of source and target (BCP 47), None where they are to be told from the text.

    Raises:
        DataError: the text cannot be read, nothing of it can be used, or its language cannot be told.
    """
    pairs = stream(corpus, languages)
    first = list(islice(pairs, _SAMPLE))
    told = _languages(corpus, first, languages)
    cleaner = Cleaner(Cleaning())
    lengths: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
    sample = list[Pair]()
    with tqdm(desc="reading", unit=" pairs", unit_scale=True, delay=3.0, leave=False) as bar:
        for pair in cleaner.clean(stream(corpus, told)):
            for side, text in enumerate(pair[:2]):
                lengths[side][count_words(text)] += 1
            if len(sample) < _SAMPLE:
                sample.append(pair)
            bar.update()
    pairs_left = cleaner.counts["kept"]
    if not pairs_left:
        raise DataError(cleaner.nothing_left())
    return Facts(
        languages=told,
        read=cleaner.counts["read"],
        kept=pairs_left,
        dropped=cleaner.dropped(),
        words=sum(length * count for length, count in lengths[1].items()),
        median=_quantile(lengths[0], 0.5),
        longest=max(lengths[0]),
        limit=max(_quantile(counts, 0.99) for counts in lengths),
        long_share=sum(count for length, count in lengths[0].items() if length > _LONG) / pairs_left,
        several=several_sentences(sample),
        remarks=list(remarks(corpus, first, told)),
    )


def see_that_it_can_be_read(corpus: Corpus) -> None:
    """Read a corpus to its end.

    Raises:
        DataError: it cannot be read, or nothing of it can be used.
    """
    cleaner = Cleaner(Cleaning())
    for _ in cleaner.clean(stream(corpus, (None, None))):
        pass
    if not cleaner.counts["kept"]:
        raise DataError(cleaner.nothing_left())


def stream(corpus: Corpus, languages: tuple[str | None, str | None]) -> Iterator[Pair]:
    """The pairs of a corpus as they are, whatever cannot be used left out."""
    return read_pairs(corpus, source_language=languages[0], target_language=languages[1])


def _languages(corpus: Corpus, pairs: Sequence[Pair], given: tuple[str | None, str | None]) -> tuple[str, str]:
    """The languages of both sides: as given, or told from the text, or from the names of the files.

    Raises:
        DataError: nothing tells the language of a side; names the option to give.
    """
    named = languages_named(corpus.source, corpus.target)
    told = []
    for side, option in enumerate(("--from", "--to")):
        seen = identify([(pair.source, pair.target)[side] for pair in pairs])
        name = next(iter(named[side])) if len(named[side]) == 1 else None
        # The name knows languages that the text alone does not tell, where it is written as they are.
        believed = name if name and not knows(name) and _fits(name, seen) else seen or name
        language = given[side] or believed
        if language is None:
            text = (pairs[0].source, pairs[0].target)[side][:60] if pairs else ""
            place = (corpus.source, corpus.target)[side] or corpus.path or corpus.hub
            raise DataError(
                f"cannot tell the language of {place}, such as {text!r}: add {option} and its tag, such as {option} sw"
            )
        told.append(language)
    return told[0], told[1]


def _fits(name: str, seen: str | None) -> bool:
    return seen is None or bool(scripts(name) & scripts(seen))


def _quantile(counts: Mapping[int, int], share: float) -> int:
    """The length that this share of the sentences does not exceed."""
    left = share * sum(counts.values())
    for length in sorted(counts):
        left -= counts[length]
        if left <= 0:
            return length
    return max(counts)
