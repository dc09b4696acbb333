"""Ancestral sampling on the host, by the rules of `seq2seq.decoding.sampling` and with the same draws.

B rows, V pieces, U steps.
"""

import numpy as np

from seq2seq.decoding.hypotheses import Hypotheses
from seq2seq.engine.network import State, Step
from seq2seq.engine.sampling import Sampling
from seq2seq.engine.search import IMPOSSIBLE
from seq2seq.engine.shapes import Limits
from seq2seq.symbols import BOS, EOS, PAD, UNK

_SMALLEST = 1e-30  # float32 rounds smaller temperatures and shares to 0; all of them draw the likeliest piece


def draw(
    step: Step, state: State, limits: Limits, sampling: Sampling, uniforms: np.ndarray, start_symbol: int = BOS
) -> Hypotheses:
    """Draw one hypothesis for each row.

    Args:
        step: from tokens (B, 1) and the state to log-probabilities (B, 1, V) and the state after them.
        state: before the first token.
        limits: the shortest and the longest hypothesis of each row.
        sampling: how to draw.
        uniforms: random numbers in [0, 1), (B, U).
        start_symbol: what the decoder reads before its first token.

    Returns:
        one hypothesis a row; its log-probability is the model's, before temperature and truncation.
    """
    B, U = uniforms.shape
    tokens, totals = np.full((B, 1, U), PAD, np.int32), np.zeros((B, 1), np.float32)
    rows, last = np.arange(B), np.full((B, 1), start_symbol, np.int32)
    for place in range(U):
        scores, state = step(last, state)
        raw = scores[:, 0]
        allowed = raw.copy()
        allowed[:, [PAD, BOS, UNK]] = IMPOSSIBLE
        allowed[place + 1 < limits.minimum, EOS] = IMPOSSIBLE
        late = place + 1 >= limits.maximum
        allowed[late] = np.where(np.arange(raw.shape[1]) == EOS, raw[late], IMPOSSIBLE)
        token = _draw(allowed, uniforms[rows, place], sampling)
        tokens[rows, 0, place] = token
        totals[rows, 0] += raw[np.arange(len(rows)), token]
        left = np.flatnonzero(token != EOS)
        if not len(left):
            break
        rows, limits, last = rows[left], Limits(*(part[left] for part in limits)), token[left, None]
        state = state.rows(left, np.zeros((len(left), 1), np.int64))
    lengths = (tokens != PAD).sum(axis=2)
    return Hypotheses(tokens, totals / np.maximum(lengths, 1), totals)


def _draw(log_probs: np.ndarray, chance: np.ndarray, sampling: Sampling) -> np.ndarray:
    """Draw one piece for each row, (B,), by inverting the distribution function of the allowed pieces."""
    V = log_probs.shape[1]
    pieces = np.argsort(-log_probs, axis=1)[:, : sampling.top_k or V]
    ranked = np.take_along_axis(log_probs, pieces, axis=1)
    # The likeliest piece is subtracted first, so that its 0 stays 0 at any temperature.
    weights = np.exp((ranked - ranked[:, :1]) / np.float32(max(sampling.temperature, _SMALLEST)))
    probs = weights / weights.sum(axis=1, keepdims=True)
    before = np.cumsum(probs, axis=1) - probs  # the sum over all likelier pieces
    allowed = (before < max(sampling.top_p, _SMALLEST)) & (ranked > IMPOSSIBLE / 2)
    cumulative = np.cumsum(np.where(allowed, probs, 0), axis=1)
    place = (cumulative <= chance[:, None] * cumulative[:, -1:]).sum(axis=1)
    # Rounding, or a random number close to 1, must not lead past the last allowed piece.
    place = np.minimum(place, allowed.sum(axis=1) - 1)
    return np.take_along_axis(pieces, place[:, None], axis=1)[:, 0].astype(np.int32)
