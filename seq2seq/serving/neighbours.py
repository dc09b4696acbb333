"""The nearest of a small set of sentences, by the angle between summaries h(T)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from seq2seq.serving.tasks import Encoding

_SETS = Path(__file__).with_name("sentences")


@dataclass(eq=False)
class Neighbours:
    """Sentences of everyday life in the language that a network reads, encoded when they are first asked for.

    Args:
        encoding: the task that computes h(T) of sentences.
        language: the tag of the language that the network reads.
    """

    encoding: Encoding
    language: str
    name: str = "nearest"

    @property
    def exist(self) -> bool:
        """Whether there is a set for the language."""
        return self._path.is_file()

    @cached_property
    def sentences(self) -> list[str]:
        """The set."""
        return self._path.read_text(encoding="utf-8").splitlines()

    @cached_property
    def _directions(self) -> np.ndarray:
        """Summaries of length 1, (sentences, S)."""
        return _of_length_one(np.stack(self.encoding(self.sentences)))

    def __call__(self, items: Sequence[str]) -> list[list[tuple[str, float]]]:
        """All sentences of the set with their cosines, the nearest first, for each item."""
        cosines = _of_length_one(np.stack(self.encoding(items))) @ self._directions.T
        order = np.argsort(-cosines, axis=1, kind="stable")
        return [
            [(self.sentences[place], float(of_item[place])) for place in places]
            for of_item, places in zip(cosines, order, strict=True)
        ]

    @property
    def _path(self) -> Path:
        return _SETS / f"{self.language.split('-')[0]}.txt"


def _of_length_one(vectors: np.ndarray) -> np.ndarray:
    directions: np.ndarray = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return directions
