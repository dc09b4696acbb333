"""Many sentences through an engine: batches of like lengths, some of them at the same time.

What comes out has the order of what went in, and does not depend on the batches (law 2).
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import numpy as np

from seq2seq import number_lists
from seq2seq.data.batching import Ids, by_length
from seq2seq.data.shortlist import Shortlist
from seq2seq.decoding.hypotheses import Hypotheses
from seq2seq.engine.interface import Engine
from seq2seq.engine.sampling import Sampling
from seq2seq.engine.shapes import SOURCE_TOKENS, forced_tokens, length_limits, most_rows
from seq2seq.settings.config import Translation
from seq2seq.symbols import BOS, EOS, PAD

BATCH_SENTENCES = 64  # where no settings of a search say otherwise
Input = TypeVar("Input")
Result = TypeVar("Result")


class IdHypothesis(NamedTuple):
    """A translation before it becomes text.

    Attributes:
        ids: its pieces, without the end symbol.
        score, log_prob: its length-normalised score and its log-probability.
        cut: whether it was cut at the longest length.
    """

    ids: tuple[int, ...]
    score: float
    log_prob: float
    cut: bool


def search(
    engine: Engine,
    sources: Sequence[Ids],
    settings: Translation,
    *,
    n_best: int = 1,
    shortlist: Shortlist | None = None,
    start_symbol: int = BOS,
) -> list[list[IdHypothesis]]:
    """The n best translations of each source, best first; empty ones for an empty source.

    Args:
        engine: the network, or the ensemble, that translates.
        sources: ids, without end symbols.
        settings: the beam and its rules.
        n_best: translations wanted of each source, at most the size of the beam.
        shortlist: the candidates of each source piece; needed where the settings ask for a short-list.
        start_symbol: what the decoder reads before its first token.
    """

    def translate(members: list[int]) -> list[list[IdHypothesis]]:
        batch = [sources[index] for index in members]
        limits = length_limits([len(source) for source in batch], settings)
        found = engine.search(batch, limits, settings, n_best=n_best, shortlist=shortlist, start_symbol=start_symbol)
        return _by_sentence(found, limits.maximum)

    rows = most_rows(settings.batch_sentences, settings.beam_size, engine.pieces)
    return _translated(engine, sources, translate, rows, n_best)


def sample(
    engine: Engine,
    sources: Sequence[Ids],
    settings: Translation,
    sampling: Sampling,
    first_number: int = 0,
    *,
    start_symbol: int = BOS,
) -> list[list[IdHypothesis]]:
    """A translation of each source drawn at random, as a list of one; an empty one for an empty source.

    Args:
        engine: the network, or the ensemble, that translates.
        sources: ids, without end symbols.
        settings: of the lengths of translations and of the batches.
        sampling: how to draw.
        first_number: the place of the first source in the text: with the seed, places decide what is drawn.
        start_symbol: what the decoder reads before its first token.
    """

    def translate(members: list[int]) -> list[list[IdHypothesis]]:
        batch = [sources[index] for index in members]
        limits = length_limits([len(source) for source in batch], settings)
        numbers = [first_number + index for index in members]
        drawn = engine.sample(batch, limits, sampling, numbers, start_symbol=start_symbol)
        return _by_sentence(drawn, limits.maximum)

    return _translated(engine, sources, translate, most_rows(settings.batch_sentences, 1, engine.pieces), 1)


def search_summaries(
    engine: Engine,
    summaries: np.ndarray,
    source_tokens: Sequence[int] | np.ndarray,
    settings: Translation,
    *,
    start_symbol: int = BOS,
) -> list[IdHypothesis]:
    """The best translation of each vector that stands for h(T).

    Args:
        engine: of one network without attention.
        summaries: (sentences, S).
        source_tokens: (sentences,), tokens of the source that each stands for, which limit its translation.
        settings: the beam and its rules.
        start_symbol: what the decoder reads before its first token.

    Raises:
        CheckpointError: the engine is an ensemble.
    """
    rows = most_rows(settings.batch_sentences, settings.beam_size, engine.pieces)
    results: list[IdHypothesis] = []
    for start in range(0, len(summaries), rows):
        limits = length_limits(source_tokens[start : start + rows], settings)
        found = engine.search_summaries(summaries[start : start + rows], limits, settings, start_symbol=start_symbol)
        results += [best for best, *_ in _by_sentence(found, limits.maximum)]
    return results


def encode(engine: Engine, sources: Sequence[Ids], batch_sentences: int = BATCH_SENTENCES) -> np.ndarray:
    """The summary h(T) of each source, (sentences, S) float32; zeros for an empty one.

    Args:
        engine: of one network.
        sources: ids, without end symbols.
        batch_sentences: sentences of a batch, at most.

    Raises:
        CheckpointError: the engine is an ensemble.
        DataError: no lists of ids, or ids that the source's vocabulary does not have.
    """
    summary_size = engine.summary_size
    number_lists.check_ids(sources, engine.source_pieces, "encode")
    summaries = np.zeros((len(sources), summary_size), np.float32)
    for members in source_batches(sources, batch_sentences):
        summaries[members] = engine.encode([sources[index] for index in members])
    return summaries


def losses(
    engine: Engine,
    pairs: Sequence[tuple[Ids, Ids]],
    batch_sentences: int = BATCH_SENTENCES,
    *,
    start_symbol: int = BOS,
) -> list[tuple[float, int]]:
    """-log P(target | source) of each pair, in nats, and the number of tokens that it sums over.

    Args:
        engine: of one network.
        pairs: source and target ids, without end symbols.
        batch_sentences: sentences of a batch, at most.
        start_symbol: what the decoder reads before its first token.

    Raises:
        CheckpointError: the engine is an ensemble.
        DataError: no pairs of lists of ids, or ids that the vocabularies do not have.
    """
    number_lists.check_pairs(pairs, (engine.source_pieces, engine.pieces), "losses")
    results = [(0.0, 0)] * len(pairs)
    for members, nats in _forced(engine, pairs, batch_sentences, start_symbol):
        for index, loss in zip(members, nats.sum(axis=1), strict=True):
            results[index] = (float(loss), len(pairs[index][1]) + 1)
    return results


def token_losses(
    engine: Engine,
    pairs: Sequence[tuple[Ids, Ids]],
    batch_sentences: int = BATCH_SENTENCES,
    *,
    start_symbol: int = BOS,
) -> list[np.ndarray]:
    """-log P(token | tokens before it, source) in nats, (tokens and end symbol,), for each pair: see `losses`."""
    number_lists.check_pairs(pairs, (engine.source_pieces, engine.pieces), "token_losses")
    results = [np.zeros(0, np.float32)] * len(pairs)
    for members, nats in _forced(engine, pairs, batch_sentences, start_symbol):
        for index, of_tokens in zip(members, nats, strict=True):
            results[index] = of_tokens[: len(pairs[index][1]) + 1]
    return results


def _forced(
    engine: Engine, pairs: Sequence[tuple[Ids, Ids]], batch_sentences: int, start_symbol: int
) -> Iterator[tuple[list[int], np.ndarray]]:
    """The places of the pairs of each batch, and the losses of their tokens, (B, U)."""
    for members in forced_batches(pairs, batch_sentences, engine.pieces):
        yield members, engine.token_losses([pairs[index] for index in members], start_symbol=start_symbol)


def source_batches(sources: Sequence[Ids], most_sentences: int) -> list[list[int]]:
    """The places of the sources that are not empty, by batches, the longest sources first."""
    places = [place for place, source in enumerate(sources) if len(source)]
    lengths = [len(sources[place]) + 1 for place in places]
    batches = by_length(lengths, most_rows=most_sentences, most_tokens=SOURCE_TOKENS)
    return [[places[index] for index in members] for members in batches]


def forced_batches(pairs: Sequence[tuple[Ids, Ids]], batch_sentences: int, pieces: int) -> Iterator[list[int]]:
    """The places of pairs, by batches, so that neither side makes a batch too large.

    Args:
        pairs: source and target ids, without end symbols.
        batch_sentences: pairs of a batch, at most.
        pieces: of the target vocabulary.
    """
    lengths = [max(len(source), len(target)) + 1 for source, target in pairs]
    return by_length(lengths, most_rows=batch_sentences, most_tokens=forced_tokens(pieces))


def _translated(
    engine: Engine,
    sources: Sequence[Ids],
    translate: Callable[[list[int]], list[list[IdHypothesis]]],
    rows: int,
    n_best: int,
) -> list[list[IdHypothesis]]:
    """What a function of the places of a batch gives, for all sources in order."""
    results = [[IdHypothesis((), 0.0, 0.0, False)] * n_best for _ in sources]
    batches = source_batches(sources, rows)
    for members, translations in zip(batches, side_by_side(translate, batches, engine.batches_at_once), strict=True):
        for index, hypotheses in zip(members, translations, strict=True):
            results[index] = hypotheses
    return results


def _by_sentence(arrays: Hypotheses, maximum: np.ndarray) -> list[list[IdHypothesis]]:
    """The hypotheses of each sentence, given the longest that was allowed, (B,)."""
    cut = (arrays.tokens != PAD).sum(axis=-1) >= maximum[:, None]
    return [
        [
            IdHypothesis(_without_end(tokens), float(score), float(log_prob), bool(at_limit))
            for tokens, score, log_prob, at_limit in zip(*sentence, strict=True)
        ]
        for sentence in zip(*arrays, cut, strict=True)
    ]


def _without_end(tokens: np.ndarray) -> tuple[int, ...]:
    return tuple(tokens[(tokens != PAD) & (tokens != EOS)].tolist())


def side_by_side(function: Callable[[Input], Result], inputs: Sequence[Input], at_once: int) -> Iterator[Result]:
    """What a function gives for each input, in order, of which some are computed at the same time.

    The small steps of a search do not keep several cores busy; several searches do. The first input goes alone, since
    an engine may compile for it.

    Args:
        function: called in several threads.
        inputs: the arguments of the calls, one each.
        at_once: how many are computed at the same time.
    """
    yield from map(function, inputs[:1])
    if at_once == 1 or len(inputs) < 3:
        yield from map(function, inputs[1:])
        return
    with ThreadPoolExecutor(at_once) as pool:
        try:
            yield from pool.map(function, inputs[1:])
        finally:
            pool.shutdown(cancel_futures=True)
