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

from seq2seq.decoding.constraints import IMPOSSIBLE, length_limits, repeated_ngrams, reserved_pieces
from seq2seq.symbols import BOS, EOS, PAD

Tensor = Any
Step = Callable[[Any, Tensor], tuple[Tensor, Any]]


class Hypotheses(NamedTuple):
    """The result, best first.

    Attributes:
        tokens: (B, K, U), the end symbol included, then padding.
        scores: (B, K), the length-normalised log-probability.
        log_probs: (B, K), the log-probability itself.
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
    pieces: int,
    length_penalty: float = 1.0,
    no_repeat_ngram: int = 0,
) -> Hypotheses:
    """Find likely continuations of a decoder state.

    Args:
        step: (state, token (N,)) -> (log_probs (N, V), state), for any number of rows N.
        state: the decoder's state before its first token; each tensor has B rows.
        minimum, maximum: (B,), tokens of a hypothesis with its end symbol.
        width: U, the largest maximum.
        beam_size: K.
        pieces: V.
        length_penalty: alpha; 0 ranks by log-probability alone.
        no_repeat_ngram: n > 0 forbids a hypothesis to contain an n-gram twice.

    Returns:
        K hypotheses of each sentence, best first.
    """
    B, K, V = ops.shape(minimum)[0], beam_size, pieces
    forbidden = reserved_pieces(V)
    low, high = ops.repeat(minimum, K), ops.repeat(maximum, K)
    alpha = float(length_penalty)

    def body(*beam: Any) -> tuple[Any, ...]:
        now = _Beam(*beam)
        log_probs, state = step(now.state, ops.reshape(now.last, (-1,)))
        log_probs = log_probs + forbidden + length_limits(now.step, low, high, V)
        if no_repeat_ngram:
            flat = ops.reshape(now.tokens, (-1, ops.shape(now.tokens)[2]))
            log_probs = log_probs + repeated_ngrams(flat, now.step, no_repeat_ngram, V)
        return tuple(_extended(now, ops.reshape(log_probs, (B, K, V)), state, alpha))

    def unfinished(*beam: Any) -> Tensor:
        now = _Beam(*beam)
        return (now.step < width) & ops.any(ops.not_equal(now.last, PAD) & ops.not_equal(now.last, EOS))

    beam = _Beam(*ops.while_loop(unfinished, body, tuple(_first(state, B, K, width))))
    scores = beam.log_probs / _norm(ops.maximum(beam.lengths, 1), alpha)
    return Hypotheses(beam.tokens, scores, beam.log_probs)


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


def _extended(now: _Beam, log_probs: Tensor, state: Any, alpha: float) -> _Beam:
    """The best K among all one-token continuations of the unfinished and all finished hypotheses."""
    B, K = ops.shape(now.last)[0], now.last.shape[1]
    V = log_probs.shape[2]
    finished = (now.last == EOS) | (now.last == PAD)
    stays = ops.where(ops.arange(V) == PAD, 0.0, IMPOSSIBLE)  # a finished one has one continuation: itself
    totals = now.log_probs[:, :, None] + ops.where(finished[:, :, None], stays, log_probs)
    lengths = ops.where(finished, now.lengths, now.lengths + 1)
    ranks = totals / _norm(lengths, alpha)[:, :, None]
    _, chosen = ops.top_k(ops.reshape(ranks, (B, K * V)), K)
    chosen = ops.cast(chosen, "int32")
    parent, token = chosen // V, chosen % V
    row = ops.reshape(parent + K * ops.arange(B, dtype="int32")[:, None], (-1,))

    def of_parent(tensor: Tensor) -> Tensor:
        return ops.reshape(
            ops.take(ops.reshape(tensor, (-1, *tensor.shape[2:])), row, axis=0), (B, K, *tensor.shape[2:])
        )

    here = ops.arange(ops.shape(now.tokens)[2]) == now.step
    tokens = ops.reshape(ops.take(ops.reshape(now.tokens, (B * K, -1)), row, axis=0), ops.shape(now.tokens))
    return _Beam(
        now.step + 1,
        ops.where(here, token[:, :, None], tokens),
        token,
        ops.take_along_axis(ops.reshape(totals, (B, K * V)), chosen, axis=1),
        of_parent(lengths),
        tree.map_structure(lambda tensor: ops.take(tensor, row, axis=0), state),
    )


def _norm(lengths: Tensor, alpha: float) -> Tensor:
    return ops.power(ops.cast(lengths, "float32"), alpha)
