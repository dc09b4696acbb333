"""Intervals and tests over sentences, by the bootstrap (Efron 1979; for translation, Koehn 2004)."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

_RESAMPLES = 1000
_SEED = 12345


class Estimate(NamedTuple):
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
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

    The differences are resampled around their mean, as the paired bootstrap does.
    """
    differences = np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)
    differences = differences[np.isfinite(differences)]
    if not len(differences):
        return 1.0
    observed = differences.mean()
    moved = (differences - observed)[_draws(len(differences))].mean(axis=1)
    # The tolerance is for sums in another order: of equal systems, all differences are alike.
    return float((1 + (np.abs(moved) >= abs(observed) - 1e-12).sum()) / (1 + _RESAMPLES))


def against_first(values: Mapping[str, Sequence[float] | np.ndarray]) -> dict[str, float]:
    """The p-value of each run's difference from the first one's, on the same sentences."""
    (_, first), *others = values.items()
    return {name: p_value(own, first) for name, own in others}


def _draws(count: int) -> np.ndarray:
    return np.random.default_rng(_SEED).integers(0, count, (_RESAMPLES, count))
