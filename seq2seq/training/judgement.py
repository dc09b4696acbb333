"""Whether training makes progress: which weights are the best so far, and when to stop.

BLEU is near zero for many epochs, and then its changes are noise; the dev loss can tell from the first epoch on. So the
loss decides wherever BLEU cannot.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seq2seq.settings.config import Config
from seq2seq.training.state import Position

TELLING_BLEU = 1.0  # below it hardly four words in a row are right anywhere: one such match more or less moves it


@dataclass(frozen=True)
class Judge:
    """Notes dev evaluations in a `Position`.

    Args:
        by_loss: the dev loss alone chooses the best weights, not BLEU.
        both: both dev sets count, the parent's too, with their mean.
        patience: dev evaluations without progress before training stops; 0 never stops it.
        settling_steps: updates in which no evaluation counts against the patience: the learning rate still rises, or
            parts of the network do not learn yet.
    """

    by_loss: bool
    both: bool
    patience: int
    settling_steps: int

    @classmethod
    def of(cls, config: Config, warmup: int) -> "Judge":
        """As the settings say, with a warm-up of so many steps."""
        settling = max(warmup, config.finetune.embeddings_first_steps)
        return cls(config.training.best == "loss", config.finetune.best == "both", config.training.patience, settling)

    def note(self, position: Position, record: Mapping[str, Any]) -> bool:
        """Note a dev evaluation.

        Args:
            position: where training stands; what is the best so far, and for how long, is changed.
            record: ``dev_loss`` and ``dev_bleu``, and the same behind ``parent_`` where the parent's dev set was
                measured; without ``dev_loss`` the newest weights are the best.

        Returns:
            Whether the weights are the best so far.
        """
        if "dev_loss" not in record:
            position.best_step = position.step
            return True
        loss, bleu = self._mean(record, "dev_loss"), telling(self._mean(record, "dev_bleu"))
        if not math.isfinite(loss):
            loss = math.inf
        progress = loss < position.lowest_loss or bleu > position.highest_bleu
        position.lowest_loss, position.highest_bleu = min(loss, position.lowest_loss), max(bleu, position.highest_bleu)
        position.stale = 0 if progress or position.step <= self.settling_steps else position.stale + 1
        score, best = (-loss, position.best) if self.by_loss else (bleu, telling(position.best))
        if position.best_step and (score, -loss) <= (best, -position.best_loss):
            return False
        position.best, position.best_loss, position.best_step = score, loss, position.step
        return True

    def stops(self, position: Position) -> bool:
        """Whether training ends early, for want of progress."""
        return 0 < self.patience <= position.stale

    def _mean(self, record: Mapping[str, Any], name: str) -> float:
        """A figure of the dev set; with ``both``, its mean with that of the parent's dev set."""
        figure = float(record[name])
        return (figure + float(record.get(f"parent_{name}", figure))) / 2 if self.both else figure


def telling(bleu: float) -> float:
    """BLEU, where it can tell two networks apart; 0 below that."""
    return bleu if bleu >= TELLING_BLEU else 0.0
