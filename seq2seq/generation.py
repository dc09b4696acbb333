"""Ids in, ids out: the free-running architecture of one model or of several, searched or sampled batch by batch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from seq2seq.arguments import is_count
from seq2seq.backend import compiled, wants_few_shapes
from seq2seq.data.batching import Ids, Shape, by_length, teacher_forcing
from seq2seq.data.shortlist import Shortlist
from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.settings.config import Translation
from seq2seq.symbols import BOS, EOS, PAD

BATCH_TOKENS = 1 << 15  # of a batch's sources, padding included
_LOGITS = 1 << 25  # numbers of the output layer that are in memory together: 134 MB, and two copies in between
_WORTH_LEAVING = 8  # in a smaller batch, a step costs nearly the same with fewer sentences
_WORTH_TURNING = 16  # the output layer into the order in which many rows are multiplied fastest


@dataclass(frozen=True)
class Sampling:
    """Draw translations instead of searching for the likeliest (see `seq2seq.decoding.sampling`).

    Args:
        temperature: above 0; below 1, the likely pieces become likelier.
        top_k: draw among so many of the likeliest pieces only; 0 for all.
        top_p: draw among the fewest pieces that hold this share of the probability, above 0 and at most 1.
        seed: of the random numbers, 0 or more.

    Raises:
        ConfigError: a value out of its range: says which.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 1

    def __post_init__(self) -> None:
        rules = {
            "temperature": ("0.001 to 100", _is_number(self.temperature) and 0.001 <= self.temperature <= 100),
            "top_k": ("0 (all pieces) or a number of pieces", is_count(self.top_k)),
            "top_p": ("a share above 0, and at most 1", _is_number(self.top_p) and 0 < self.top_p <= 1),
            "seed": ("0 or a larger whole number", is_count(self.seed)),
        }
        for name, (needed, holds) in rules.items():
            if not holds:
                raise ConfigError(f"sampling needs {name} to be {needed}: received {getattr(self, name)!r}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


class Limits(NamedTuple):
    """The shortest and longest hypothesis of each row, (B,), and a width that holds them all."""

    minimum: np.ndarray
    maximum: np.ndarray
    width: int


class Generator:
    """Compiled once for all batches. Weights are read at each call, so training may go on in between.

    Args:
        models: each a `Seq2Seq`; of several, the probabilities of the next piece are averaged.
        pieces: V, of the target vocabulary that they share.
    """

    def __init__(self, models: Sequence[Any], pieces: int):
        self.models, self.pieces = models, pieces
        self._compiled: dict[Any, Callable[..., Any]] = {}

    def compile(self, key: Any, function: Callable[..., Any], model: Any = None) -> Callable[..., Any]:
        """The compiled function that goes by this key, compiled at its first use."""
        if key not in self._compiled:
            self._compiled[key] = compiled(function, model or _Models(self.models))
        return self._compiled[key]

    def search(
        self,
        source: np.ndarray,
        limits: Limits,
        settings: Translation,
        n_best: int,
        shortlist: Shortlist | None,
        first: int = BOS,
    ) -> Any:
        """Beam search; sentences that are decided leave the batch whenever it has shrunk to half.

        Args:
            source: ids (B, T), or the summaries (B, S) of one model, floats.
            limits: of each row.
            settings: the beam and its rules.
            n_best: hypotheses wanted of each row.
            shortlist: where the settings ask for one.
            first: the start symbol.
        """
        from seq2seq.decoding.beam import BeamSearch, Hypotheses

        search = BeamSearch(settings.beam_size, n_best, settings.length_penalty, settings.no_repeat_ngram)
        short = _candidates(source, shortlist, settings.shortlist) if settings.shortlist else None
        begin, go_on = self._halves(search, bool(short) or len(source) * settings.beam_size >= _WORTH_TURNING)
        beam, outputs = begin(source, np.arange(limits.width), np.int32(first), *(short[:1] if short else ()))
        rows = places = np.arange(len(source), dtype=np.int32)
        found: list[np.ndarray] = []
        while len(rows):
            undecided = np.int32(len(rows) // 2 if len(rows) >= _WORTH_LEAVING else 0)
            repeated = few_rows(len(rows)) - len(rows)  # of the last
            here, places = (np.pad(indices, (0, repeated), mode="edge") for indices in (rows, places))
            own = ((short[0], short[1][here]),) if short else ()
            beam, decided, result = go_on(
                beam, places, limits.minimum[here], limits.maximum[here], undecided, outputs, *own
            )
            result = [np.asarray(part)[: len(rows)] for part in result]
            found = found or [np.empty((len(source), *part.shape[1:]), part.dtype) for part in result]
            for whole, part in zip(found, result, strict=True):
                whole[rows] = part
            places = np.flatnonzero(~np.asarray(decided)[: len(rows)]).astype(np.int32)
            rows = rows[places]
        return Hypotheses(*found)

    def _halves(self, search: Any, ready: bool) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """A search in two compiled functions: its start, and going on until the batch has shrunk.

        Args:
            search: a `BeamSearch`.
            ready: make the output layer ready at the start.
        """
        from seq2seq.decoding.beam import Beam, Candidates

        def start(source: Any, places: Any, first: Any, pieces: Any = None) -> Any:
            from keras import ops

            beam = search.start(self._start(source), ops.shape(source)[0], ops.shape(places)[0], first)
            return tuple(beam), tuple(model.outputs(pieces) for model in self.models) if ready else ()

        def advance(
            beam: Any, rows: Any, minimum: Any, maximum: Any, undecided: Any, outputs: Any, short: Any = None
        ) -> Any:
            candidates = Candidates(short[0], short[1], self.pieces) if short else None
            beam, decided = search.advance(
                lambda state, token: self._step(state, token, outputs),
                Beam(*beam).rows(rows),
                minimum=minimum,
                maximum=maximum,
                undecided=undecided,
                candidates=candidates,
            )
            return tuple(beam), decided, tuple(search.result(beam))

        return self.compile(("start", search, ready), start), self.compile(("advance", search), advance)

    def sample(
        self, source: np.ndarray, limits: Limits, sampling: Sampling, sentences: Sequence[int], first: int = BOS
    ) -> Any:
        """One hypothesis a row, drawn with random numbers that belong to the sentence's number alone."""
        from seq2seq.decoding.sampling import sample

        def run(source: Any, minimum: Any, maximum: Any, uniforms: Any, first: Any) -> Any:
            return sample(
                self._step,
                self._start(source),
                minimum=minimum,
                maximum=maximum,
                uniforms=uniforms,
                pieces=self.pieces,
                temperature=sampling.temperature,
                top_k=sampling.top_k,
                top_p=sampling.top_p,
                first=first,
            )

        uniforms = np.zeros((len(source), limits.width), np.float32)
        for row, index in enumerate(sentences):
            uniforms[row] = np.random.default_rng((sampling.seed, index)).random(limits.width, np.float32)
        draw = self.compile(("sample", sampling), run)
        return draw(source, limits.minimum, limits.maximum, uniforms, np.int32(first))

    def losses(
        self, pairs: Sequence[tuple[Ids, Ids]], batch_sentences: int, first: int = BOS
    ) -> list[tuple[float, int]]:
        """Teacher forcing of the one model: each target's negative log-likelihood in nats, and its number of tokens.

        Args:
            pairs: source and target ids, without end symbols.
            batch_sentences: of a batch, at most.
            first: the start symbol.
        """
        model = self.models[0]

        def forced(source: Any, target_in: Any, target_out: Any, weights: Any) -> Any:
            from keras import ops

            from seq2seq.losses import token_losses

            logits = ops.cast(model({"source": source, "target_in": target_in}), "float32")
            return ops.sum(ops.where(weights > 0, token_losses(target_out, logits), 0.0), axis=1)

        run = self.compile("score", forced, model)
        results: list[tuple[float, int]] = [(0.0, 0)] * len(pairs)
        # A pair is as long as its longer side, so that neither side makes a batch too large.
        lengths = [max(len(source), len(target)) + 1 for source, target in pairs]
        for members in by_length(lengths, most_rows=batch_sentences, most_tokens=forced_tokens(self.pieces)):
            widths = (few_widths(max(len(pairs[index][side]) for index in members) + 1) for side in (0, 1))
            shape = Shape(few_rows(len(members)), *widths)
            inputs, out, weights = teacher_forcing((pairs[index] for index in members), shape, first)
            losses = np.asarray(run(inputs["source"], inputs["target_in"], out, weights))
            for row, index in enumerate(members):
                results[index] = (float(losses[row]), len(pairs[index][1]) + 1)
        return results

    def most_rows(self, batch_sentences: int, beam_size: int) -> int:
        """Sentences of a batch, so that the scores of all pieces after all hypotheses fit into memory."""
        return max(1, min(batch_sentences, _LOGITS // max(1, beam_size * self.pieces)))

    def _start(self, source: Any) -> Any:
        """The states of all models' decoders before the first token, from ids or from summaries."""
        from keras import ops

        from seq2seq.model import Encoding

        if "float" in ops.dtype(source):
            return tuple(model.start(Encoding(None, None, source)) for model in self.models)
        return tuple(model.start(model.encode(source)) for model in self.models)

    def _step(self, states: Any, token: Any, outputs: Any = None) -> tuple[Any, Any]:
        """The free-running architecture of all models together: the mean of their probabilities."""
        from keras import ops

        outputs = outputs or (None,) * len(self.models)
        each = (model.step(s, token, o) for model, s, o in zip(self.models, states, outputs, strict=True))
        scores, after = zip(*each, strict=True)
        if len(scores) == 1:
            return scores[0], tuple(after)
        return ops.logsumexp(ops.log_softmax(ops.stack(scores), axis=-1), axis=0), tuple(after)


def forced_tokens(pieces: int) -> int:
    """Tokens of a batch under teacher forcing, so that the scores of so many pieces after each fit into memory."""
    return min(BATCH_TOKENS, _LOGITS // pieces)


def few_rows(rows: int) -> int:
    """Rows of a batch: all of them, or the next power of two where each new shape is compiled."""
    return 1 << (rows - 1).bit_length() if wants_few_shapes() else rows


def few_widths(width: int) -> int:
    """The next multiple of eight: few shapes."""
    return -(-width // 8) * 8


def source_rows(sources: Sequence[Ids]) -> np.ndarray:
    """Sources as rows, ended and right-padded, (B, T): each of the rows that are left over is a lone end symbol."""
    rows = np.full((few_rows(len(sources)), few_widths(max(map(len, sources)) + 1)), PAD, np.int32)
    rows[:, 0] = EOS
    for row, source in zip(rows, sources, strict=False):
        row[: len(source)] = source
        row[len(source)] = EOS
    return rows


def _candidates(source: np.ndarray, shortlist: Shortlist | None, each: int) -> tuple[np.ndarray, np.ndarray]:
    """Pieces (C,) that any sentence of a batch (B, T) may hold, and what keeps the others from each (B, C)."""
    from seq2seq.decoding.constraints import IMPOSSIBLE

    if not shortlist:
        raise CheckpointError("a short-list is asked for, and this translator has none: see RunDirectory.shortlist")
    allowed = shortlist.candidates([row[row != PAD] for row in source], each)
    pieces = np.unique(np.concatenate(allowed)).astype(np.int32)
    if wants_few_shapes():
        pieces = np.pad(pieces, (0, -len(pieces) % 256), mode="edge")
    penalties = np.full((len(source), len(pieces)), IMPOSSIBLE, np.float32)
    for row, own in enumerate(allowed):
        penalties[row, np.searchsorted(pieces, own)] = 0
    return pieces, penalties


class _Models:
    """The variables of several models."""

    def __init__(self, models: Sequence[Any]):
        self.variables = [variable for model in models for variable in model.variables]
