"""From corpora to what `fit` reads: cleaning, vocabulary, token ids. Each stage is kept in the run and not redone."""

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from seq2seq.checkpoint import RunDirectory, write_atomically
from seq2seq.config import Config, Corpus
from seq2seq.data.cleaning import Cleaner
from seq2seq.data.corpus import Pair, read_pairs
from seq2seq.data.encoded import EncodedPairs, encode_pairs
from seq2seq.data.shortlist import learn_shortlist
from seq2seq.errors import ConfigError
from seq2seq.tokenizer import Tokenizer, train_tokenizer

_log = logging.getLogger("seq2seq")


class Prepared(NamedTuple):
    """Vocabularies (source, target), encoded training pairs, and the dev set as text."""

    tokenizers: tuple[Tokenizer, Tokenizer]
    train: EncodedPairs
    dev: list[Pair]


def prepare(config: Config, run: RunDirectory) -> Prepared:
    """Read and clean the corpora, learn the vocabularies and encode the pairs, as far as the run does not have them.

    Raises:
        ConfigError: no training corpus is named, or the vocabulary is too large for it.
        DataError: text that cannot be read; names the file and the line.
    """
    if not config.data.train:
        raise ConfigError(
            "data.train is empty: name at least one corpus, such as [[data.train]] with source and target"
        )
    train = run.encoded / "train.arrow"
    if not train.exists():
        _encode(config, run, train)
    tokenizers, pairs = run.tokenizers(), EncodedPairs(train)
    if not run.has_shortlist():
        run.save_shortlist(learn_shortlist(pairs, *(tokenizer.size for tokenizer in tokenizers)))
    return Prepared(tokenizers, pairs, list(_dev(config)))


def _encode(config: Config, run: RunDirectory, path: Path) -> None:
    limits = (config.data.max_source_tokens, config.data.max_target_tokens)
    # A vocabulary that is there stays: weights may have been trained with it.
    if not (run.path / "tokenizer").exists():
        run.save_tokenizers(*_learn(config))
    cleaner = Cleaner(config.data.cleaning)
    corpora = [cleaner.clean(pairs) for pairs in _corpora(config, config.data.train)]
    weights = [corpus.weight for corpus in config.data.train]
    report = encode_pairs(path, corpora, run.tokenizers(), weights=weights, max_tokens=limits)
    _log.info("%s", cleaner.report())
    if report.too_long:
        _log.info("%s pairs left out: longer than %d source or %d target tokens", f"{report.too_long:,}", *limits)
    counts = {"pairs": report.pairs, "too_many_tokens": report.too_long, **cleaner.counts}
    write_atomically(run.path / "cleaning.json", json.dumps(counts, indent=2).encode())


def _learn(config: Config) -> tuple[Tokenizer, Tokenizer]:
    """One vocabulary for both sides, or one each."""
    settings = config.tokenizer
    learned = [
        train_tokenizer(
            _sentences(config, sides),
            vocabulary_size=settings.vocabulary_size,
            model=settings.model,
            character_coverage=settings.character_coverage,
            max_sentences=settings.max_training_sentences,
        )
        for sides in ([(0, 1)] if settings.shared else [(0,), (1,)])
    ]
    return learned[0], learned[-1]


def _sentences(config: Config, sides: Sequence[int]) -> Iterator[str]:
    """The cleaned text of a side or of both, for the vocabulary."""
    cleaner = Cleaner(config.data.cleaning)
    for pairs in _corpora(config, config.data.train):
        for pair in cleaner.clean(pairs):
            for side in sides:
                yield str(pair[side])


def _dev(config: Config) -> Iterator[Pair]:
    """Dev pairs are normalised like the training pairs, but never filtered."""
    cleaner = Cleaner(config.data.cleaning)
    for pairs in _corpora(config, config.data.dev):
        for pair in pairs:
            yield pair._replace(source=cleaner.normalise(pair.source), target=cleaner.normalise(pair.target))


def _corpora(config: Config, corpora: Iterable[Corpus]) -> Iterator[Iterator[Pair]]:
    for corpus in corpora:
        languages = {"source_language": config.data.source_language, "target_language": config.data.target_language}
        yield read_pairs(corpus, **languages)
