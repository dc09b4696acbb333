"""The shape of a cloud of vectors: how many directions it fills, which units say nothing, who is near whom.

N vectors of S numbers.
"""

from typing import NamedTuple

import numpy as np

from seq2seq.analysis.statistics import Estimate, estimate

_SATURATED = 0.99  # absolute value of a unit near the end of tanh, where it hardly learns
_MOSTLY = 0.9  # share of the sentences in which a unit is saturated
_DEAD = 0.01  # of the mean deviation over units: a unit that moves less says the same of every sentence
_KEPT = (0.9, 0.99)  # shares of the variance whose number of components is reported


class Spread(NamedTuple):
    """How the variance of the vectors is spread over directions.

    Attributes:
        effective_rank: the participation ratio of the covariance's eigenvalues, (sum)^2 / sum of squares: k where k
            directions share the variance evenly and the others have none.
        components: how many principal components hold 90 % and 99 % of the variance.
        shares: the share of the variance that each component has, the largest first.
        most: no cloud of N vectors has more directions than this.
    """

    effective_rank: float
    components: tuple[int, int]
    shares: np.ndarray
    most: int


class Units(NamedTuple):
    """Units that say little.

    Attributes:
        dead: whether a unit hardly changes: its standard deviation is under 1 % of the mean one, (S,).
        saturated: whether it is beyond 0.99 of its range, either way, in 90 % of the sentences, (S,); none is where any
            number is beyond 1, since the states then have no bounds.
        saturated_share: the share of all N x S numbers that are beyond 0.99.
    """

    dead: np.ndarray
    saturated: np.ndarray
    saturated_share: float


def spread(vectors: np.ndarray) -> Spread:
    """Of vectors (N, S), from the eigenvalues of their covariance."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    values = np.linalg.svd(centred, compute_uv=False) ** 2
    most = min(len(vectors) - 1, vectors.shape[1])
    if not values.sum() > 0:
        return Spread(0.0, (0, 0), np.zeros(len(values)), most)
    held = values.cumsum() / values.sum()
    components = tuple(int(np.searchsorted(held, share) + 1) for share in _KEPT)
    rank = float(values.sum() ** 2 / (values**2).sum())
    return Spread(rank, (components[0], components[1]), values / values.sum(), most)


def units(vectors: np.ndarray) -> Units:
    """Of vectors (N, S)."""
    deviations = vectors.std(axis=0, dtype=np.float64)
    beyond = np.abs(vectors) > _SATURATED
    dead = deviations <= _DEAD * deviations.mean()
    if not np.abs(vectors).max() <= 1:
        return Units(dead, np.zeros(len(dead), bool), 0.0)
    return Units(dead, beyond.mean(axis=0) >= _MOSTLY, float(beyond.mean()))


def plane(vectors: np.ndarray) -> np.ndarray:
    """The two first principal components, (N, 2), each turned so that its largest value is positive."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:2]
    places = np.zeros((len(vectors), 2))
    places[:, : len(directions)] = centred @ directions.T
    largest = places[np.abs(places).argmax(axis=0), [0, 1]]
    return np.asarray(places * np.where(largest < 0, -1, 1))


def cosine_distances(vectors: np.ndarray) -> np.ndarray:
    """1 - cosine of each pair of vectors, seen from their mean, (N, N)."""
    unit = _unit(vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64))
    return np.asarray(1 - unit @ unit.T)


class Apart(NamedTuple):
    """How far the two vectors of a pair are from each other, as a multiple of what two others of their kind are."""

    euclidean: Estimate
    cosine: Estimate
    by_pair: np.ndarray  # Euclidean


def apart(first: np.ndarray, second: np.ndarray, centre: np.ndarray) -> Apart:
    """Distances of pairs (N, S), relative to the mean distance of a first one and another pair's second one.

    Args:
        first, second: the vectors of each pair.
        centre: (S,), from where angles are seen.
    """
    first, second = first.astype(np.float64), second.astype(np.float64)
    ratios = []
    for distance in (_euclidean, lambda a, b: 1 - (_unit(a - centre) * _unit(b - centre)).sum(axis=1)):
        usual = np.mean([distance(first, np.roll(second, turn, axis=0)).mean() for turn in range(1, len(first))])
        ratios.append(distance(first, second) / max(usual, 1e-12))  # 0 where all summaries are equal
    return Apart(estimate(ratios[0]), estimate(ratios[1]), ratios[0])


def _euclidean(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.asarray(np.linalg.norm(first - second, axis=1))


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12))
