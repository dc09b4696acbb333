"""The one policy for batches and their shapes: how many rows and tokens, how wide, and what fills the rest.

B rows, T source width, U target width, V target vocabulary.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from seq2seq.backend import wants_few_shapes
from seq2seq.data.batching import Batch, Ids, Shape, teacher_forcing
from seq2seq.settings.config import Translation
from seq2seq.symbols import EOS, PAD

SOURCE_TOKENS = 1 << 15  # of the sources of a batch, padding included
_LOGITS = 1 << 25  # numbers of the output layer that are in memory together: 134 MB, and two copies in between
_WIDTH_STEP = 8  # widths are multiples of it, so that there are few shapes


class Limits(NamedTuple):
    """The shortest and the longest hypothesis of each row, (B,), in tokens with the end symbol."""

    minimum: np.ndarray
    maximum: np.ndarray

    @property
    def width(self) -> int:
        """A width U that holds every hypothesis."""
        return few_widths(int(self.maximum.max()))

    def padded(self, rows: int) -> "Limits":
        """The limits with further rows, whose hypotheses end at once."""
        spare = (0, rows - len(self.maximum))
        return Limits(np.pad(self.minimum, spare), np.pad(self.maximum, spare, constant_values=1))


def length_limits(source_tokens: Sequence[int] | np.ndarray, settings: Translation) -> Limits:
    """How short and how long translations may be.

    Args:
        source_tokens: (B,), tokens of each source without its end symbol.
        settings: the ratios to the source, and the tokens that are added to the longest.
    """
    lengths = np.asarray(source_tokens) + 1  # with the end symbol
    maximum = (lengths * settings.max_length_ratio).astype(np.int32) + settings.max_length_extra
    minimum = (lengths * settings.min_length_ratio).astype(np.int32)
    return Limits(np.minimum(minimum, maximum), maximum)


def most_rows(batch_sentences: int, beam_size: int, pieces: int) -> int:
    """Sentences of a batch, at most, so that the scores of all pieces after all hypotheses fit into memory.

    Args:
        batch_sentences: how many are wanted.
        beam_size: hypotheses of a sentence; 0 where nothing is searched.
        pieces: V.
    """
    return max(1, min(batch_sentences, _LOGITS // max(1, beam_size * pieces)))


def forced_tokens(pieces: int) -> int:
    """Tokens of a batch under teacher forcing, at most, so that the scores of V pieces after each fit into memory."""
    return min(SOURCE_TOKENS, _LOGITS // pieces)


def few_rows(rows: int) -> int:
    """Rows of a batch: as many as needed, or the next power of two where Keras compiles each new shape."""
    return 1 << (rows - 1).bit_length() if wants_few_shapes() else rows


def few_widths(width: int) -> int:
    """The next multiple of eight."""
    return -(-width // _WIDTH_STEP) * _WIDTH_STEP


def few_shape(shape: Shape) -> Shape:
    """The next larger shape of those that Keras compiles."""
    return Shape(few_rows(shape.rows), few_widths(shape.source), few_widths(shape.target))


def source_rows(sources: Sequence[Ids], rows: int | None = None) -> np.ndarray:
    """Sources as ids (B, T) int32, each ended and right-padded.

    Args:
        sources: the ids of each, without the end symbol.
        rows: B, where Keras compiles each new shape; then the width is one of few, too. A row that is left over is a
            lone end symbol, since no row may be all padding. A row for each source where not given.
    """
    width = max(map(len, sources)) + 1
    shape = (len(sources), width) if rows is None else (rows, few_widths(width))
    ids = np.full(shape, PAD, np.int32)
    ids[:, 0] = EOS
    for row, source in enumerate(sources):
        ids[row, : len(source)] = source
        ids[row, len(source)] = EOS
    return ids


def forced_rows(pairs: Sequence[tuple[Ids, Ids]], rows: int, start_symbol: int) -> Batch:
    """Pairs as a batch of teacher forcing, see `teacher_forcing`.

    Args:
        pairs: source and target ids, without end symbols.
        rows: B; rows that are left over weigh nothing.
        start_symbol: the first token that the decoder reads.
    """
    source, target = (few_widths(max(len(pair[side]) for pair in pairs) + 1) for side in (0, 1))
    return teacher_forcing(pairs, Shape(rows, source, target), start_symbol)
