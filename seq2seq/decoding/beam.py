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

from seq2seq.decoding.constraints import IMPOSSIBLE, RESERVED, repeated_ngrams
from seq2seq.symbols import BOS, EOS, PAD

Tensor = Any
Step = Callable[[Any, Tensor], tuple[Tensor, Any]]


class Hypotheses(NamedTuple):
    """The result, N of each sentence, best first.

    Attributes:
        tokens: (B, N, U), the end symbol included, then padding.
        scores: (B, N), the length-normalised log-probability.
        log_probs: (B, N), the log-probability itself.
    """

    tokens: Tensor
    scores: Tensor
    log_probs: Tensor


class _Beam(NamedTuple):
    step: Tensor  # ()
    tokens: Tensor  # (B, K, U)
    last: Tensor  # (B, K), the newest token; padding after the end
    log_probs: Tensor  # (B, K)
    lengths: Tensor  # (B, K)
    state: Any  # the decoder's, B * K rows


def beam_search(
    step: Step,
    state: Any,
    *,
    minimum: Tensor,
    maximum: Tensor,
    width: Tensor,
    beam_size: int,
    n_best: int = 0,
    length_penalty: float = 1.0,
    no_repeat_ngram: int = 0,
) -> Hypotheses:
    """Find likely continuations of a decoder state.

    Args:
        step: (state, token (N,)) -> (scores (N, V), state), for any number of rows N. Scores are logits or
            log-probabilities: they are normalised here.
        state: the decoder's state before its first token; each tensor has B rows.
        minimum, maximum: (B,), tokens of a hypothesis with its end symbol.
        width: U, the largest maximum.
        beam_size: K.
        n_best: how many hypotheses are wanted, all K where it is 0. The search ends as soon as none of these can change.
        length_penalty: alpha; 0 ranks by log-probability alone.
        no_repeat_ngram: n > 0 forbids a hypothesis to contain an n-gram twice.

    Returns:
        the n best hypotheses of each sentence, best first.
    """
    B, K, N = ops.shape(minimum)[0], beam_size, min(n_best or beam_size, beam_size)
    alpha = float(length_penalty)

    def body(*beam: Any) -> tuple[Any, ...]:
        now = _Beam(*beam)
        scores, state = step(now.state, ops.reshape(now.last, (-1,)))
        normaliser = ops.logsumexp(scores, axis=-1, keepdims=True)
        if no_repeat_ngram:
            flat = ops.reshape(now.tokens, (-1, ops.shape(now.tokens)[2]))
            scores = scores + repeated_ngrams(flat, now.step, no_repeat_ngram, scores.shape[-1])
        pieces, log_probs = _candidates(scores, K)
        C = pieces.shape[1]
        log_probs = ops.reshape(log_probs - normaliser, (B, K, C))
        return tuple(_extended(now, ops.reshape(pieces, (B, K, C)), log_probs, state, minimum, maximum, alpha))

    def unfinished(*beam: Any) -> Tensor:
        now = _Beam(*beam)
        return (now.step < width) & ~ops.all(_decided(now, maximum, N, alpha))

    beam = _Beam(*ops.while_loop(unfinished, body, tuple(_first(state, B, K, width))))
    scores = _ranks(beam.log_probs, ops.maximum(beam.lengths, 1), alpha)
    return Hypotheses(beam.tokens[:, :N], scores[:, :N], beam.log_probs[:, :N])


def _candidates(scores: Tensor, K: int) -> tuple[Tensor, Tensor]:
    """The end symbol and at least the K best of the pieces that a sentence may contain: pieces and scores (N, C).

    No more can be among the best K hypotheses, so that all that follows is small.
    """
    values, pieces = ops.top_k(scores, min(K + len(RESERVED) + 1, scores.shape[-1]))
    pieces = ops.cast(pieces, "int32")
    barred = ops.any(pieces[:, :, None] == ops.convert_to_tensor((*RESERVED, EOS)), axis=2)
    values = ops.where(barred, IMPOSSIBLE, values)
    end = ops.full_like(pieces[:, :1], EOS)
    return ops.concatenate([end, pieces], axis=1), ops.concatenate([scores[:, EOS : EOS + 1], values], axis=1)


def _first(state: Any, B: Tensor, K: int, width: Tensor) -> _Beam:
    """K copies of the start, all but the first impossible: the beam must not fill with K times the same."""
    log_probs = ops.where(ops.arange(K) == 0, 0.0, IMPOSSIBLE) + ops.zeros((B, 1))
    return _Beam(
        ops.convert_to_tensor(0, dtype="int32"),
        ops.full((B, K, width), PAD, dtype="int32"),
        ops.full((B, K), BOS, dtype="int32"),
        log_probs,
        ops.zeros((B, K), dtype="int32"),
        tree.map_structure(lambda tensor: ops.repeat(tensor, K, axis=0), state),
    )


def _extended(
    now: _Beam, pieces: Tensor, log_probs: Tensor, state: Any, minimum: Tensor, maximum: Tensor, alpha: float
) -> _Beam:
    """The best K among the candidates (B, K, C) of the unfinished and all finished hypotheses."""
    B, K, C = ops.shape(now.last)[0], now.last.shape[1], pieces.shape[2]
    ends, length = ops.arange(C) == 0, now.step + 1
    too_early, too_late = ends & (length < minimum)[:, None], ~ends & (length >= maximum)[:, None]
    log_probs = ops.where((too_early | too_late)[:, None], IMPOSSIBLE, log_probs)
    finished = _finished(now)[:, :, None]
    itself = ops.where(ends, 0.0, IMPOSSIBLE)  # a finished one has one continuation
    totals = now.log_probs[:, :, None] + ops.where(finished, itself, log_probs)
    pieces = ops.where(finished, PAD, pieces)
    lengths = now.lengths + ops.cast(~finished[:, :, 0], "int32")
    ranks = _ranks(totals, lengths[:, :, None], alpha)
    _, chosen = ops.top_k(ops.reshape(ranks, (B, K * C)), K)
    chosen = ops.cast(chosen, "int32")
    row = ops.reshape(chosen // C + K * ops.arange(B, dtype="int32")[:, None], (-1,))

    def of_parent(tensor: Tensor) -> Tensor:
        flat = ops.take(ops.reshape(tensor, (-1, *tensor.shape[2:])), row, axis=0)
        return ops.reshape(flat, (B, K, *tensor.shape[2:]))

    def of_choice(tensor: Tensor) -> Tensor:
        return ops.take_along_axis(ops.reshape(tensor, (B, K * C)), chosen, axis=1)

    token = of_choice(pieces)
    here = ops.arange(ops.shape(now.tokens)[2]) == now.step
    tokens = ops.reshape(ops.take(ops.reshape(now.tokens, (B * K, -1)), row, axis=0), ops.shape(now.tokens))
    return _Beam(
        length,
        ops.where(here, token[:, :, None], tokens),
        token,
        of_choice(totals),
        of_parent(lengths),
        tree.map_structure(lambda tensor: ops.take(tensor, row, axis=0), state),
    )


def _finished(now: _Beam) -> Tensor:
    return (now.last == EOS) | (now.last == PAD)


def _decided(now: _Beam, maximum: Tensor, N: int, alpha: float) -> Tensor:
    """Whether the best N of a sentence can no longer change, (B,): they are finished, and nothing can overtake them.

    What is unfinished can only lose log-probability, and its rank is at most that of the longest hypothesis with it.
    """
    finished = _finished(now)
    ranks = _ranks(now.log_probs, ops.maximum(now.lengths, 1), alpha)
    hopes = _ranks(now.log_probs, ops.broadcast_to(maximum[:, None], ops.shape(now.lengths)), alpha)
    best_hope = ops.max(ops.where(finished, 2 * IMPOSSIBLE, hopes), axis=1)
    return ops.all(finished[:, :N], axis=1) & (ranks[:, N - 1] >= best_hope)


def _ranks(log_probs: Tensor, lengths: Tensor, alpha: float) -> Tensor:
    return log_probs / ops.power(ops.cast(lengths, "float32"), alpha) if alpha else log_probs
