"""What a hypothesis may not do, as changes to the log-probabilities of its next piece.

N hypotheses, V pieces, U steps.
"""

from typing import Any

from keras import ops

from seq2seq.symbols import BOS, EOS, PAD, UNK

Tensor = Any
IMPOSSIBLE = -1e9  # added, not -inf: a difference of two impossible scores stays a number
RESERVED = (PAD, BOS, UNK)  # no sentence contains them


def reserved_pieces(pieces: int) -> Tensor:
    """A penalty (V,) for the pieces that no sentence contains: padding, start, unknown."""
    ids = ops.arange(pieces)[:, None]
    return ops.where(ops.any(ids == ops.convert_to_tensor(RESERVED), axis=1), IMPOSSIBLE, 0.0)


def length_limits(step: Tensor, minimum: Tensor, maximum: Tensor, pieces: int) -> Tensor:
    """A penalty (N, V): no end before `minimum` tokens, nothing but the end at `maximum` (end symbol included).

    Args:
        step: the number of tokens so far.
        minimum, maximum: (N,).
        pieces: V.
    """
    ends = (ops.arange(pieces) == EOS)[None]
    too_early = ends & (step + 1 < minimum)[:, None]
    too_late = ~ends & (step + 1 >= maximum)[:, None]
    return ops.where(too_early | too_late, IMPOSSIBLE, 0.0)


def repeated_ngrams(tokens: Tensor, step: Tensor, order: int, pieces: int) -> Tensor:
    """A penalty (N, V) for every piece that would complete an n-gram that the hypothesis already has.

    Args:
        tokens: (N, U), of which the first `step` are written.
        step: the number of tokens so far.
        order: n.
        pieces: V.
    """
    N, U = ops.shape(tokens)[0], ops.shape(tokens)[1]
    places = ops.arange(U)
    complete = (places + order - 1 < step)[None]  # n-grams that begin here are written to their end
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
