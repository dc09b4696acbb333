"""A curriculum by length: short sentences first, then longer ones too (Platanios et al. 2019, arXiv:1903.09848)."""

from collections.abc import Sequence

import numpy as np

_FIRST_COMPETENCE = 0.01  # c0 of the paper


def competence(done: np.ndarray) -> np.ndarray:
    """The share of the pairs, the shortest ones, that may be drawn: min(1, sqrt(t (1 - c0^2) + c0^2)).

    Args:
        done: t, the part of the curriculum that is behind, from 0 to 1, of any shape.
    """
    start = _FIRST_COMPETENCE**2
    return np.minimum(1.0, np.sqrt(done * (1 - start) + start))


def lessons(sizes: Sequence[int], done: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The batches that the updates of an epoch draw, with equal chances, from those that are not too long for now.

    Args:
        sizes: (batches,) the pairs of each batch of the epoch, from the batch of the shortest sentences to that of the
            longest.
        done: (updates,) the part of the curriculum that is behind at each update.
        random: where the chances come from.

    Returns:
        (updates,) the index of a batch for each update. The shortest batch may always be drawn.
    """
    behind = np.cumsum(sizes) / np.sum(sizes)  # the share of the pairs that are in a batch or in shorter ones
    allowed = np.maximum(1, np.searchsorted(behind, competence(done) + 1e-9, side="right"))
    return (random.random(len(done)) * allowed).astype(np.int64)
