"""Linear probes in closed form: ridge regression whose strength the training part itself chooses (Hoerl, Kennard 1970).

N training rows, M test rows, S features, C columns of targets.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_STRENGTHS = 10.0 ** np.arange(-4, 3)  # times the number of rows, for features of variance one
_FOLDS = 3


class Fit(NamedTuple):
    """Predictions of one block of targets.

    Attributes:
        held_out: (N, C), of each training row by a probe that did not see it.
        test: (M, C).
    """

    held_out: np.ndarray
    test: np.ndarray


def ridge(
    train: np.ndarray, test: np.ndarray, blocks: Sequence[np.ndarray], groups: np.ndarray | None = None
) -> list[Fit]:
    """Fit each block of targets, with the strength that predicts left-out rows of the training part best.

    Args:
        train, test: features (N, S) and (M, S).
        blocks: targets of the training rows, each (N, C).
        groups: (N,), rows that belong together are left out together; every row for itself where not given.
    """
    x, z = _standardised(train, test)
    edges = np.cumsum([0] + [block.shape[1] for block in blocks])
    y = np.concatenate(blocks, axis=1).astype(np.float64)
    middle = y.mean(axis=0)
    y = y - middle
    own = np.arange(len(x)) if groups is None else np.unique(groups, return_inverse=True)[1]
    members = [np.flatnonzero(own % _FOLDS == fold) for fold in range(_FOLDS)]
    grams, products = ([x[rows].T @ side[rows] for rows in members] for side in (x, y))
    gram, product = sum(grams), sum(products)
    held_out = np.zeros((len(_STRENGTHS), *y.shape))
    for index, strength in enumerate(_STRENGTHS):
        for rows, left_gram, left_product in zip(members, grams, products, strict=True):
            amount = strength * (len(x) - len(rows))
            held_out[index, rows] = x[rows] @ _solved(gram - left_gram, product - left_product, amount)
    errors = ((held_out - y) ** 2).sum(axis=1)
    fits = []
    for columns in (slice(low, high) for low, high in zip(edges, edges[1:], strict=False)):
        best = int(errors[:, columns].sum(axis=1).argmin())
        weights = _solved(gram, product[:, columns], _STRENGTHS[best] * len(x))
        fits.append(Fit(held_out[best][:, columns] + middle[columns], z @ weights + middle[columns]))
    return fits


def nearest_class(fit: Fit, labels: np.ndarray) -> np.ndarray:
    """The class of each test row (M,): the one whose left-out training rows have the nearest mean prediction.

    Ridge leans towards frequent classes; their means lean with it, so that this does not.
    """
    classes = np.unique(labels)
    means = np.stack([fit.held_out[labels == each].mean(axis=0) for each in classes])
    distances = ((fit.test[:, None] - means) ** 2).sum(axis=2)
    nearest: np.ndarray = classes[distances.argmin(axis=1)]
    return nearest


def _standardised(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features of mean nought and variance one; a feature that never changes becomes nought."""
    train, test = train.astype(np.float64), test.astype(np.float64)
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(spread > 1e-9 * max(spread.max(), 1e-300), spread, np.inf)
    return (train - mean) / spread, (test - mean) / spread


def _solved(gram: np.ndarray, product: np.ndarray, amount: float) -> np.ndarray:
    return np.linalg.solve(gram + amount * np.eye(len(gram)), product)
