"""The learning rate as a function of the step: warm-up, then decay."""

import math
from typing import Any

import keras
from keras import ops

LONGEST_WARMUP = 0.2  # of all steps: a short training must reach the full rate, and have time to use it


def capped_warmup(warmup: int, total: int) -> int:
    """The warm-up that is used: not more than a fifth of all steps.

    >>> capped_warmup(200, 5000), capped_warmup(200, 264)
    (200, 52)
    """
    return min(warmup, int(LONGEST_WARMUP * total))


class WarmupDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Rises linearly for `warmup` steps, then falls until `total` steps.

    Args:
        peak: the highest learning rate, reached after the warm-up.
        final: the rate at `total` and after (``inverse_sqrt`` may stay above it).
        warmup, total: the length of the warm-up and of the whole training, in steps.
        decay: ``constant``, ``linear``, ``cosine`` (Loshchilov and Hutter 2017, arXiv:1608.03983) or ``inverse_sqrt``
            (Vaswani et al. 2017, arXiv:1706.03762) or ``halving`` (Sutskever et al. 2014, arXiv:1409.3215).
        begin: the step that counts as the first.
        halving: for ``halving``, the step at which the rate is halved for the first time (by default never), and the
            steps from one halving to the next.
    """

    def __init__(
        self,
        peak: float,
        *,
        final: float = 0.0,
        warmup: int = 0,
        total: int = 1,
        decay: str = "cosine",
        begin: int = 0,
        halving: tuple[float, float] = (1e9, 1.0),
    ):
        self.peak = peak
        self.final = final
        self.warmup = warmup
        self.total = max(total, warmup + 1)
        self.decay = decay
        self.begin = begin
        self.halving = halving

    def __call__(self, step: Any) -> Any:
        """The rate at a step, counted from 0."""
        step = ops.cast(step, "float32") - self.begin + 1
        rising = self.peak * step / max(self.warmup, 1)
        done = ops.clip((step - self.warmup) / (self.total - self.warmup), 0.0, 1.0)
        if self.decay == "linear":
            falling = self.peak + (self.final - self.peak) * done
        elif self.decay == "cosine":
            falling = self.final + (self.peak - self.final) * 0.5 * (1 + ops.cos(math.pi * done))
        elif self.decay == "inverse_sqrt":
            falling = ops.maximum(self.final, self.peak * ops.sqrt(max(self.warmup, 1) / ops.maximum(step, 1.0)))
        elif self.decay == "halving":
            first, between = self.halving
            halvings = ops.maximum(0.0, 1 + ops.floor((step - 1 - first) / between))
            falling = ops.maximum(self.final, self.peak * ops.power(0.5, halvings))
        else:
            falling = ops.full_like(step, self.peak)
        return ops.where(step < self.warmup, rising, falling)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        names = ("peak", "final", "warmup", "total", "decay", "begin", "halving")
        return {name: getattr(self, name) for name in names}
