"""The beam search of `seq2seq.decoding.beam` on the host: array code over all rows, without a loop over sentences.

The rules are those of that module, and so are the results. How they are computed differs: a sentence begins with one
hypothesis instead of K copies, and leaves the batch as soon as it is decided.

B sentences, K hypotheses of each, k that there are (1 at the first step, then K), V pieces, U steps.
"""

from typing import Any, NamedTuple

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

    @property
    def finished(self) -> np.ndarray:
        """Which hypotheses have ended, (B, k)."""
        return np.isin(self.last, (EOS, PAD))


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
        B, U = len(limits.maximum), int(limits.maximum.max())
        beam = Beam(
            np.full((B, 1, U), PAD, np.int32),
            np.full((B, 1), start_symbol, np.int32),
            np.zeros((B, 1), np.float32),
            np.zeros((B, 1), np.int32),
        )
        N = min(self.n_best, self.beam_size)
        results = Hypotheses(np.empty((B, N, U), np.int32), *(np.empty((B, N), np.float32) for _ in range(2)))
        sentences = np.arange(B)
        for place in range(U):
            token = beam.last if pieces is None or not place else pieces[beam.last]
            log_probs, state = step(token, state)
            beam, parents = self._extended(beam, log_probs, place, limits)
            left = np.flatnonzero(~self._decided(beam, limits.maximum))
            if len(left) < len(sentences):
                self._store(results, beam, sentences)
                if not len(left):
                    break
                sentences = sentences[left]
                beam, limits = Beam(*(part[left] for part in beam)), Limits(*(part[left] for part in limits))
                parents = parents[left]
            state = state.rows(left, parents)
        return results if pieces is None else results._replace(tokens=pieces[results.tokens])

    def _store(self, results: Hypotheses, beam: Beam, sentences: np.ndarray) -> None:
        """Write the best hypotheses; those of sentences that are not decided will be written over."""
        N = results.tokens.shape[1]
        ranks = self._ranks(beam.log_probs, beam.lengths)
        for result, part in zip(results, (beam.tokens, ranks, beam.log_probs), strict=True):
            result[sentences] = part[:, :N]

    def _extended(self, beam: Beam, log_probs: np.ndarray, place: int, limits: Limits) -> tuple[Beam, np.ndarray]:
        """The beam after one more token, and of which hypothesis (B, K) each of its hypotheses is the continuation."""
        finished, length = beam.finished, place + 1
        if self.no_repeat_ngram:
            _forbid_repetitions(log_probs, beam.tokens, place, self.no_repeat_ngram)
        ends = np.where(finished, 0, log_probs[..., EOS])  # a finished hypothesis continues only as itself
        too_early = ~finished & (length < limits.minimum)[:, None]
        ends = np.where(too_early, IMPOSSIBLE, ends) + beam.log_probs
        closed = finished | (length >= limits.maximum)[:, None]
        text = np.where(closed, 2 * IMPOSSIBLE, beam.log_probs)
        parents, pieces, totals = _likeliest(log_probs, text, self.beam_size)
        B, k = finished.shape
        itself = np.broadcast_to(np.arange(k), (B, k))
        parents = np.concatenate([itself, parents], axis=1)
        pieces = np.concatenate([np.where(finished, PAD, EOS), pieces], axis=1)
        totals = np.concatenate([ends, totals], axis=1)
        lengths = np.take_along_axis(beam.lengths + ~finished, parents, axis=1)
        ranks = self._ranks(totals, lengths)
        best = np.argsort(-ranks, axis=1, kind="stable")[:, : self.beam_size]
        parents, pieces, totals, lengths = (
            np.take_along_axis(part, best, axis=1) for part in (parents, pieces, totals, lengths)
        )
        tokens = np.take_along_axis(beam.tokens, parents[:, :, None], axis=1)
        tokens[:, :, place] = pieces
        return Beam(tokens, pieces.astype(np.int32), totals, lengths), parents

    def _decided(self, beam: Beam, maximum: np.ndarray) -> Any:
        """Whether the best n of a sentence can no longer change, (B,)."""
        finished = beam.finished
        if self.n_best >= self.beam_size:
            return finished.all(axis=1)
        hopes = np.where(finished, 2 * IMPOSSIBLE, self._ranks(beam.log_probs, maximum[:, None]))
        ranks = self._ranks(beam.log_probs, beam.lengths)
        return finished[:, : self.n_best].all(axis=1) & (ranks[:, self.n_best - 1] >= hopes.max(axis=1))

    def _ranks(self, log_probs: np.ndarray, lengths: np.ndarray) -> Any:
        if not self.length_penalty:
            return log_probs
        return log_probs / lengths.astype(np.float32) ** np.float32(self.length_penalty)


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
    log_probs[..., :_RESERVED] = IMPOSSIBLE
    if K == 1:
        pieces = log_probs[:, 0].argmax(axis=1)[:, None]
        return np.zeros_like(pieces), pieces, np.take_along_axis(log_probs[:, 0], pieces, axis=1) + before
    n = max(1, V // _BLOCKS)
    size, rest = divmod(V, n)
    maxima = log_probs[..., : n * size].reshape(B, k, size, n).max(axis=2)
    if rest:
        np.maximum(maxima[..., :rest], log_probs[..., n * size :], out=maxima[..., :rest])
    totals = (maxima + before[:, :, None]).reshape(B, k * n)
    blocks = _largest(totals, K)
    hypotheses, first = blocks // n, blocks % n
    pieces = first[:, :, None] + n * np.arange(size + 1)  # (B, K, size + 1)
    outside = pieces >= V
    values = log_probs[np.arange(B)[:, None, None], hypotheses[:, :, None], np.where(outside, 0, pieces)]
    values += np.take_along_axis(before, hypotheses, axis=1)[:, :, None]
    values[outside] = 2 * IMPOSSIBLE
    values = values.reshape(B, -1)
    best = _largest(values, K)
    parents = np.take_along_axis(hypotheses, best // (size + 1), axis=1)
    return parents, np.take_along_axis(pieces.reshape(B, -1), best, axis=1), np.take_along_axis(values, best, axis=1)


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
