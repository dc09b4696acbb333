"""What the worker computes for a batch: translations, scores, summaries, and what lies between two of them.

A task belongs to one translator. `WorkQueue` computes the items of one task object together, so there is one of each.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from seq2seq.hypothesis import Hypothesis
from seq2seq.translator import Translator


@dataclass(eq=False)
class Translating:
    """The n best translations of sentences.

    Args:
        translator: the translator of one pair of languages; its beam is made as wide as needed.
        n_best: how many translations of each sentence to give.
    """

    translator: Translator
    n_best: int = 1
    name: str = "translate"

    def __post_init__(self) -> None:
        self.translator = with_beam(self.translator, self.n_best)

    def __call__(self, items: Sequence[str]) -> list[list[Hypothesis]]:
        """The hypotheses of each sentence, best first."""
        return self.translator.hypotheses(items, n_best=self.n_best)


@dataclass(eq=False)
class Scoring:
    """The log-probability of each token of given translations."""

    translator: Translator
    name: str = "score"

    def __call__(self, items: Sequence[tuple[str, str]]) -> list[list[tuple[str, float]]]:
        """Pieces with their log-probabilities, for each (source, translation)."""
        return self.translator.token_scores(*map(list, zip(*items, strict=True)))


@dataclass(eq=False)
class Encoding:
    """The summary h(T) of sentences."""

    translator: Translator
    name: str = "encode"

    def __call__(self, items: Sequence[str]) -> list[np.ndarray]:
        """A vector (S,) for each sentence."""
        return list(self.translator.encode(items))


@dataclass(eq=False)
class Walking:
    """What the decoder reads on the straight line between two summaries."""

    translator: Translator
    name: str = "between"

    def __call__(self, items: Sequence[tuple[str, str, Sequence[float]]]) -> list[list[Hypothesis]]:
        """A hypothesis for each position, for each (sentence at 0, sentence at 1, positions)."""
        return [self._walked(*item) for item in items]

    def _walked(self, first: str, second: str, positions: Sequence[float]) -> list[Hypothesis]:
        begin, end = self.translator.encode([first, second])
        share = np.asarray(positions, np.float32)[:, None]
        lengths = [len(ids) for ids in self.translator.source_ids([first, second])]
        summaries = (1 - share) * begin + share * end
        # A translation may be as long as that of the longer sentence: what lies between has no length of its own.
        return self.translator.translate_summaries(summaries, [max(lengths)] * len(positions))


def with_beam(translator: Translator, n_best: int) -> Translator:
    """The translator, with a beam that holds n hypotheses."""
    if translator.search.beam_size >= n_best:
        return translator
    return replace(translator, search=translator.search.model_copy(update={"beam_size": n_best}))
