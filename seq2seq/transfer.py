"""A new vocabulary for trained weights: which row of the old table each new piece starts from.

A piece that both vocabularies have keeps its row. A new one starts from the mean of the old pieces that spell it, or
is left as it was drawn. V pieces before, V' after.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from seq2seq.tokenizer import Tokenizer


class VocabularyMap(NamedTuple):
    """Where the rows of a new vocabulary come from.

    Attributes:
        sources: (V',) old ids: one where the row is copied, several where it is composed, none where it is drawn.
        kept: (V',) whether the old vocabulary has the piece.
    """

    sources: list[list[int]]
    kept: np.ndarray

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are copied, composed and new."""
        copied = int(self.kept.sum())
        composed = sum(bool(ids) for ids in self.sources) - copied
        return {"copied": copied, "composed": composed, "new": len(self.sources) - copied - composed}

    def rows(self, old: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """The new table (V', ...), from the old one (V, ...) and a freshly drawn one (V', ...)."""
        new = drawn.astype(old.dtype, copy=True)
        new[self.kept] = old[[ids[0] for ids, kept in zip(self.sources, self.kept, strict=True) if kept]]
        for index in np.flatnonzero(~self.kept):
            if self.sources[index]:
                new[index] = old[self.sources[index]].mean(axis=0)
        return new


def map_vocabulary(old: Tokenizer, new: Tokenizer, *, compose: bool = True) -> VocabularyMap:
    """Compare two vocabularies piece by piece.

    Args:
        old: the vocabulary that the weights were trained with.
        new: the one that they are to serve.
        compose: start new pieces from the mean of the old pieces that spell them.
    """
    ids = {piece: index for index, piece in enumerate(old.pieces)}
    pieces = new.pieces
    kept = np.asarray([piece in ids for piece in pieces])
    spelled = old.spell(pieces) if compose else [[] for _ in pieces]
    sources = [[ids[piece]] if piece in ids else spelled[index] for index, piece in enumerate(pieces)]
    return VocabularyMap(sources, kept)


def moved(arrays: dict[str, np.ndarray], drawn: dict[str, np.ndarray], tables: dict[str, VocabularyMap]) -> Any:
    """Weights, or moments, by name for a new vocabulary.

    Args:
        arrays: the weights or moments for the old vocabulary, by name.
        drawn: fresh ones of the new shapes; their names are the ones that are wanted.
        tables: the map of each array that has a row for each piece; the others are taken as they are.
    """
    return {name: tables[name].rows(arrays[name], drawn[name]) if name in tables else arrays[name] for name in drawn}


def split_differently(words: Iterable[str], old: Tokenizer, new: Tokenizer) -> tuple[int, int]:
    """How many different words the new vocabulary splits in another way, and how many there are."""
    different = sorted(set(words))
    names = [tokenizer.pieces for tokenizer in (old, new)]
    before, after = (
        [[pieces[index] for index in ids] for ids in tokenizer.encode(different)]
        for tokenizer, pieces in zip((old, new), names, strict=True)
    )
    return sum(b != a for b, a in zip(before, after, strict=True)), len(different)


def share_of_bytes(sentences: Iterable[list[int]], tokenizer: Tokenizer) -> float:
    """Share of the pieces of encoded sentences that are single bytes: characters that the vocabulary does not know."""
    counts = np.zeros(tokenizer.size, np.int64)
    for ids in sentences:
        np.add.at(counts, ids, 1)
    bytes_ = np.asarray([tokenizer.is_byte(index) for index in range(tokenizer.size)])
    return float(counts[bytes_].sum() / max(counts.sum(), 1))
