"""Ancestral sampling with temperature, top-k (Fan et al. 2018) and top-p (Holtzman et al. 2020, arXiv:1904.09751).

B rows, V pieces, U steps.
"""

from typing import Any

from keras import ops

from seq2seq.decoding.beam import Step
from seq2seq.decoding.constraints import IMPOSSIBLE, length_limits, reserved_pieces
from seq2seq.decoding.hypotheses import Hypotheses
from seq2seq.symbols import BOS, EOS, PAD

Tensor = Any
_SMALLEST = 1e-30  # float32 rounds smaller temperatures and shares to 0; all of them draw the likeliest piece


def sample(
    step: Step,
    state: Any,
    *,
    minimum: Tensor,
    maximum: Tensor,
    uniforms: Tensor,
    pieces: int,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    start_symbol: Tensor | int = BOS,
) -> Hypotheses:
    """Draw one hypothesis for each row.

    The caller gives the random numbers, one for each row and step, so that the sample of a sentence does not depend on
    the other sentences of its batch.

    Args:
        step: (state, token (B,)) -> (scores (B, V), state); scores are logits or log-probabilities.
        state: the decoder's state before its first token, with B rows.
        minimum, maximum: (B,), the fewest and the most tokens of a hypothesis, its end symbol included.
        uniforms: random numbers in [0, 1), (B, U).
        pieces: V, the size of the vocabulary.
        temperature: divides the log-probabilities; below 1, likely pieces are drawn more often.
        top_k: draw only from the k likeliest pieces; 0 draws from all.
        top_p: draw only from the smallest set of pieces whose probabilities sum to at least this share.
        start_symbol: the id of the token before the first one.

    Returns:
        one hypothesis a row (K = 1); its `log_probs` are the model's, before temperature and truncation.
    """
    B, U = ops.shape(uniforms)[0], ops.shape(uniforms)[1]
    forbidden = reserved_pieces(pieces)

    def body(position: Tensor, tokens: Tensor, last: Tensor, total: Tensor, state: Any) -> tuple[Any, ...]:
        scores, state = step(state, last)
        raw = ops.log_softmax(scores, axis=-1)
        log_probs = raw + forbidden + length_limits(position, minimum, maximum, pieces)
        at_position = ops.arange(U) == position
        chance = ops.sum(ops.where(at_position, uniforms, 0.0), axis=1)
        token = _draw(log_probs, chance, temperature, top_k, top_p)
        finished = (last == EOS) | (last == PAD)
        token = ops.where(finished, PAD, token)
        gained = ops.take_along_axis(raw, token[:, None], axis=1)[:, 0]
        tokens = ops.where(at_position, token[:, None], tokens)
        return position + 1, tokens, token, total + ops.where(finished, 0.0, gained), state

    def unfinished(position: Tensor, tokens: Tensor, last: Tensor, total: Tensor, state: Any) -> Tensor:
        return (position < U) & ops.any(ops.not_equal(last, PAD) & ops.not_equal(last, EOS))

    start = (
        ops.convert_to_tensor(0, dtype="int32"),
        ops.full((B, U), PAD, dtype="int32"),
        ops.full((B,), start_symbol, dtype="int32"),
        ops.zeros((B,)),
        state,
    )
    _, tokens, _, total, _ = ops.while_loop(unfinished, body, start)
    lengths = ops.sum(ops.cast(ops.not_equal(tokens, PAD), "float32"), axis=1)
    return Hypotheses(tokens[:, None], (total / ops.maximum(lengths, 1.0))[:, None], total[:, None])


def _draw(log_probs: Tensor, chance: Tensor, temperature: float, top_k: int, top_p: float) -> Tensor:
    """Draw one piece for each row, by inverting the distribution function of the allowed pieces."""
    V = log_probs.shape[-1]
    ranked, pieces = ops.top_k(log_probs, top_k if 0 < top_k < V else V)
    # The likeliest piece is subtracted first, so that its 0 stays 0 at any temperature.
    weights = ops.exp((ranked - ranked[:, :1]) / max(temperature, _SMALLEST))
    probs = weights / ops.sum(weights, axis=-1, keepdims=True)
    before = ops.cumsum(probs, axis=-1) - probs  # the sum over all likelier pieces
    allowed = (before < max(top_p, _SMALLEST)) & (ranked > IMPOSSIBLE / 2)
    probs = ops.where(allowed, probs, 0.0)
    cumulative = ops.cumsum(probs, axis=-1)
    place = ops.sum(ops.cast(cumulative <= chance[:, None] * cumulative[:, -1:], "int32"), axis=-1)
    # Rounding, or a random number close to 1, must not lead past the last allowed piece.
    place = ops.minimum(place, ops.sum(ops.cast(allowed, "int32"), axis=-1) - 1)
    return ops.cast(ops.take_along_axis(pieces, place[:, None], axis=1)[:, 0], "int32")
