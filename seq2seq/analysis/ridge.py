"""Linear probes in closed form: ridge regression whose strength the training part itself chooses (Hoerl, Kennard 1970).

N training rows, M test rows, S features, C columns of targets.
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_STRENGTHS = (*10.0 ** np.arange(-4, 2), np.inf)  # times the mean eigenvalue; the last one predicts the mean
_FOLDS = 3  # parts of the training rows, each predicted by a fit to the others


class Fit(NamedTuple):
    """Predictions of one block of targets.

    Attributes:
        held_out: (N, C), of each training row by a probe that did not see it.
        test: the prediction of each test row, (M, C).
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
    mean = train.mean(axis=0, dtype=np.float64)
    x, z = train - mean, test - mean
    y = np.concatenate(blocks, axis=1).astype(np.float64)
    middle = y.mean(axis=0)
    y = y - middle
    group = np.arange(len(x)) if groups is None else np.unique(groups, return_inverse=True)[1]
    members = [np.flatnonzero(group % _FOLDS == fold) for fold in range(_FOLDS)]
    grams, products = ([x[rows].T @ side[rows] for rows in members] for side in (x, y))
    gram, product = sum(grams), sum(products)
    unit = max(np.trace(gram) / len(gram), 1e-12)  # nought where no feature ever changes
    held_out = np.zeros((len(_STRENGTHS), *y.shape))
    for index, strength in enumerate(_STRENGTHS):
        for rows, left_gram, left_product in zip(members, grams, products, strict=True):
            weights = _solved(gram - left_gram, product - left_product, strength * unit)
            held_out[index, rows] = x[rows] @ weights
    errors = ((held_out - y) ** 2).sum(axis=1)
    edges = np.cumsum([0] + [block.shape[1] for block in blocks])
    best = [int(errors[:, low:high].sum(axis=1).argmin()) for low, high in itertools.pairwise(edges)]
    predicted = {index: z @ _solved(gram, product, _STRENGTHS[index] * unit) for index in set(best)}
    return [
        Fit(*(middle[low:high] + side[:, low:high] for side in (held_out[index], predicted[index])))
        for index, (low, high) in zip(best, itertools.pairwise(edges), strict=True)
    ]


def nearest_class(fit: Fit, labels: np.ndarray) -> np.ndarray:
    """The class of each test row (M,): the one whose left-out training rows have the nearest mean prediction.

    Ridge leans towards frequent classes; their means lean with it, so that this does not.
    """
    classes = np.unique(labels)
    means = np.stack([fit.held_out[labels == label].mean(axis=0) for label in classes])
    distances = ((fit.test[:, None] - means) ** 2).sum(axis=2)
    nearest: np.ndarray = classes[distances.argmin(axis=1)]
    return nearest


def _solved(gram: np.ndarray, product: np.ndarray, amount: float) -> np.ndarray:
    if np.isinf(amount):
        return np.zeros_like(product)
    return np.linalg.solve(gram + amount * np.eye(len(gram)), product)
