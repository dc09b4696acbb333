"""Batched beam search (Graves 2012; Sutskever et al. 2014) as one loop over a small state.

One beam holds finished and unfinished hypotheses. A finished one is frozen: it keeps its tokens and its score, and
stays in the beam until K better ones exist. All are ranked by

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
_RESERVED = UNK + 1  # the ids below this are reserved; no sentence contains them, except the end symbol


class Candidates(NamedTuple):
    """A short-list: the only pieces that the search scores.

    Attributes:
        pieces: (C,) ids, ascending; the first four are the reserved ones.
        penalties: (B, C), 0 where the piece is a candidate of the sentence, else `IMPOSSIBLE`.
        vocabulary: V, the number of all pieces.
    """

    pieces: Tensor
    penalties: Tensor
    vocabulary: int


class Beam(NamedTuple):
    """The state of a search: K hypotheses for each sentence, best first, and the decoder's state."""

    step: Tensor  # (), the number of tokens so far
    tokens: Tensor  # (B, K, U)
    last: Tensor  # (B, K), the newest token; padding after the end
    log_probs: Tensor  # (B, K), of the tokens so far, in nats
    lengths: Tensor  # (B, K), tokens so far, the end symbol included
    state: Any  # the decoder's state, with B * K rows

    def rows(self, kept: Tensor) -> "Beam":
        """The beam of only those sentences whose indices (N,) are in `kept`."""
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
    """A beam search with its settings.

    Attributes:
        beam_size: K, how many hypotheses of a sentence are kept at each step.
        n_best: how many hypotheses the caller wants; 0 for all K. A sentence is decided when they cannot change.
        length_penalty: alpha in the formula above; 0 ranks by log-probability alone.
        no_repeat_ngram: n; no hypothesis repeats a sequence of n tokens. 0 allows every repetition.
    """

    beam_size: int
    n_best: int = 0
    length_penalty: float = 1.0
    no_repeat_ngram: int = 0

    def __call__(self, step: Step, state: Any, *, minimum: Tensor, maximum: Tensor, width: Tensor) -> Hypotheses:
        """Search until every sentence is decided.

        Args:
            step: see `advance`.
            state: the decoder's state before its first token; each tensor has B rows.
            minimum, maximum: (B,), the fewest and the most tokens of a hypothesis, its end symbol included.
            width: U, the largest of the maxima.
        """
        beam = self.start(state, ops.shape(minimum)[0], width)
        return self.result(self.advance(step, beam, minimum=minimum, maximum=maximum)[0])

    def start(self, state: Any, rows: Tensor, width: Tensor, start_symbol: Tensor | int = BOS) -> Beam:
        """The beam before its first token: K copies of the start for each sentence.

        All but the first copy are impossible; otherwise the beam would hold the same hypothesis K times.

        Args:
            state: the decoder's state before its first token, with B rows.
            rows: B, the number of sentences.
            width: U, the most tokens of a hypothesis.
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
        """Extend the hypotheses until at most `undecided` sentences are undecided.

        Args:
            step: (state, token (N,)) -> (scores (N, V), state), for any number of rows N. Scores are logits or
                log-probabilities: this method normalises them.
            beam: the state of the search; the order of its sentences does not change.
            minimum, maximum: (B,), the fewest and the most tokens of a hypothesis, its end symbol included.
            undecided: how many sentences may be left; the caller can continue with them in a smaller batch.
            candidates: the pieces whose scores `step` returns; all pieces if not given.

        Returns:
            the beam, and for each of its sentences whether it is decided (B,).
        """
        width = ops.shape(beam.tokens)[2]
        if candidates:  # from a row for each sentence to a row for each hypothesis
            candidates = candidates._replace(penalties=ops.repeat(candidates.penalties, self.beam_size, axis=0))

        def decided(current: Beam) -> Tensor:
            return self._decided(current, maximum) | (current.step >= width)

        def wanted(*fields: Any) -> Tensor:
            return ops.sum(ops.cast(~decided(Beam(*fields)), "int32")) > undecided

        def body(*fields: Any) -> tuple[Any, ...]:
            return tuple(self._extended(Beam(*fields), step, minimum, maximum, candidates))

        beam = Beam(*ops.while_loop(wanted, body, tuple(beam)))
        return beam, decided(beam)

    def result(self, beam: Beam) -> Hypotheses:
        """The n best hypotheses of each sentence in the beam, best first."""
        N = self._wanted
        scores = self._ranks(beam.log_probs, ops.maximum(beam.lengths, 1))
        return Hypotheses(beam.tokens[:, :N], scores[:, :N], beam.log_probs[:, :N])

    def _extended(
        self, beam: Beam, step: Step, minimum: Tensor, maximum: Tensor, candidates: Candidates | None
    ) -> Beam:
        """The beam after one more token: the best K of the finished hypotheses and of all continuations."""
        B, K = ops.shape(beam.last)[0], self.beam_size
        scores, state = step(beam.state, ops.reshape(beam.last, (-1,)))
        if candidates:
            scores = scores + candidates.penalties
        normaliser = ops.logsumexp(scores, axis=-1, keepdims=True)
        if self.no_repeat_ngram:
            flat = ops.reshape(beam.tokens, (-1, ops.shape(beam.tokens)[2]))
            V = candidates.vocabulary if candidates else scores.shape[-1]
            penalties = repeated_ngrams(flat, beam.step, self.no_repeat_ngram, V)
            scores = scores + (ops.take(penalties, candidates.pieces, axis=1) if candidates else penalties)
        pieces, log_probs = _likeliest(scores, K)
        C = pieces.shape[1]
        if candidates:
            pieces = ops.take(candidates.pieces, pieces)
        pieces, log_probs = ops.reshape(pieces, (B, K, C)), ops.reshape(log_probs - normaliser, (B, K, C))

        ends, length = ops.arange(C) == 0, beam.step + 1
        too_early, too_late = ends & (length < minimum)[:, None], ~ends & (length >= maximum)[:, None]
        log_probs = ops.where((too_early | too_late)[:, None], IMPOSSIBLE, log_probs)
        finished = _finished(beam)[:, :, None]
        itself = ops.where(
            ends, 0.0, IMPOSSIBLE
        )  # a finished hypothesis continues only as itself, in the column of the end symbol
        totals = beam.log_probs[:, :, None] + ops.where(finished, itself, log_probs)
        lengths = beam.lengths + ops.cast(~finished[:, :, 0], "int32")
        ranks = (
            self._ranks(totals, lengths[:, :, None]) if K > 1 else totals
        )  # with K = 1 all continuations have one length
        _, chosen = ops.top_k(ops.reshape(ranks, (B, K * C)), K)
        chosen = ops.cast(chosen, "int32")

        token = _of_choice(ops.where(finished, PAD, pieces), chosen)
        at_step = ops.arange(ops.shape(beam.tokens)[2]) == beam.step
        tokens = beam.tokens
        if K > 1:
            row = ops.reshape(chosen // C + K * ops.arange(B, dtype="int32")[:, None], (-1,))
            tokens = ops.reshape(ops.take(ops.reshape(tokens, (B * K, -1)), row, axis=0), ops.shape(tokens))
            lengths = ops.reshape(ops.take(ops.reshape(lengths, (-1,)), row, axis=0), (B, K))
            state = tree.map_structure(lambda tensor: ops.take(tensor, row, axis=0), state)
        tokens = ops.where(at_step, token[:, :, None], tokens)
        return Beam(length, tokens, token, _of_choice(totals, chosen), lengths, state)

    def _decided(self, beam: Beam, maximum: Tensor) -> Tensor:
        """Whether the best n of a sentence can no longer change, (B,): all are finished and none can be overtaken.

        An unfinished hypothesis can only lose log-probability, so its final rank is at most its present log-probability
        divided by the penalty of the greatest length.
        """
        finished, N = _finished(beam), self._wanted
        if self.beam_size == N:
            return ops.all(finished, axis=1)
        ranks = self._ranks(beam.log_probs, ops.maximum(beam.lengths, 1))
        hopes = self._ranks(beam.log_probs, ops.broadcast_to(maximum[:, None], ops.shape(beam.lengths)))
        best_hope = ops.max(ops.where(finished, 2 * IMPOSSIBLE, hopes), axis=1)
        return ops.all(finished[:, :N], axis=1) & (ranks[:, N - 1] >= best_hope)

    def _ranks(self, log_probs: Tensor, lengths: Tensor) -> Tensor:
        if not self.length_penalty:
            return log_probs
        return log_probs / ops.power(ops.cast(lengths, "float32"), float(self.length_penalty))

    @property
    def _wanted(self) -> int:
        return min(self.n_best or self.beam_size, self.beam_size)


def _finished(beam: Beam) -> Tensor:
    return (beam.last == EOS) | (beam.last == PAD)


def _of_choice(tensor: Tensor, chosen: Tensor) -> Tensor:
    """The chosen values (B, K) of a tensor (B, K, C); `chosen` numbers the K * C continuations of a sentence."""
    B, K, C = ops.shape(tensor)[0], tensor.shape[1], tensor.shape[2]
    return ops.take_along_axis(ops.reshape(tensor, (B, K * C)), chosen, axis=1)


def _likeliest(scores: Tensor, K: int) -> tuple[Tensor, Tensor]:
    """The end symbol and the K best pieces of text for each row: pieces and scores, each (N, K + 1).

    No other piece can be in one of the best K hypotheses, so all later tensors are small.
    """
    text = scores[:, _RESERVED:]
    values, pieces = _top(ops.concatenate([ops.full_like(scores[:, :_RESERVED], IMPOSSIBLE), text], axis=1), K)
    end = ops.full_like(pieces[:, :1], EOS)
    return ops.concatenate([end, pieces], axis=1), ops.concatenate([scores[:, EOS : EOS + 1], values], axis=1)


def _top(scores: Tensor, K: int) -> tuple[Tensor, Tensor]:
    """The K best of each row (N, V): values and indices.

    A large row is cut into blocks, and only the K blocks with the largest maxima are searched: no other block can hold
    one of the K best. This is faster than one `top_k` over V.
    """
    V = scores.shape[-1]
    size = next((b for b in range(32, 129) if V % b == 0 and V // b >= 4 * K), 0) if V and K > 1 else 0
    if not size:  # V is small, has no fitting divisor, or is unknown as with a short-list
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
