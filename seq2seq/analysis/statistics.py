"""Intervals and tests over sentences, by the bootstrap (Efron 1979; for translation, Koehn 2004)."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

_RESAMPLES = 1000  # as sacreBLEU draws; the smallest p-value is then about 0.001
_SEED = 12345  # the one that sacreBLEU uses


class Estimate(NamedTuple):
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        if not np.isfinite(self.mean):
            return "unknown"
        if not np.isfinite([self.low, self.high]).all():
            return f"{self.mean:.3g} (interval unknown)"
        return f"{self.mean:.3g} ({self.low:.3g} to {self.high:.3g})"


def estimate(values: Sequence[float] | np.ndarray, weights: Sequence[float] | np.ndarray | None = None) -> Estimate:
    """The mean over sentences, and how far it moves when other sentences are drawn.

    Args:
        values: one for each sentence, NaN where it has none.
        weights: how much each counts, such as its tokens; alike where not given.

    >>> print(estimate([1.0, 1.0, 1.0]))
    1 (1 to 1)
    """
    numbers = np.asarray(values, np.float64)
    shares = np.ones_like(numbers) if weights is None else np.asarray(weights, np.float64)
    known = np.isfinite(numbers) & (shares > 0)
    numbers, shares = numbers[known], shares[known]
    if not len(numbers):
        return Estimate(np.nan, np.nan, np.nan)
    draws = _draws(len(numbers))
    means = (numbers * shares)[draws].sum(axis=1) / shares[draws].sum(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return Estimate(float((numbers * shares).sum() / shares.sum()), float(low), float(high))


def ratio(above: Sequence[float] | np.ndarray, below: Sequence[float] | np.ndarray) -> Estimate:
    """The sum of one value over the sum of another, of the sentences that have both, and how far it moves.

    >>> print(ratio([2.0, 4.0], [1.0, 2.0]))
    2 (2 to 2)
    """
    upper, lower = np.asarray(above, np.float64), np.asarray(below, np.float64)
    known = np.isfinite(upper) & np.isfinite(lower)
    upper, lower = upper[known], lower[known]
    if not len(upper) or lower.sum() <= 0:
        return Estimate(np.nan, np.nan, np.nan)
    draws = _draws(len(upper))
    sums = lower[draws].sum(axis=1)
    moved = np.divide(upper[draws].sum(axis=1), sums, out=np.full(len(draws), np.inf), where=sums > 0)
    low, high = np.quantile(moved, (0.025, 0.975), method="nearest")
    return Estimate(float(upper.sum() / lower.sum()), float(low), float(high))


def estimates(values: np.ndarray) -> list[Estimate]:
    """The mean of each column of (sentences, columns), NaN where a sentence has none, and its interval.

    >>> print(*estimates(np.array([[1.0, np.nan], [1.0, 3.0]])), sep=", ")
    1 (1 to 1), 3 (3 to 3)
    """
    known = np.isfinite(values)
    numbers = np.where(known, values, 0.0).astype(np.float64)
    drawn = np.stack([np.bincount(draw, minlength=len(values)) for draw in _draws(len(values))]).astype(np.float64)
    counts, sums = drawn @ known, drawn @ numbers
    means = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    results = []
    for column, has in enumerate(known.T):
        if not has.any():
            results.append(Estimate(np.nan, np.nan, np.nan))
            continue
        low, high = np.nanquantile(means[:, column], (0.025, 0.975))
        results.append(Estimate(float(numbers[:, column].sum() / has.sum()), float(low), float(high)))
    return results


def bootstrap(statistic: Callable[[np.ndarray], float], count: int) -> Estimate:
    """Any statistic over sentences, and how far it moves when other sentences are drawn.

    Args:
        statistic: of the numbers of the sentences that are drawn.
        count: how many sentences there are.

    >>> print(bootstrap(lambda drawn: 2.0, 5))
    2 (2 to 2)
    """
    low, high = np.quantile([statistic(drawn) for drawn in _draws(count)], (0.025, 0.975))
    return Estimate(statistic(np.arange(count)), float(low), float(high))


def p_value(ours: Sequence[float] | np.ndarray, theirs: Sequence[float] | np.ndarray) -> float:
    """How often chance alone moves the mean difference of paired values as far from nought as it is; two-sided.

    The differences are resampled around their mean, as the paired bootstrap does. Of few sentences that knows too
    little: p is never smaller than the chance that so many differences all have one sign.
    """
    differences = np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)
    differences = differences[np.isfinite(differences)]
    if not len(differences):
        return 1.0
    observed = differences.mean()
    moved = (differences - observed)[_draws(len(differences))].mean(axis=1)
    # The tolerance is for sums in another order: of equal systems, all differences are alike.
    resampled = (1 + (np.abs(moved) >= abs(observed) - 1e-12).sum()) / (1 + _RESAMPLES)
    return float(max(resampled, min(1.0, 2.0 ** (1 - np.count_nonzero(differences)))))


def against_first(values: Mapping[str, Sequence[float] | np.ndarray]) -> dict[str, float]:
    """The p-value of each run's difference from the first one's, on the same sentences."""
    (_, first), *others = values.items()
    return {name: p_value(numbers, first) for name, numbers in others}


def _draws(count: int) -> np.ndarray:
    return np.random.default_rng(_SEED).integers(0, count, (_RESAMPLES, count))
