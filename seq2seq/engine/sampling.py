"""How to draw translations, and the random numbers that are drawn with: the same for every engine."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seq2seq.arguments import is_count
from seq2seq.errors import ConfigError


@dataclass(frozen=True)
class Sampling:
    """Draw translations instead of searching for the likeliest (see `seq2seq.decoding.sampling`).

    Args:
        temperature: above 0; below 1, the likely pieces become likelier.
        top_k: draw only from this many of the likeliest pieces; 0 for all.
        top_p: draw from the smallest set of pieces whose probabilities sum to at least this; above 0, at most 1.
        seed: of the random numbers, 0 or more.

    Raises:
        ConfigError: a value out of its range: says which.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 1

    def __post_init__(self) -> None:
        rules = {
            "temperature": ("0.001 to 100", _is_number(self.temperature) and 0.001 <= self.temperature <= 100),
            "top_k": ("0 (all pieces) or a number of pieces", is_count(self.top_k)),
            "top_p": ("a share above 0, and at most 1", _is_number(self.top_p) and 0 < self.top_p <= 1),
            "seed": ("0 or a larger whole number", is_count(self.seed)),
        }
        for name, (needed, holds) in rules.items():
            if not holds:
                raise ConfigError(f"sampling needs {name} to be {needed}: received {getattr(self, name)!r}")

    def uniforms(self, numbers: Sequence[int], width: int) -> np.ndarray:
        """Random numbers in [0, 1), a row for each sentence and one number for each token, (B, width) float32.

        A row follows from the seed and the sentence's number alone, so a draw does not depend on the batch.

        Args:
            numbers: the place of each sentence in the text, from 0.
            width: of the rows.
        """
        rows = [np.random.default_rng((self.seed, number)).random(width, np.float32) for number in numbers]
        return np.stack(rows)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
