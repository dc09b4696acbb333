"""From corpora to what `fit` reads: cleaning, vocabulary, token ids. Each stage is kept in the run and not redone."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

from seq2seq.config import Config, Corpus
from seq2seq.data.cleaning import Cleaner
from seq2seq.data.corpus import Pair, read_pairs
from seq2seq.data.encoded import EncodedPairs, encode_pairs
from seq2seq.data.languages import scripts, share_in_other_scripts
from seq2seq.data.shortlist import learn_shortlist
from seq2seq.errors import ConfigError, DataError
from seq2seq.run_directory import RunDirectory
from seq2seq.symbols import BOS
from seq2seq.tokenizer import Tokenizer, train_tokenizer
from seq2seq.training import inheritance

_log = logging.getLogger("seq2seq")
_SAMPLE = 10_000  # pairs that are looked at to see whether text and settings fit
_MANY_FOREIGN = 0.2


class Prepared(NamedTuple):
    """Vocabularies (source, target), encoded training pairs, and the dev set as text; the parent's too, if wanted."""

    tokenizers: tuple[Tokenizer, Tokenizer]
    train: EncodedPairs
    dev: list[Pair]
    parent_dev: list[Pair]


def prepare(config: Config, run: RunDirectory, parent: RunDirectory | None = None) -> Prepared:
    """Read and clean the corpora, learn the vocabularies and encode the pairs, as far as the run does not have them.

    Args:
        config: the settings.
        run: the run to prepare.
        parent: the run that it goes on from, if any.

    Raises:
        ConfigError: no training corpus is named, or the vocabulary is too large for it.
        DataError: text that cannot be read; names the file and the line.
    """
    if not config.data.train:
        raise ConfigError(
            "data.train is empty: name at least one corpus, such as [[data.train]] with source and target"
        )
    if not run.has_pairs():
        _encode(config, run, parent)
    tokenizers, pairs = run.tokenizers(), run.pairs()
    if config.finetune.replay:
        pairs.weigh_replay(len(config.data.train), config.finetune.replay)
    if not run.has_shortlist():
        run.save_shortlist(learn_shortlist(pairs, *(tokenizer.size for tokenizer in tokenizers)))
    return Prepared(tokenizers, pairs, list(_dev(config)), _parent_dev(config, run))


def _parent_dev(config: Config, run: RunDirectory) -> list[Pair]:
    before = run.parent_config() if config.finetune.replay or config.finetune.watch_parent else None
    try:
        return list(_dev(before)) if before else []
    except DataError as error:
        raise DataError(
            f"{error}. This is the dev set of the parent: run the command where the parent was made"
        ) from error


def _encode(config: Config, run: RunDirectory, parent: RunDirectory | None) -> None:
    limits = (config.data.max_source_tokens, config.data.max_target_tokens)
    # A vocabulary that is there stays: weights may have been trained with it.
    sample = list(islice(chain.from_iterable(_corpora(config, config.data.train)), _SAMPLE))
    _look_at_scripts(config, sample)
    if not (run.path / "tokenizer").exists():
        run.save_tokenizers(*_vocabularies(config, parent))
    tokenizers = run.tokenizers()
    reports: dict[str, dict[str, Any]] = {}
    if parent:
        maps = inheritance.vocabulary_maps(parent.tokenizers(), tokenizers, config)
        rows = inheritance.transfer_report(parent.tokenizers(), tokenizers, maps, sample)
        reports["transfer.json"] = rows
        _log.info("%s", inheritance.table(rows))
    cleaner = Cleaner(config.data.cleaning)
    corpora = [cleaner.clean(pairs) for pairs in _corpora(config, config.data.train)]
    weights = [corpus.weight for corpus in config.data.train]
    starts = [tokenizers[1].start_of(config.data.target_language)] * len(corpora)
    if parent and config.finetune.replay:
        before = parent.pairs()
        corpora, weights = corpora + inheritance.replayed(parent), weights + before.weights
        known = config.finetune.target_vocabulary != "new"
        starts += [int(start) if known else BOS for start in before.starts]
    encoded = run.encoded / "train.arrow.part"
    report = encode_pairs(encoded, corpora, tokenizers, weights=weights, max_tokens=limits, starts=starts)
    _log.info("%s", cleaner.report())
    if report.too_long:
        _log.info("%s pairs left out: longer than %d source or %d target tokens", f"{report.too_long:,}", *limits)
    reports["cleaning.json"] = {"pairs": report.pairs, "too_many_tokens": report.too_long, **cleaner.counts}
    run.save_pairs(encoded, reports)


def _look_at_scripts(config: Config, sample: Sequence[Pair]) -> None:
    """Warn where a column seems to hold another language."""
    for side, name in enumerate(("source", "target")):
        language = getattr(config.data, f"{name}_language")
        share = share_in_other_scripts((str(pair[side]) for pair in sample), language)
        if share > _MANY_FOREIGN:
            _log.warning(
                "warning: %.0f %% of the %s lines are not in %s, the script of %r: look at the columns and at "
                "data.%s_language",
                100 * share,
                name,
                " or ".join(sorted(scripts(language))),
                language,
                name,
            )


def _vocabularies(config: Config, parent: RunDirectory | None) -> tuple[Tokenizer, Tokenizer]:
    """The parent's, changed as the settings say; or new ones, one for both sides or one each."""
    if parent:
        return inheritance.vocabularies(config, parent, lambda groups: _learn(config, groups))
    learned = _learn(config, [(0, 1)] if config.tokenizer.shared else [(0,), (1,)])
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
            max_sentences=settings.max_training_sentences,
        )
        for sides in groups
    ]


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
