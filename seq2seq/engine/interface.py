"""What every engine does. The rooms above know this file and not which engine they have, so it needs no Keras.

B sentences of a batch, U target length, S summary, V target vocabulary, N hypotheses.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from seq2seq.data.batching import Ids
from seq2seq.data.shortlist import Shortlist
from seq2seq.decoding.hypotheses import Hypotheses
from seq2seq.engine.sampling import Sampling
from seq2seq.engine.shapes import Limits
from seq2seq.settings.config import Translation
from seq2seq.symbols import BOS


class Engine(Protocol):
    """One network, or an ensemble of several that share their vocabularies, as a machine computes it.

    Each method takes the sentences of one batch and pads them itself: `seq2seq.engine.batches` divides many sentences
    into batches. Ids are those of pieces, without start and end symbols, and no sentence is empty. Methods may be
    called by several threads at the same time.
    """

    @property
    def source_pieces(self) -> int:
        """The size of the source vocabulary."""

    @property
    def pieces(self) -> int:
        """V, the size of the target vocabulary."""

    @property
    def summary_size(self) -> int:
        """S, how many numbers a summary h(T) has.

        Raises:
            CheckpointError: this is an ensemble, which has no single summary.
        """

    @property
    def has_attention(self) -> bool:
        """Whether a decoder looks at the encoder's states, so that a summary is not enough to translate from."""

    @property
    def batches_at_once(self) -> int:
        """How many batches are worth computing at the same time, each in a thread."""

    def encode(self, sources: Sequence[Ids]) -> np.ndarray:
        """The summary h(T) of each source, (B, S) float32.

        Raises:
            CheckpointError: this is an ensemble.
        """

    def search(
        self,
        sources: Sequence[Ids],
        limits: Limits,
        settings: Translation,
        *,
        n_best: int = 1,
        shortlist: Shortlist | None = None,
        start_symbol: int = BOS,
    ) -> Hypotheses:
        """The likeliest translations that the beam finds, as arrays.

        Args:
            sources: the ids of each source.
            limits: the shortest and the longest translation of each.
            settings: the beam and its rules.
            n_best: hypotheses wanted of each source, at most the size of the beam.
            shortlist: the candidates of each source piece; needed where the settings ask for a short-list.
            start_symbol: what the decoder reads before its first token.

        Raises:
            CheckpointError: the settings ask for a short-list, and none is given.
        """

    def search_summaries(
        self, summaries: np.ndarray, limits: Limits, settings: Translation, *, start_symbol: int = BOS
    ) -> Hypotheses:
        """The likeliest translation of each vector that stands for h(T), as arrays with N = 1.

        Args:
            summaries: (B, S); the engine must not have attention.
            limits: the shortest and the longest translation of each.
            settings: the beam and its rules; a short-list has no source to read, so none is used.
            start_symbol: what the decoder reads before its first token.

        Raises:
            CheckpointError: this is an ensemble.
        """

    def sample(
        self,
        sources: Sequence[Ids],
        limits: Limits,
        sampling: Sampling,
        numbers: Sequence[int],
        *,
        start_symbol: int = BOS,
    ) -> Hypotheses:
        """A translation of each source drawn at random, as arrays with N = 1.

        Args:
            sources: the ids of each source.
            limits: the shortest and the longest translation of each.
            sampling: how to draw.
            numbers: the place of each sentence in the text: with the seed, it decides what is drawn.
            start_symbol: what the decoder reads before its first token.
        """

    def token_losses(self, pairs: Sequence[tuple[Ids, Ids]], *, start_symbol: int = BOS) -> np.ndarray:
        """Teacher forcing: -log P(token | tokens before it, source) in nats, (B, U) float32.

        A row has a loss for each token of the target and for its end symbol, then zeros.

        Args:
            pairs: source and target ids.
            start_symbol: what the decoder reads before its first token.

        Raises:
            CheckpointError: this is an ensemble.
        """
