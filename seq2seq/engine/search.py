"""The beam search of `seq2seq.decoding.beam` on the host: array code over all rows, without a loop over sentences.

The rules are those of that module, and so are the results. How they are computed differs: a sentence begins with one
hypothesis instead of K copies, and leaves the batch as soon as it is decided.

B sentences, K hypotheses of each, k that there are (1 at the first step, then K), V pieces, U steps.
"""

from typing import NamedTuple

import numpy as np

from seq2seq.decoding.hypotheses import Hypotheses
from seq2seq.engine.network import State, Step
from seq2seq.engine.shapes import Limits
from seq2seq.symbols import BOS, EOS, PAD, UNK

IMPOSSIBLE = np.float32(-1e9)
_RESERVED = UNK + 1  # the ids below this are no text
_BLOCKS = 64  # pieces of a block, see `_likeliest`


class Beam(NamedTuple):
    """The hypotheses of the sentences that are not decided, best first."""

    tokens: np.ndarray  # (B, k, U)
    last: np.ndarray  # (B, k), the newest token; padding after the end
    log_probs: np.ndarray  # (B, k), in nats
    lengths: np.ndarray  # (B, k), tokens so far, the end symbol included
    finished: np.ndarray  # (B, k)


class Search(NamedTuple):
    """The settings of a search, see `seq2seq.decoding.beam.BeamSearch`."""

    beam_size: int
    n_best: int
    length_penalty: float
    no_repeat_ngram: int

    def __call__(
        self, step: Step, state: State, limits: Limits, start_symbol: int = BOS, pieces: np.ndarray | None = None
    ) -> Hypotheses:
        """Search until every sentence is decided.

        Args:
            step: from tokens (B, k) and the state to log-probabilities (B, k, V) and the state after them.
            state: before the first token, of B sentences with one hypothesis each.
            limits: the shortest and the longest hypothesis of each sentence.
            start_symbol: what the decoder reads before its first token.
            pieces: (V,) ids that the columns of the scores stand for, where these are not all; the reserved ones first.
        """
        B, U, N = len(limits.maximum), int(limits.maximum.max()), self.n_best
        powers = np.arange(U + 1, dtype=np.float32) ** np.float32(self.length_penalty)
        powers[0] = 1
        beam = Beam(
            np.full((B, 1, U), PAD, np.int32),
            np.full((B, 1), start_symbol, np.int32),
            np.zeros((B, 1), np.float32),
            np.zeros((B, 1), np.int32),
            np.zeros((B, 1), bool),
        )
        impossible = (np.full((B, N), IMPOSSIBLE, np.float32) for _ in range(2))  # there may be fewer than N
        results = Hypotheses(np.full((B, N, U), PAD, np.int32), *impossible)
        sentences = np.arange(B)
        for place in range(U):
            token = beam.last if pieces is None or not place else pieces[beam.last]
            log_probs, state = step(token, state)
            beam, parents = self._extended(beam, log_probs, place, limits, powers)
            # At the last place, hypotheses that could not end are impossible ones, and stay so.
            left = self._undecided(beam, limits.maximum, powers) if place < U - 1 else sentences[:0]
            if len(left) < len(sentences):
                ranks = beam.log_probs / powers[beam.lengths]
                for result, part in zip(results, (beam.tokens, ranks, beam.log_probs), strict=True):
                    found = part[:, :N]
                    result[sentences, : found.shape[1]] = found  # those that are not decided will be written over
                if not len(left):
                    break
                sentences = sentences[left]
                beam, limits = Beam(*(part[left] for part in beam)), Limits(*(part[left] for part in limits))
                parents = parents[left]
            if self.beam_size > 1 or len(left) < len(log_probs):
                state = state.rows(left, parents)
        return results if pieces is None else results._replace(tokens=pieces[results.tokens])

    def _extended(
        self, beam: Beam, log_probs: np.ndarray, place: int, limits: Limits, powers: np.ndarray
    ) -> tuple[Beam, np.ndarray]:
        """The beam after one more token, and of which hypothesis (B, K) each of its hypotheses is the continuation."""
        finished, length = beam.finished, place + 1
        B, k = finished.shape
        sentence = np.arange(B)[:, None]
        if self.no_repeat_ngram:
            _forbid_repetitions(log_probs, beam.tokens, place, self.no_repeat_ngram)
        ends = np.where(finished, 0, log_probs[..., EOS])  # a finished hypothesis continues only as itself
        too_early, too_late = length < limits.minimum, length >= limits.maximum
        if too_early.any():
            ends[too_early[:, None] & ~finished] = IMPOSSIBLE
        before = np.where(finished | too_late[:, None], 2 * IMPOSSIBLE, beam.log_probs)
        of_text, text, totals = _likeliest(log_probs, before, self.beam_size)
        parents = np.concatenate([np.arange(k) + 0 * sentence, of_text], axis=1)
        tokens = np.concatenate([np.where(finished, PAD, EOS), text], axis=1)
        totals = np.concatenate([ends + beam.log_probs, totals], axis=1)
        lengths = np.where(finished, beam.lengths, length)[sentence, parents]
        best = (-totals / powers[lengths]).argsort(axis=1, kind="stable")[:, : self.beam_size]
        parents, last = parents[sentence, best], tokens[sentence, best].astype(np.int32)
        written = beam.tokens[sentence, parents]
        written[:, :, place] = last
        return Beam(written, last, totals[sentence, best], lengths[sentence, best], last < _RESERVED), parents

    def _undecided(self, beam: Beam, maximum: np.ndarray, powers: np.ndarray) -> np.ndarray:
        """The sentences whose best n can still change."""
        ended = beam.finished[:, : self.n_best].all(axis=1)
        if self.n_best < self.beam_size and ended.any():
            # An unfinished hypothesis can only lose log-probability, and its length is at most the maximum.
            hopes = np.where(beam.finished, 2 * IMPOSSIBLE, beam.log_probs).max(axis=1) / powers[maximum]
            ended &= beam.log_probs[:, self.n_best - 1] / powers[beam.lengths[:, self.n_best - 1]] >= hopes
        return np.flatnonzero(~ended)


def _likeliest(log_probs: np.ndarray, before: np.ndarray, K: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The K likeliest continuations of a sentence by a piece of text: hypothesis, piece and log-probability, (B, K).

    Pieces are put into blocks, and only the K blocks with the largest maxima are searched: no other block can hold
    one of the K best. A block has every n-th piece, so that the maxima are found row by row, which processors do fast.

    Args:
        log_probs: (B, k, V) of the next piece; the reserved ones become impossible.
        before: (B, k), the log-probability of each hypothesis.
        K: how many are wanted.
    """
    B, k, V = log_probs.shape
    sentence = np.arange(B)[:, None]
    log_probs[..., :_RESERVED] = IMPOSSIBLE
    if K == 1:
        pieces = log_probs.argmax(axis=2)
        return np.zeros_like(pieces), pieces, log_probs[sentence, 0, pieces] + before
    n = max(1, V // _BLOCKS)
    size, rest = divmod(V, n)
    maxima = log_probs[..., : n * size].reshape(B, k, size, n).max(axis=2)
    if rest:
        np.maximum(maxima[..., :rest], log_probs[..., n * size :], out=maxima[..., :rest])
    blocks = _largest((maxima + before[:, :, None]).reshape(B, k * n), K)
    parents, pieces = np.divmod(blocks, n)
    pieces = pieces[:, :, None] + n * np.arange(size + (rest > 0))  # (B, K, pieces of a block)
    values = log_probs[sentence[:, :, None], parents[:, :, None], np.minimum(pieces, V - 1)]
    values += before[sentence, parents][:, :, None]
    values[pieces >= V] = 2 * IMPOSSIBLE
    values, pieces = values.reshape(B, -1), pieces.reshape(B, -1)
    best = _largest(values, K)
    return parents[sentence, best // (size + (rest > 0))], pieces[sentence, best], values[sentence, best]


def _largest(values: np.ndarray, K: int) -> np.ndarray:
    """Where the K largest numbers of each row are, in any order; all where there are fewer."""
    if values.shape[1] <= K:
        return np.broadcast_to(np.arange(values.shape[1]), values.shape)
    return np.argpartition(values, -K, axis=1)[:, -K:]


def _forbid_repetitions(log_probs: np.ndarray, tokens: np.ndarray, place: int, order: int) -> None:
    """Make impossible every piece that would complete an n-gram that its hypothesis already has.

    Args:
        log_probs: (B, k, V), changed.
        tokens: (B, k, U), of which the first `place` are written.
        place: tokens so far.
        order: n.
    """
    written = tokens[:, :, :place]
    if place < order:
        return
    windows = np.lib.stride_tricks.sliding_window_view(written, order, axis=2)  # (B, k, place - n + 1, n)
    recent = written[:, :, place - order + 1 :][:, :, None]  # (B, k, 1, n - 1)
    sentence, hypothesis, window = np.nonzero((windows[..., :-1] == recent).all(axis=-1))
    log_probs[sentence, hypothesis, windows[sentence, hypothesis, window, -1]] += IMPOSSIBLE
