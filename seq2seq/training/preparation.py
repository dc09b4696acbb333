"""From corpora to what `fit` reads: cleaning, vocabulary, token ids. Each stage is kept in the run and not redone."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from seq2seq.data.cleaning import Cleaner
from seq2seq.data.corpus import Pair, read_pairs
from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.encoding import EncodingReport, tokenised, write_ids
from seq2seq.data.ids import Sides
from seq2seq.data.inspection import first_pair, remarks, several_sentences
from seq2seq.data.shortlist import learn_shortlist
from seq2seq.data.workers import Workers
from seq2seq.errors import ConfigError, DataError
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import Config, Corpus
from seq2seq.symbols import BOS
from seq2seq.tokenizer import Tokenizer, train_tokenizer
from seq2seq.training import inherited_vocabularies
from seq2seq.training.parent import Parent
from seq2seq.training.progress_bars import pairs_bar

_log = logging.getLogger("seq2seq")
_KNOWN_DEV = 0.02  # share of the dev pairs: short sentences come again by chance
_SAMPLE = 10_000  # pairs that are looked at to see whether text and settings fit


class Prepared(NamedTuple):
    """Vocabularies (source, target), encoded training pairs, and the dev set as text; the parent's too, if wanted."""

    tokenizers: tuple[Tokenizer, Tokenizer]
    train: EncodedPairs
    dev: list[Pair]
    parent_dev: list[Pair]


def prepare(config: Config, run: RunDirectory, parent: Parent | None = None) -> Prepared:
    """Read and clean the corpora, learn the vocabularies and encode the pairs, as far as the run does not have them.

    Args:
        config: the settings of the run.
        run: the run to prepare.
        parent: the run that it goes on from, if any.

    Raises:
        ConfigError: no training corpus is named, or the vocabulary is too large for it.
        DataError: text that cannot be read, or of which nothing is left; names the file and the line.
    """
    if not config.data.train:
        raise ConfigError(
            "data.train is empty: name at least one corpus, such as [[data.train]] with source and target"
        )
    dev = _dev(config, run)  # first: a fault in it is not to be found after the long work
    parent_dev = _parent_dev(config, run, parent)
    if not run.has_pairs():
        _encode(config, run, parent, dev)
    tokenizers = run.tokenizers()
    pairs = run.pairs()
    if config.finetune.replay:
        pairs.weigh_replay(len(config.data.train), config.finetune.replay)
    if not run.has_shortlist():
        _log.info("learning the short-list: which target pieces a source piece leads to")
        run.save_shortlist(learn_shortlist(pairs, *(tokenizer.size for tokenizer in tokenizers)))
    return Prepared(tokenizers, pairs, dev, parent_dev)


def _dev(config: Config, run: RunDirectory) -> list[Pair]:
    """The dev set: as the run keeps it, or read from its corpora and kept."""
    if run.dev() is None:
        run.save_dev(_read_dev(config))
    return run.dev() or []


def _parent_dev(config: Config, run: RunDirectory, parent: Parent | None) -> list[Pair]:
    """The parent's dev set, where it is to be measured: as the run keeps it, or taken from the parent and kept."""
    if not parent or not (config.finetune.replay or config.finetune.watch_parent):
        return []
    if run.dev(of_parent=True) is None:
        run.save_dev(parent.dev(), of_parent=True)
    return run.dev(of_parent=True) or []


def _encode(config: Config, run: RunDirectory, parent: Parent | None, dev: Sequence[Pair]) -> None:
    sample = list(islice(chain.from_iterable(_look(config)), _SAMPLE))
    # A vocabulary that is there stays: weights may have been trained with it.
    if not (run.path / "tokenizer").exists():
        _log.info("reading the training text for the vocabulary")
        run.save_tokenizers(*_vocabularies(config, parent))
    reports: dict[str, dict[str, Any]] = {}
    if parent:
        tokenizers = run.tokenizers()
        maps = inherited_vocabularies.vocabulary_maps(parent.tokenizers, tokenizers, config)
        rows = inherited_vocabularies.transfer_report(parent.tokenizers, tokenizers, maps, sample)
        reports["transfer.json"] = rows
        _log.info("%s", inherited_vocabularies.table(rows))
    encoded = run.encoded / "train.arrow.part"
    cleaner = Cleaner(config.data.cleaning)
    _log.info("cleaning and encoding the training pairs")
    report = _write(encoded, config, run.tokenizers(), cleaner, parent)
    _log.info("%s", cleaner.report())
    if report.too_long:
        limits = (config.data.max_source_tokens, config.data.max_target_tokens)
        pairs = "1 pair" if report.too_long == 1 else f"{report.too_long:,} pairs"
        _log.info("%s left out: longer than %d source or %d target tokens", pairs, *limits)
    seen = sum(map(cleaner.knows, dev))
    if seen > _KNOWN_DEV * len(dev):
        advice = "scores on them are too good to be true; keep dev pairs out of data.train"
        _log.warning("warning: %s of %s dev pairs are training pairs too: %s", f"{seen:,}", f"{len(dev):,}", advice)
    reports["cleaning.json"] = {"pairs": report.pairs, "too_many_tokens": report.too_long, **cleaner.counts}
    run.save_pairs(encoded, reports)


def _write(
    path: Path, config: Config, tokenizers: tuple[Tokenizer, Tokenizer], cleaner: Cleaner, parent: Parent | None
) -> EncodingReport:
    """Clean and encode the training corpora and, where the settings want them, those of the parent."""
    weights = [corpus.weight for corpus in config.data.train]
    starts = [tokenizers[1].start_of(config.data.target_of(corpus)) for corpus in config.data.train]
    replayed = list[Iterator[Sides]]()
    if parent and config.finetune.replay:
        replay = parent.replay()
        replayed = [tokenised(pairs, tokenizers) for pairs in replay.corpora]
        weights += replay.weights
        starts += [start if config.finetune.target_vocabulary != "new" else BOS for start in replay.starts]
    limits = (config.data.max_source_tokens, config.data.max_target_tokens)
    try:
        with (
            pairs_bar("cleaning and encoding") as bar,
            Workers(config.data.cleaning, tokenizers, tell=bar.update) as workers,
        ):
            corpora = [workers.encode(cleaner, pairs) for pairs in _corpora(config, config.data.train, cleaner)]
            report = write_ids(path, [*corpora, *replayed], weights=weights, max_tokens=limits, starts=starts)
    except DataError as error:
        raise error if cleaner.counts["kept"] else DataError(cleaner.nothing_left()) from error
    if not cleaner.counts["kept"]:  # the parent's pairs alone are there
        raise DataError(cleaner.nothing_left())
    return report


def _look(config: Config) -> Iterator[list[Pair]]:
    """The first pairs of each training corpus; what is noteworthy in them, and in the dev set, is said."""
    corpora = [*config.data.train, *config.data.dev]
    share = max(_SAMPLE // len(corpora), 300)
    samples = [list(islice(pairs, share)) for pairs in _corpora(config, corpora)]
    for corpus, sample in zip(corpora, samples, strict=True):
        languages = (config.data.source_language, config.data.target_of(corpus))
        _log.info("%s", first_pair(corpus, sample, languages))
        several = several_sentences(sample)
        if several:
            _log.info("  %s", several)
        for remark in remarks(corpus, sample, languages):
            _log.warning("warning: %s", remark)
    yield from samples[: len(config.data.train)]


def _vocabularies(config: Config, parent: Parent | None) -> tuple[Tokenizer, Tokenizer]:
    """The parent's, changed as the settings say; or new ones, one for both sides or one each."""
    if parent:
        return inherited_vocabularies.vocabularies(config, parent, lambda groups: _learn(config, groups))
    learned = _learn(config, [(0, 1)] if config.tokenizer.shared else [(0,), (1,)])
    for language in config.data.more_targets():
        learned[-1] = learned[-1].extended(language=language)
    return learned[0], learned[-1]


def _learn(config: Config, groups: Sequence[tuple[int, ...]]) -> list[Tokenizer]:
    """One vocabulary for each group of sides."""
    settings = config.tokenizer
    return [
        train_tokenizer(
            _sentences(config, sides),
            vocabulary_size=settings.vocabulary_size,
            model=settings.model,
            character_coverage=settings.character_coverage,
            split_digits=settings.split_digits,
            max_sentences=settings.max_training_sentences,
        )
        for sides in groups
    ]


def _sentences(config: Config, sides: Sequence[int]) -> Iterator[str]:
    """The cleaned text of a side or of both, for the vocabulary."""
    cleaner = Cleaner(config.data.cleaning)
    with pairs_bar("reading") as bar, Workers(config.data.cleaning, tell=bar.update) as workers:
        for pairs in _corpora(config, config.data.train, cleaner):
            for pair in workers.clean(cleaner, pairs):
                for side in sides:
                    yield str(pair[side])
    if not cleaner.counts["kept"]:
        raise DataError(f"there is no text to learn a vocabulary from: {cleaner.nothing_left()}")


def _read_dev(config: Config) -> list[Pair]:
    """Dev pairs are normalised like the training pairs, but never filtered; lines that are no text are left out.

    Raises:
        DataError: nothing could be measured, for every pair has an empty side.
    """
    cleaner = Cleaner(config.data.cleaning)
    dev = [
        pair._replace(source=cleaner.normalise(pair.source), target=cleaner.normalise(pair.target))
        for pairs in _corpora(config, config.data.dev, cleaner)
        for pair in pairs
    ]
    if cleaner.counts["read"]:  # by what was dropped alone
        _log.warning("warning: dev pairs left out: %s", cleaner.dropped())
    empty = [pair for pair in dev if not (pair.source and pair.target)]
    if empty:
        where = f"{len(empty):,} of {len(dev):,} dev pairs have an empty side (first: {empty[0].origin}, line "
        where += f"{empty[0].line:,})"
        if len(empty) == len(dev):
            raise DataError(f"{where}: nothing can be measured on them, so look at data.dev")
        _log.warning("warning: %s: loss and BLEU count them like all others, so take them out", where)
    return dev


def _corpora(config: Config, corpora: Iterable[Corpus], cleaner: Cleaner | None = None) -> Iterator[Iterator[Pair]]:
    for corpus in corpora:
        yield read_pairs(
            corpus,
            source_language=config.data.source_language,
            target_language=config.data.target_of(corpus),
            drop=cleaner.drop if cleaner else lambda reason, place: None,
        )
