"""The closed set of shapes that batches have: pairs of like lengths go to the same one."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_LOOK = 1 << 16  # lengths looked at together


class Shape(NamedTuple):
    """Rows B, source width T and target width U of a batch."""

    rows: int
    source: int
    target: int


class Limits(NamedTuple):
    """How large a batch may become.

    Attributes:
        tokens: padded target tokens, and half as many as there may be padded source tokens.
        sentences: rows; 0 for any number.
    """

    tokens: int
    sentences: int = 0

    def rows(self, source: int, target: int) -> int:
        """The rows of a batch with these widths, eight at least."""
        # A source token costs less than a target token, which has the output layer.
        most = min(self.tokens // target, 2 * self.tokens // source, self.sentences or self.tokens)
        return max(8, most // 8 * 8)  # rows come in eights for matrix units


def _grid(step: int, longest: int) -> np.ndarray:
    """Widths up to the first that holds the longest; steps double whenever they fall below an eighth of the width."""
    grid = [step]
    while grid[-1] < longest:
        grid.append(grid[-1] + max(step, 2 ** int(np.log2(grid[-1] / 4))) if grid[-1] >= 4 * step else grid[-1] + step)
    return np.asarray(grid)


def buckets(
    source: np.ndarray, target: np.ndarray, limits: Limits, most_shapes: int | None = None
) -> tuple[list[Shape], np.ndarray]:
    """The closed set of shapes of a corpus, and the shape of each pair.

    Args:
        source: (pairs,) tokens of each source, the end symbol included.
        target: (pairs,) tokens of each target, the end symbol included.
        limits: how large a batch may become.
        most_shapes: how many shapes there may be; any number where none is given.

    Returns:
        the shapes, ordered by target and source width, and the index of each pair's shape, (pairs,).
    """
    widths, cell, sizes = _cells(source, target)
    shapes = [Shape(limits.rows(T, U), T, U) for U, T in widths]
    goes_to = np.arange(len(shapes))
    for index, shape in enumerate(shapes):
        larger = next_larger(shapes, index)
        if sizes[index] < shape.rows and larger is not None:  # too rare for a shape of its own
            goes_to[index], sizes[larger] = larger, sizes[larger] + sizes[index]
    for index in reversed(range(len(shapes))):
        goes_to[index] = index if goes_to[index] == index else goes_to[goes_to[index]]
    used, compact = np.unique(goes_to, return_inverse=True)
    shapes = [shapes[index] for index in used]
    place = compact
    if most_shapes and len(shapes) > most_shapes:
        pairs = np.bincount(compact[cell], minlength=len(shapes))
        shapes, merged = _merge(shapes, pairs, most_shapes, limits)
        place = merged[compact]
    return shapes, place.astype(np.uint16)[cell]


def _merge(shapes: Sequence[Shape], pairs: np.ndarray, most: int, limits: Limits) -> tuple[list[Shape], np.ndarray]:
    """Merge two shapes at a time, those that add the least padding, until `most` are left.

    Returns:
        the shapes that are left, ordered by width, and the place of each old shape among them.
    """
    widths = np.array([(shape.target, shape.source) for shape in shapes])
    members = [[index] for index in range(len(shapes))]
    while len(members) > 1:
        joint = np.maximum(widths[:, None], widths)
        cost = pairs * widths.sum(axis=1)
        added = (pairs[:, None] + pairs) * joint.sum(axis=2) - cost[:, None] - cost
        added[np.tril_indices(len(members))] = np.iinfo(np.int64).max
        first, second = np.unravel_index(np.argmin(added), added.shape)
        if len(members) <= most and added[first, second] > 0:  # shapes that became equal are one
            break
        widths[first] = joint[first, second]
        pairs[first] += pairs[second]
        members[first] += members.pop(second)
        widths, pairs = np.delete(widths, second, axis=0), np.delete(pairs, second)
    place = np.empty(len(shapes), np.int64)
    order = sorted(range(len(members)), key=lambda index: tuple(widths[index]))
    for rank, index in enumerate(order):
        place[members[index]] = rank
    merged = [Shape(limits.rows(int(T), int(U)), int(T), int(U)) for U, T in widths[order]]
    return merged, place


def _cells(source: np.ndarray, target: np.ndarray) -> tuple[list[tuple[int, int]], np.ndarray, np.ndarray]:
    """The (target, source) widths that occur, in order; which of them each pair has; and how many pairs have each.

    Counted piece by piece, so that millions of pairs take no more memory than the two bytes of an answer each.
    """
    grids = _grid(2, int(target.max())), _grid(4, int(source.max()))
    step = [np.searchsorted(grid, np.arange(grid[-1] + 1)) for grid in grids]
    cell = np.empty(len(source), np.uint16)
    counts = np.zeros(len(grids[0]) * len(grids[1]), np.int64)
    for start in range(0, len(cell), _LOOK):
        chunk = slice(start, start + _LOOK)
        cell[chunk] = chunk_cells = step[0][target[chunk]] * len(grids[1]) + step[1][source[chunk]]
        counts += np.bincount(chunk_cells, minlength=len(counts))
    used = np.flatnonzero(counts)
    compact = np.zeros(len(counts), np.uint16)
    compact[used] = np.arange(len(used))
    for start in range(0, len(cell), _LOOK):
        cell[start : start + _LOOK] = compact[cell[start : start + _LOOK]]
    widths = [(int(grids[0][index // len(grids[1])]), int(grids[1][index % len(grids[1])])) for index in used]
    return widths, cell, counts[used]


def nearest(shapes: Sequence[Shape], source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The shape with the least padding for each pair, of those that hold it, (pairs,).

    Args:
        shapes: some shapes, of which one holds all pairs.
        source, target: (pairs,) tokens of each side, the end symbol included.
    """
    place = np.zeros(len(source), np.uint16)
    for index in sorted(range(len(shapes)), key=lambda index: -(shapes[index].source + shapes[index].target)):
        place[(source <= shapes[index].source) & (target <= shapes[index].target)] = index
    return place


def next_larger(shapes: Sequence[Shape], index: int) -> int | None:
    """The next shape in which whatever fits the given one fits too."""
    for other in range(index + 1, len(shapes)):
        if shapes[other].source >= shapes[index].source and shapes[other].target >= shapes[index].target:
            return other
    return None
