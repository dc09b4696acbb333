"""Rules for hypotheses (length, repetition, reserved pieces), as penalties on the log-probabilities of the next piece.

N hypotheses, V pieces, U steps.
"""

from typing import Any

from keras import ops

from seq2seq.symbols import BOS, EOS, PAD, UNK

Tensor = Any
IMPOSSIBLE = -1e9  # not -inf: the difference of two impossible scores must be a number, not NaN
RESERVED = (PAD, BOS, UNK)  # no sentence contains them


def reserved_pieces(pieces: int) -> Tensor:
    """A penalty (V,) on the pieces that no sentence contains: padding, start, unknown.

    Args:
        pieces: V, the size of the vocabulary.
    """
    ids = ops.arange(pieces)[:, None]
    return ops.where(ops.any(ids == ops.convert_to_tensor(RESERVED), axis=1), IMPOSSIBLE, 0.0)


def length_limits(step: Tensor, minimum: Tensor, maximum: Tensor, pieces: int) -> Tensor:
    """A penalty (N, V) that forbids to end before `minimum` tokens, and forces the end at `maximum` tokens.

    Args:
        step: the number of tokens so far.
        minimum, maximum: (N,), the fewest and the most tokens of a hypothesis, its end symbol included.
        pieces: V, the size of the vocabulary.
    """
    ends = (ops.arange(pieces) == EOS)[None]
    too_early = ends & (step + 1 < minimum)[:, None]
    too_late = ~ends & (step + 1 >= maximum)[:, None]
    return ops.where(too_early | too_late, IMPOSSIBLE, 0.0)


def repeated_ngrams(tokens: Tensor, step: Tensor, order: int, pieces: int) -> Tensor:
    """A penalty (N, V) for every piece that would complete an n-gram that the hypothesis already has.

    Args:
        tokens: the hypotheses (N, U), of which the first `step` tokens are written.
        step: the number of tokens so far.
        order: n, the length of the sequence that may not be repeated.
        pieces: V, the size of the vocabulary.
    """
    N, U = ops.shape(tokens)[0], ops.shape(tokens)[1]
    places = ops.arange(U)
    complete = (places + order - 1 < step)[None]  # whether the n-gram that begins at a place is written to its end
    follows = _shifted(tokens, order - 1)
    for offset in range(order - 1):
        recent = ops.sum(ops.where(places == step - (order - 1) + offset, tokens, 0), axis=1)  # (N,)
        complete = complete & (_shifted(tokens, offset) == recent[:, None])
    complete = ops.broadcast_to(complete, ops.shape(tokens))
    cell = ops.arange(N)[:, None] * pieces + ops.where(complete, follows, PAD)
    hits = ops.segment_sum(
        ops.reshape(ops.cast(complete, "float32"), (-1,)), ops.reshape(cell, (-1,)), num_segments=N * pieces
    )
    return ops.where(ops.reshape(hits, (N, pieces)) > 0, IMPOSSIBLE, 0.0)


def _shifted(tokens: Tensor, by: int) -> Tensor:
    """The tokens that come `by` steps later, padding at the end."""
    U = ops.shape(tokens)[1]
    places = ops.arange(U) + by
    return ops.where(places < U, ops.take(tokens, ops.minimum(places, U - 1), axis=1), PAD)
