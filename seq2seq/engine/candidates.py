"""The candidates of a short-list for the sentences of a batch.

B sentences, T source length, C candidates of all of them.
"""

import numpy as np

from seq2seq.data.shortlist import Shortlist
from seq2seq.errors import CheckpointError
from seq2seq.symbols import PAD

_IMPOSSIBLE = np.float32(-1e9)  # as in the search


def candidates_of(
    source: np.ndarray, shortlist: Shortlist | None, most: int, step: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Pieces (C,) that any sentence of a batch may hold, and what keeps the others from each sentence (B, C).

    Args:
        source: (B, T) padded ids of the sources.
        shortlist: the candidates of each source piece.
        most: candidates of a source piece.
        step: C is a multiple of it; the last piece is repeated.

    Raises:
        CheckpointError: there is no short-list.
    """
    if not shortlist:
        raise CheckpointError("a short-list is asked for, and this translator has none: see RunDirectory.shortlist")
    allowed = shortlist.candidates([row[row != PAD] for row in source], most)
    pieces = np.unique(np.concatenate(allowed)).astype(np.int32)
    pieces = np.pad(pieces, (0, -len(pieces) % step), mode="edge")
    penalties = np.full((len(source), len(pieces)), _IMPOSSIBLE, np.float32)
    for row, of_row in enumerate(allowed):
        penalties[row, np.searchsorted(pieces, of_row)] = 0
    return pieces, penalties
