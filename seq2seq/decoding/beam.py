"""Batched beam search (Graves 2012; Sutskever et al. 2014) as one loop over a small state.

One beam holds finished and unfinished hypotheses side by side. A finished one is frozen: it keeps its tokens and its
score and offers itself unchanged, so that it stays exactly as long as nothing better comes. All are ranked by

    score = log P(y | x) / |y| ** alpha        (|y| with the end symbol; after Wu et al. 2016, arXiv:1609.08144, eq. 14)

so a beam of one is greedy search, and a beam as wide as the search space is exhaustive search.

B sentences, K hypotheses each, V pieces, U steps at most.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from keras import ops, tree

from seq2seq.decoding.constraints import IMPOSSIBLE, repeated_ngrams
from seq2seq.decoding.hypotheses import Hypotheses
from seq2seq.symbols import BOS, EOS, PAD, UNK

Tensor = Any
Step = Callable[[Any, Tensor], tuple[Tensor, Any]]
_RESERVED = UNK + 1  # ids before those of text


class Candidates(NamedTuple):
    """The only pieces that are looked at.

    Attributes:
        pieces: (C,) ids, ascending; the first four are the reserved ones.
        penalties: (B, C), 0 where a sentence may hold the piece, else `IMPOSSIBLE`.
        vocabulary: V.
    """

    pieces: Tensor
    penalties: Tensor
    vocabulary: int


class Beam(NamedTuple):
    """A search half-way: K hypotheses of each sentence, best first, and what the decoder needs to go on."""

    step: Tensor  # (), tokens so far
    tokens: Tensor  # (B, K, U)
    last: Tensor  # (B, K), the newest token; padding after the end
    log_probs: Tensor  # (B, K)
    lengths: Tensor  # (B, K)
    state: Any  # the decoder's, B * K rows

    def rows(self, kept: Tensor) -> "Beam":
        """The beam of some of the sentences, given their indices (N,)."""
        K = self.last.shape[1]
        flat = ops.reshape(kept[:, None] * K + ops.arange(K, dtype=kept.dtype), (-1,))
        return Beam(
            self.step,
            ops.take(self.tokens, kept, axis=0),
            ops.take(self.last, kept, axis=0),
            ops.take(self.log_probs, kept, axis=0),
            ops.take(self.lengths, kept, axis=0),
            tree.map_structure(lambda tensor: ops.take(tensor, flat, axis=0), self.state),
        )


class BeamSearch(NamedTuple):
    """What is searched for.

    Attributes:
        beam_size: K.
        n_best: how many hypotheses are wanted, all K where it is 0. When these cannot change, a sentence is decided.
        length_penalty: alpha; 0 ranks by log-probability alone.
        no_repeat_ngram: n > 0 forbids a hypothesis to contain an n-gram twice.
    """

    beam_size: int
    n_best: int = 0
    length_penalty: float = 1.0
    no_repeat_ngram: int = 0

    def __call__(self, step: Step, state: Any, *, minimum: Tensor, maximum: Tensor, width: Tensor) -> Hypotheses:
        """Likely continuations of a decoder state, all of them in one go.

        Args:
            step: see `advance`.
            state: the decoder's state before its first token; each tensor has B rows.
            minimum, maximum: (B,), tokens of a hypothesis with its end symbol.
            width: U, the largest maximum.
        """
        beam = self.start(state, ops.shape(minimum)[0], width)
        return self.result(self.advance(step, beam, minimum=minimum, maximum=maximum)[0])

    def start(self, state: Any, rows: Tensor, width: Tensor, start_symbol: Tensor | int = BOS) -> Beam:
        """K copies of the start, all but the first impossible: the beam must not fill with K times the same.

        Args:
            state: the decoder's before its first token, with as many rows.
            rows: B.
            width: U.
            start_symbol: the id of the token before the first one.
        """
        K = self.beam_size
        return Beam(
            ops.convert_to_tensor(0, dtype="int32"),
            ops.full((rows, K, width), PAD, dtype="int32"),
            ops.full((rows, K), start_symbol, dtype="int32"),
            ops.where(ops.arange(K) == 0, 0.0, IMPOSSIBLE) + ops.zeros((rows, 1)),
            ops.zeros((rows, K), dtype="int32"),
            tree.map_structure(lambda tensor: ops.repeat(tensor, K, axis=0), state),
        )

    def advance(
        self,
        step: Step,
        beam: Beam,
        *,
        minimum: Tensor,
        maximum: Tensor,
        undecided: Tensor | int = 0,
        candidates: Candidates | None = None,
    ) -> tuple[Beam, Tensor]:
        """Go on until at most so many sentences are undecided.

        Args:
            step: (state, token (N,)) -> (scores (N, V), state), for any number of rows N. Scores are logits or
                log-probabilities: they are normalised here.
            beam: where the search stands; its sentences are left in their order.
            minimum, maximum: (B,), tokens of a hypothesis with its end symbol.
            undecided: how many sentences may be left, for the caller to go on with in a smaller batch.
            candidates: the pieces whose scores `step` returns, all where not given.

        Returns:
            the beam, and which of its sentences are decided (B,).
        """
        width = ops.shape(beam.tokens)[2]
        if candidates:  # a row for each hypothesis
            candidates = candidates._replace(penalties=ops.repeat(candidates.penalties, self.beam_size, axis=0))

        def decided(now: Beam) -> Tensor:
            return self._decided(now, maximum) | (now.step >= width)

        def wanted(*now: Any) -> Tensor:
            return ops.sum(ops.cast(~decided(Beam(*now)), "int32")) > undecided

        def body(*now: Any) -> tuple[Any, ...]:
            return tuple(self._extended(Beam(*now), step, minimum, maximum, candidates))

        beam = Beam(*ops.while_loop(wanted, body, tuple(beam)))
        return beam, decided(beam)

    def result(self, beam: Beam) -> Hypotheses:
        """The n best hypotheses of each sentence, best first."""
        N = self._wanted
        scores = self._ranks(beam.log_probs, ops.maximum(beam.lengths, 1))
        return Hypotheses(beam.tokens[:, :N], scores[:, :N], beam.log_probs[:, :N])

    def _extended(self, now: Beam, step: Step, minimum: Tensor, maximum: Tensor, candidates: Candidates | None) -> Beam:
        """The best K among the candidates of the unfinished hypotheses and all the finished ones."""
        B, K = ops.shape(now.last)[0], self.beam_size
        scores, state = step(now.state, ops.reshape(now.last, (-1,)))
        if candidates:
            scores = scores + candidates.penalties
        normaliser = ops.logsumexp(scores, axis=-1, keepdims=True)
        if self.no_repeat_ngram:
            flat = ops.reshape(now.tokens, (-1, ops.shape(now.tokens)[2]))
            V = candidates.vocabulary if candidates else scores.shape[-1]
            penalties = repeated_ngrams(flat, now.step, self.no_repeat_ngram, V)
            scores = scores + (ops.take(penalties, candidates.pieces, axis=1) if candidates else penalties)
        pieces, log_probs = _likeliest(scores, K)
        C = pieces.shape[1]
        if candidates:
            pieces = ops.take(candidates.pieces, pieces)
        pieces, log_probs = ops.reshape(pieces, (B, K, C)), ops.reshape(log_probs - normaliser, (B, K, C))

        ends, length = ops.arange(C) == 0, now.step + 1
        too_early, too_late = ends & (length < minimum)[:, None], ~ends & (length >= maximum)[:, None]
        log_probs = ops.where((too_early | too_late)[:, None], IMPOSSIBLE, log_probs)
        finished = _finished(now)[:, :, None]
        itself = ops.where(ends, 0.0, IMPOSSIBLE)  # a finished one has one continuation
        totals = now.log_probs[:, :, None] + ops.where(finished, itself, log_probs)
        lengths = now.lengths + ops.cast(~finished[:, :, 0], "int32")
        ranks = self._ranks(totals, lengths[:, :, None]) if K > 1 else totals  # of one length
        _, chosen = ops.top_k(ops.reshape(ranks, (B, K * C)), K)
        chosen = ops.cast(chosen, "int32")

        token = _of_choice(ops.where(finished, PAD, pieces), chosen)
        here = ops.arange(ops.shape(now.tokens)[2]) == now.step
        tokens = now.tokens
        if K > 1:
            row = ops.reshape(chosen // C + K * ops.arange(B, dtype="int32")[:, None], (-1,))
            tokens = ops.reshape(ops.take(ops.reshape(tokens, (B * K, -1)), row, axis=0), ops.shape(tokens))
            lengths = ops.reshape(ops.take(ops.reshape(lengths, (-1,)), row, axis=0), (B, K))
            state = tree.map_structure(lambda tensor: ops.take(tensor, row, axis=0), state)
        tokens = ops.where(here, token[:, :, None], tokens)
        return Beam(length, tokens, token, _of_choice(totals, chosen), lengths, state)

    def _decided(self, now: Beam, maximum: Tensor) -> Tensor:
        """Whether the best n of a sentence can no longer change, (B,): finished, and nothing can overtake them.

        What is unfinished can only lose log-probability: its rank is at most that of the longest hypothesis with it.
        """
        finished, N = _finished(now), self._wanted
        if self.beam_size == N:
            return ops.all(finished, axis=1)
        ranks = self._ranks(now.log_probs, ops.maximum(now.lengths, 1))
        hopes = self._ranks(now.log_probs, ops.broadcast_to(maximum[:, None], ops.shape(now.lengths)))
        best_hope = ops.max(ops.where(finished, 2 * IMPOSSIBLE, hopes), axis=1)
        return ops.all(finished[:, :N], axis=1) & (ranks[:, N - 1] >= best_hope)

    def _ranks(self, log_probs: Tensor, lengths: Tensor) -> Tensor:
        if not self.length_penalty:
            return log_probs
        return log_probs / ops.power(ops.cast(lengths, "float32"), float(self.length_penalty))

    @property
    def _wanted(self) -> int:
        return min(self.n_best or self.beam_size, self.beam_size)


def _finished(now: Beam) -> Tensor:
    return (now.last == EOS) | (now.last == PAD)


def _of_choice(tensor: Tensor, chosen: Tensor) -> Tensor:
    """What was chosen, (B, K), among (B, K, C)."""
    B, K, C = ops.shape(tensor)[0], tensor.shape[1], tensor.shape[2]
    return ops.take_along_axis(ops.reshape(tensor, (B, K * C)), chosen, axis=1)


def _likeliest(scores: Tensor, K: int) -> tuple[Tensor, Tensor]:
    """The end symbol and the K best of the pieces that a sentence may contain: pieces and scores (N, K + 1).

    No more can be among the best K hypotheses, so that all that follows is small.
    """
    text = scores[:, _RESERVED:]
    values, pieces = _top(ops.concatenate([ops.full_like(scores[:, :_RESERVED], IMPOSSIBLE), text], axis=1), K)
    end = ops.full_like(pieces[:, :1], EOS)
    return ops.concatenate([end, pieces], axis=1), ops.concatenate([scores[:, EOS : EOS + 1], values], axis=1)


def _top(scores: Tensor, K: int) -> tuple[Tensor, Tensor]:
    """The K best of each row (N, V): values and indices.

    Of a large V, only the blocks with the K largest maxima are looked into: no other can hold any of the best.
    """
    V = scores.shape[-1]
    size = next((b for b in range(32, 129) if V % b == 0 and V // b >= 4 * K), 0) if V and K > 1 else 0
    if not size:  # small, or of an awkward number, or a short-list
        values, indices = ops.top_k(scores, min(K, V) if V else K)
        return values, ops.cast(indices, "int32")
    blocks = V // size
    _, best = ops.top_k(ops.max(ops.reshape(scores, (-1, blocks, size)), axis=2), K)
    best = ops.cast(best, "int32")
    rows = best + blocks * ops.arange(ops.shape(scores)[0], dtype="int32")[:, None]
    within = ops.take(ops.reshape(scores, (-1, size)), ops.reshape(rows, (-1,)), axis=0)
    values, at = ops.top_k(ops.reshape(within, (-1, K * size)), K)
    at = ops.cast(at, "int32")
    return values, ops.take_along_axis(best, at // size, axis=1) * size + at % size
