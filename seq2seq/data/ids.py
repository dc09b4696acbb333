"""Ids of many texts as two arrays, which are cheap to cut, join and send."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from seq2seq.tokenizer import Tokenizer


class Ids(NamedTuple):
    """The ids of some texts.

    Attributes:
        ids: (tokens,) the ids of all texts, one text after the other.
        lengths: (texts,) how many of them each text has.
    """

    ids: np.ndarray
    lengths: np.ndarray

    def select(self, chosen: np.ndarray) -> "Ids":
        """The ids of those texts for which a boolean array, (texts,), says so."""
        return Ids(self.ids[np.repeat(chosen, self.lengths)], self.lengths[chosen])


Sides = tuple[Ids, Ids]  # the sources and the targets of the same pairs


def ids_of_texts(tokenizer: Tokenizer, texts: Sequence[str]) -> Ids:
    """The ids of some texts."""
    return joined(tokenizer.encode(texts))


def joined(encoded: Sequence[Sequence[int] | np.ndarray]) -> Ids:
    """The ids of some texts, each a sequence of numbers, as two arrays."""
    lengths = np.fromiter(map(len, encoded), np.uint32, len(encoded))
    return Ids(np.fromiter(chain.from_iterable(encoded), np.uint16, int(lengths.sum())), lengths)


def join(portions: Sequence[Sides]) -> Sides:
    """The ids of several portions of pairs, in their order."""
    if len(portions) == 1:
        return portions[0]
    source, target = (
        Ids(*(np.concatenate(arrays) for arrays in zip(*(portion[side] for portion in portions), strict=True)))
        for side in (0, 1)
    )
    return source, target


def split(sides: Sides, count: int) -> tuple[Sides, Sides]:
    """The first `count` pairs, and the others."""
    first = np.arange(len(sides[0].lengths)) < count
    return (sides[0].select(first), sides[1].select(first)), (sides[0].select(~first), sides[1].select(~first))
