"""What a search or a draw gives. B sentences, N hypotheses each, U steps at most."""

from typing import Any, NamedTuple

Tensor = Any


class Hypotheses(NamedTuple):
    """N hypotheses of each sentence, best first.

    Attributes:
        tokens: (B, N, U), the end symbol included, then padding.
        scores: (B, N), the length-normalised log-probability.
        log_probs: (B, N), the log-probability itself.
    """

    tokens: Tensor
    scores: Tensor
    log_probs: Tensor
