"""Batches for `fit`: the teacher-forcing shift, length buckets, token weights, order = f(seed, epoch)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.summaries import Summaries
from seq2seq.symbols import BOS, EOS, PAD

Ids = Sequence[int] | np.ndarray
Batch = tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]
_LOOK = 1 << 16  # lengths looked at together


class Shape(NamedTuple):
    """Rows B, source width T and target width U of a batch."""

    rows: int
    source: int
    target: int


class PlannedBatch(NamedTuple):
    """A batch before it is made: its shape, and the indices of at most B pairs."""

    shape: Shape
    pairs: np.ndarray


class Padding(NamedTuple):
    """Target tokens of an epoch: the true ones, and how many are computed with padding."""

    tokens: int
    padded: int

    @property
    def waste(self) -> float:
        """Share of the computed target tokens that are padding."""
        return 1 - self.tokens / max(self.padded, 1)


def teacher_forcing(pairs: Iterable[tuple[Ids, Ids]], shape: Shape, starts: int | np.ndarray = BOS) -> Batch:
    """Right-padded ids and token weights of a batch: the triple that `fit` takes.

    The source ends in the end symbol; the decoder reads the target shifted by the start symbol and is to write it with
    the end symbol. Weights are 1 / (true target tokens of the batch), so that their sum is one. Rows that are left over
    hold a lone end symbol and weigh nothing: no row is ever all padding.

    Args:
        pairs: at most B pairs of source and target ids.
        shape: B, T and U.
        starts: the start symbol, one for all or one for each pair.

    Returns:
        ({"source": (B, T), "target_in": (B, U)}, target_out (B, U), weights (B, U)).
    """
    source = np.full((shape.rows, shape.source), PAD, np.int32)
    target = np.full((shape.rows, shape.target + 1), PAD, np.int32)
    weights = np.zeros((shape.rows, shape.target), np.float32)
    source[:, 0] = EOS
    target[:, 0] = BOS
    target[: len(starts) if isinstance(starts, np.ndarray) else None, 0] = starts
    for row, (source_ids, target_ids) in enumerate(pairs):
        source[row, : len(source_ids)] = source_ids
        source[row, len(source_ids)] = EOS
        target[row, 1 : len(target_ids) + 1] = target_ids
        target[row, len(target_ids) + 1] = EOS
        weights[row, : len(target_ids) + 1] = 1
    return {"source": source, "target_in": target[:, :-1]}, target[:, 1:], weights / weights.sum()


def by_length(lengths: Sequence[int], *, most_rows: int, most_tokens: int) -> Iterator[list[int]]:
    """Batches of sentences of like lengths, the longest first, as their indices.

    Args:
        lengths: tokens of each sentence.
        most_rows: sentences of a batch.
        most_tokens: of a batch, padding included; one sentence may have more, and is a batch then.

    >>> list(by_length([2, 9, 3, 3], most_rows=2, most_tokens=8))
    [[1], [2, 3], [0]]
    """
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    start = 0
    while start < len(order):
        rows = max(1, min(most_rows, most_tokens // max(1, lengths[order[start]])))
        yield order[start : start + rows]
        start += rows


class Batches:
    """All batches of all epochs, each a pure function of (seed, epoch, index): any of them can be made at any time.

    Pairs of like lengths share a batch. The widths come from a fixed grid, so there are few shapes; what does not fill
    a batch of its shape joins the next larger one, so no pair is dropped and next to no batch is not full.

    Args:
        pairs: the corpus.
        batch_tokens: padded target tokens of a batch, at most (and twice as many source tokens); eight rows at least.
        seed: of the order.

    Attributes:
        summaries: stored ones, given instead of the sources once they are set.
    """

    def __init__(self, pairs: EncodedPairs, *, batch_tokens: int, seed: int):
        self._pairs, self._seed = pairs, seed
        self.summaries: Summaries | None = None
        self._shapes, self._bucket = _buckets(pairs.source_lengths, pairs.target_lengths, batch_tokens)

    def plan(self, epoch: int) -> list[PlannedBatch]:
        """The batches of an epoch, in order."""
        random = np.random.default_rng((self._seed, epoch))
        order = self._drawn(random)
        random.shuffle(order)
        buckets = self._bucket[order]
        planned: list[PlannedBatch] = []
        left: list[np.ndarray] = [np.empty(0, np.uint32) for _ in self._shapes]
        for bucket, shape in enumerate(self._shapes):  # a look for each shape takes less memory than sorting
            members = np.concatenate([left[bucket], order[buckets == bucket]])
            full = len(members) // shape.rows * shape.rows
            planned += [PlannedBatch(shape, part) for part in members[:full].reshape(-1, shape.rows)]
            rest, larger = members[full:], _next_larger(self._shapes, bucket)
            if len(rest) and larger is None:
                planned.append(PlannedBatch(shape, rest))
            elif larger is not None:
                left[larger] = np.concatenate([left[larger], rest])
        return [planned[index] for index in random.permutation(len(planned))]

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The batches of an epoch from the `start`-th on."""
        for planned in self.plan(epoch)[start:]:
            starts = self._pairs.starts[self._pairs.corpora[planned.pairs]]
            inputs, out, weights = teacher_forcing((self._pairs[i] for i in planned.pairs), planned.shape, starts)
            if self.summaries:
                sources = [self._pairs[index][0] for index in planned.pairs]
                inputs = {"summary": self.summaries.rows(sources, planned.shape.rows), "target_in": inputs["target_in"]}
            yield inputs, out, weights
            self._pairs.release()  # a look at one pair can map 64 KB of the file around it

    def tokens(self, planned: PlannedBatch) -> int:
        """True target tokens of a batch, end symbols included."""
        return int(self._pairs.target_lengths[planned.pairs].sum(dtype=np.int64))

    def padding(self, epoch: int = 0) -> Padding:
        """How much of an epoch's target is padding."""
        plan = self.plan(epoch)
        return Padding(
            sum(self.tokens(planned) for planned in plan),
            sum(planned.shape.rows * planned.shape.target for planned in plan),
        )

    def _drawn(self, random: np.random.Generator) -> np.ndarray:
        """The indices of an epoch's pairs: each as often as its corpus' weight says, a fraction drawn at random."""
        drawn = []
        edges = np.searchsorted(self._pairs.corpora, np.arange(len(self._pairs.weights) + 1))
        for weight, start, stop in zip(self._pairs.weights, edges, edges[1:], strict=False):
            members = np.arange(start, stop, dtype=np.uint32)
            drawn += [members] * int(weight)
            if weight % 1:
                drawn.append(members[random.random(len(members)) < weight % 1])
        return np.concatenate(drawn)


def _grid(step: int, longest: int) -> np.ndarray:
    """Widths up to the first that holds the longest; steps double whenever they fall below an eighth of the width."""
    grid = [step]
    while grid[-1] < longest:
        grid.append(grid[-1] + max(step, 2 ** int(np.log2(grid[-1] / 4))) if grid[-1] >= 4 * step else grid[-1] + step)
    return np.asarray(grid)


def _buckets(source: np.ndarray, target: np.ndarray, batch_tokens: int) -> tuple[list[Shape], np.ndarray]:
    """The closed set of shapes, in order of size, and the shape that each pair goes to, given both lengths of each."""
    widths, cell, sizes = _cells(source, target)
    shapes = [Shape(_rows(T, U, batch_tokens), T, U) for U, T in widths]
    goes_to = np.arange(len(shapes))
    for index, shape in enumerate(shapes):
        larger = _next_larger(shapes, index)
        if sizes[index] < shape.rows and larger is not None:  # too rare for a shape of its own
            goes_to[index], sizes[larger] = larger, sizes[larger] + sizes[index]
    for index in reversed(range(len(shapes))):
        goes_to[index] = index if goes_to[index] == index else goes_to[goes_to[index]]
    used, compact = np.unique(goes_to, return_inverse=True)
    return [shapes[index] for index in used], compact.astype(np.uint16)[cell]


def _cells(source: np.ndarray, target: np.ndarray) -> tuple[list[tuple[int, int]], np.ndarray, np.ndarray]:
    """The (target, source) widths that occur, in order; which of them each pair has; and how many pairs have each.

    Counted piece by piece, so that millions of pairs take no more memory than the two bytes of an answer each.
    """
    grids = _grid(2, int(target.max())), _grid(8, int(source.max()))
    step = [np.searchsorted(grid, np.arange(grid[-1] + 1)) for grid in grids]
    cell = np.empty(len(source), np.uint16)
    counts = np.zeros(len(grids[0]) * len(grids[1]), np.int64)
    for start in range(0, len(cell), _LOOK):
        look = slice(start, start + _LOOK)
        cell[look] = found = step[0][target[look]] * len(grids[1]) + step[1][source[look]]
        counts += np.bincount(found, minlength=len(counts))
    used = np.flatnonzero(counts)
    compact = np.zeros(len(counts), np.uint16)
    compact[used] = np.arange(len(used))
    for start in range(0, len(cell), _LOOK):
        cell[start : start + _LOOK] = compact[cell[start : start + _LOOK]]
    widths = [(int(grids[0][index // len(grids[1])]), int(grids[1][index % len(grids[1])])) for index in used]
    return widths, cell, counts[used]


def _rows(source: int, target: int, batch_tokens: int) -> int:
    return max(8, min(batch_tokens // target, 2 * batch_tokens // source) // 8 * 8)


def _next_larger(shapes: Sequence[Shape], index: int) -> int | None:
    """The next shape in which whatever fits the given one fits too."""
    for other in range(index + 1, len(shapes)):
        if shapes[other].source >= shapes[index].source and shapes[other].target >= shapes[index].target:
            return other
    return None
