"""Least squares on states: which few units say most, and what they say of rows not seen before.

N rows, D units.
"""

import numpy as np

_DEPENDENT = 1e-8  # of a unit's variance: what is left of one that the chosen units make up already
_ROUNDS = 20  # of backfitting: each class after the others, in turns


def best_units(states: np.ndarray, target: np.ndarray, most: int) -> list[int]:
    """Units in the order in which each takes most from the squared error, given those before it.

    Args:
        states: one row of D units for each of N time steps, (N, D).
        target: the number to predict for each row, (N,).
        most: how many, unless there are fewer that are not sums of others.
    """
    columns, error = states - states.mean(axis=0), target - target.mean()
    least = np.maximum(_DEPENDENT * (columns**2).sum(axis=0), np.finfo(np.float64).tiny)
    chosen: list[int] = []
    for _ in range(most):
        sizes = (columns**2).sum(axis=0)
        gains = np.where(sizes > least, (error @ columns) ** 2 / np.maximum(sizes, least), -1.0)
        best = int(gains.argmax())
        if gains[best] < 0:
            break
        chosen.append(best)
        direction = columns[:, best] / np.sqrt(sizes[best])
        error = error - direction * (direction @ error)
        columns = columns - np.outer(direction, direction @ columns)
    return chosen


def predict(states: np.ndarray, target: np.ndarray, unseen: np.ndarray) -> np.ndarray:
    """Plain least squares for a few units, (N, D) and (N,) and (M, D) to (M,); `ridge` is for many."""
    mean, deviation = states.mean(axis=0), states.std(axis=0)
    deviation[deviation == 0] = 1
    weights = np.linalg.lstsq((states - mean) / deviation, target - target.mean(), rcond=None)[0]
    return np.asarray((unseen - mean) / deviation @ weights + target.mean())


def predict_by_classes(classes: np.ndarray, target: np.ndarray, unseen: np.ndarray) -> np.ndarray:
    """The mean and an effect of each class, such as a token's and a position's, fitted in turns (backfitting).

    An effect is drawn to nought as if one more row of its class had shown none.

    Args:
        classes: C classes of each row, (N, C), integers from 0.
        target: the number to predict for each row, (N,).
        unseen: the classes of the M rows to predict, (M, C), numbered as in `classes`.
    """
    sizes = np.maximum(classes.max(axis=0), unseen.max(axis=0)) + 1
    effects = [np.zeros(size) for size in sizes]
    rest = target - target.mean()
    for _ in range(_ROUNDS):
        for members, effect in zip(classes.T, effects, strict=True):
            rest = rest + effect[members]
            effect[:] = np.bincount(members, rest, len(effect)) / (np.bincount(members, minlength=len(effect)) + 1)
            rest = rest - effect[members]
    return np.asarray(target.mean() + sum(effect[members] for members, effect in zip(unseen.T, effects, strict=True)))


def unexplained(predicted: np.ndarray, target: np.ndarray, sentences: np.ndarray) -> np.ndarray:
    """Each sentence's share of the squared error, so that R2 = 1 - their mean.

    Args:
        predicted, target: the prediction and the true number of each row, (M,).
        sentences: which one each row belongs to.
    """
    _, index = np.unique(sentences, return_inverse=True)
    sums = np.bincount(index, (predicted - target) ** 2)
    variance = ((target - target.mean()) ** 2).sum()
    return np.asarray(sums * len(sums) / variance) if variance else np.full(len(sums), np.nan)
