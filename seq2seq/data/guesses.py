"""Scheduled sampling: where the decoder reads a guess of its own instead of the true word (Bengio et al. 2015)."""

from typing import NamedTuple

import numpy as np


class Guesses(NamedTuple):
    """How often the decoder reads its guesses. The share rises linearly over training, from 0 to the highest.

    Attributes:
        share: the highest share of target inputs.
        epochs: of the whole training.
        seed: decides which inputs.
    """

    share: float
    epochs: int
    seed: int

    def places(self, weights: np.ndarray, epoch: int, batch: int, batches: int) -> np.ndarray:
        """Which target inputs of a batch are replaced, (B, U), as 1 and 0: a function of (seed, epoch, batch).

        The start symbol always stays, and so does padding.

        Args:
            weights: (B, U), above 0 at true tokens.
            epoch, batch: where training stands, both from 0.
            batches: the batches of the epoch.
        """
        share = self.share * (epoch + batch / batches) / self.epochs
        random = np.random.default_rng((self.seed, epoch, batch))
        chosen = (random.random(weights.shape, np.float32) < share) & (weights > 0)
        chosen[:, 0] = False
        return chosen.astype(np.int32)
