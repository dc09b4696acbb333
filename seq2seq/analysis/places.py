"""Curves over the place in a sentence: a mean with its band at each place that enough sentences have."""

from typing import Any

import numpy as np

from seq2seq.analysis.drawing import Curve
from seq2seq.analysis.section import Figures
from seq2seq.analysis.statistics import estimates

_FEWEST = 20  # sentences at a place: beyond, the band says nothing


def by_place(values: np.ndarray) -> Figures:
    """Means over sentences of (sentences, places), NaN where a sentence has no such place; the first is number 1."""
    fewest = min(_FEWEST, max(1, len(values) // 10))
    counts = np.isfinite(values).sum(axis=0)
    places = np.flatnonzero(counts >= fewest)
    by_column = estimates(values[:, places])
    return {
        "place": (places + 1).tolist(),
        "mean": [column.mean for column in by_column],
        "low": [column.low for column in by_column],
        "high": [column.high for column in by_column],
        "sentences": counts[places].tolist(),
    }


def as_curve(figures: Figures, scale: float = 1.0, style: str = "o-") -> Curve:
    """What `by_place` returned, to be drawn."""
    mean, low, high = ([scale * value for value in figures[key]] for key in ("mean", "low", "high"))
    return Curve(figures["place"], mean, low, high, style)


def from_the_end(values: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """(sentences, places) counted from the beginning, to the same counted from each sentence's own end."""
    turned = np.full_like(values, np.nan)
    for row, length in enumerate(lengths):
        turned[row, :length] = values[row, :length][::-1]
    return turned


def listed(values: np.ndarray) -> list[Any]:
    """Values of sentences for a JSON file, rounded; None where there is none."""
    return [round(float(value), 4) if np.isfinite(value) else None for value in values]
