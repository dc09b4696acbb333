"""Which target pieces a source piece can lead to: a short-list of candidates for the output layer.

The output layer scores every piece of the vocabulary at every step, though a sentence's translation can only hold a few
hundred of them. Which ones is learned from the training pairs as the word alignments of statistical translation were
(IBM model 1: Brown et al. 1993, equation 17), and the pieces that are likeliest for the source's pieces, with the most
frequent ones, are all that the search looks at (Jean et al. 2015, arXiv:1412.2007, section 3.3).
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from seq2seq.symbols import BOS, EOS, PAD, UNK

if TYPE_CHECKING:
    from seq2seq.data.encoded import EncodedPairs

_ALWAYS = (PAD, BOS, EOS, UNK)
_LINKS = 4_000_000  # pairs of pieces that are looked at, at most: what more of them teaches is rare words
_ROUNDS = 5  # of expectation maximisation


class Shortlist:
    """Candidates for each source piece.

    Args:
        likeliest: (source pieces, N) target pieces, the likeliest first; reserved ids where there are fewer.
        frequent: (M,) target pieces, the most frequent first.
    """

    def __init__(self, likeliest: np.ndarray, frequent: np.ndarray):
        self.likeliest = likeliest
        self.frequent = frequent

    def check(self, source_pieces: int, target_pieces: int) -> None:
        """See that the candidates are those of vocabularies of some sizes.

        Raises:
            ValueError: they are not; says how.
        """
        for name, array, axes in (("likeliest", self.likeliest, 2), ("frequent", self.frequent, 1)):
            if array.ndim != axes or array.dtype.kind not in "iu":
                raise ValueError(f"{name} has shape {array.shape} of {array.dtype}")
            if array.size and not 0 <= array.min() <= array.max() < target_pieces:
                raise ValueError(
                    f"{name} has ids from {array.min()} to {array.max()}, of {target_pieces:,} target pieces"
                )
        if len(self.likeliest) != source_pieces:
            raise ValueError(f"it is for {len(self.likeliest):,} source pieces, the vocabulary has {source_pieces:,}")

    def candidates(self, sources: Iterable[Sequence[int]], per_piece: int) -> list[np.ndarray]:
        """The pieces that the translation of each source may hold, sorted: the reserved ids are the first four.

        Args:
            sources: the ids of each source's pieces.
            per_piece: candidates of each source piece, and as many of the most frequent ones.
        """
        always = np.concatenate([np.array(_ALWAYS, np.uint16), self.frequent[:per_piece]])
        return [
            np.unique(np.concatenate([always, self.likeliest[list(ids), :per_piece].reshape(-1)])) for ids in sources
        ]


def learn_shortlist(pairs: "EncodedPairs", source_pieces: int, target_pieces: int, *, most: int = 100) -> Shortlist:
    """Learn from a sample of encoded pairs, evenly spread over them.

    Args:
        pairs: the encoded training pairs to learn from.
        source_pieces, target_pieces: how many pieces each vocabulary has.
        most: candidates to keep for each source piece, at most; and how many frequent ones.
    """
    links, groups, frequency = _links(pairs, target_pieces)
    kinds, link = np.unique(links, return_inverse=True)
    link = link.astype(np.int32)
    source, target = kinds // target_pieces, kinds % target_pieces
    probability = np.ones(len(kinds), np.float32)
    for _ in range(_ROUNDS):
        share = probability[link]
        share /= np.bincount(groups, weights=share)[groups]  # which source piece wrote this target piece
        counts = np.bincount(link, weights=share)
        probability = (counts / np.bincount(source, weights=counts)[source]).astype(np.float32)
    likeliest = np.full((source_pieces, most), PAD, np.uint16)
    order = np.lexsort((-probability, source))
    first = np.searchsorted(source[order], np.arange(source_pieces))
    rank = np.arange(len(order)) - first[source[order]]
    kept = rank < most
    likeliest[source[order][kept], rank[kept]] = target[order][kept]
    return Shortlist(likeliest, np.argsort(-frequency, kind="stable")[:most].astype(np.uint16))


def _links(pairs: "EncodedPairs", target_pieces: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every source piece with every target piece of its pair.

    Returns:
        source * V + target, the target token that each link belongs to, and how often each target piece occurs.
    """
    mean = float(np.mean(pairs.source_lengths.astype(np.float32) * pairs.target_lengths))
    sample = np.linspace(0, len(pairs) - 1, max(1, min(len(pairs), int(_LINKS / mean)))).astype(np.int64)
    links, groups, tokens = [], [], 0
    frequency = np.zeros(target_pieces, np.int64)
    for index in sample:
        source, target = (np.unique(side).astype(np.int64) for side in pairs[index])
        links.append((source[:, None] * target_pieces + target).reshape(-1))
        groups.append(np.broadcast_to(tokens + np.arange(len(target)), (len(source), len(target))).reshape(-1))
        tokens += len(target)
        frequency[target] += 1
    pairs.release()
    return np.concatenate(links), np.concatenate(groups).astype(np.int32), frequency
