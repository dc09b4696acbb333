"""The result of a search or of sampling: N hypotheses of up to U tokens for each of B sentences."""

from typing import Any, NamedTuple

Tensor = Any


class Hypotheses(NamedTuple):
    """N hypotheses for each sentence, best first.

    Attributes:
        tokens: ids of pieces, (B, N, U); the end symbol is included and padding follows it.
        scores: (B, N), the length-normalised log-probability, in nats.
        log_probs: (B, N), the log-probability of the complete hypothesis, in nats.
    """

    tokens: Tensor
    scores: Tensor
    log_probs: Tensor
