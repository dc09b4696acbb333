"""The embedding turns piece ids into vectors, and as an output layer turns vectors into one logit for each piece."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

Tensor = Any


class Embedding(keras.layers.Layer):
    """A (V, E) table. The input reads its rows; a tied output layer multiplies by it.

    One table for both ends halves the parameters at no loss (Press and Wolf 2017, arXiv:1608.05859). The gradient of
    the lookup is a dense (V, E) tensor: a sparse one would list a repeated piece twice, so its norm, and the
    clipping by it, would be wrong.

    Args:
        pieces: V, the number of pieces.
        size: E, the size of a vector.

    Call arguments:
        ids: integers, (B, T) or (B,); the result is (B, T, E) or (B, E).
    """

    def __init__(self, pieces: int, size: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.pieces, self.size = pieces, size

    def build(self, input_shape: Any = None) -> None:
        """Create the table; the expected squared length of each row is one."""
        initializer = keras.initializers.RandomNormal(stddev=self.size**-0.5)
        self.table = self.add_weight((self.pieces, self.size), initializer=initializer, name="table", autocast=False)
        self.built = True

    def call(self, ids: Tensor) -> Tensor:
        """The vectors of the ids, in the compute type."""
        # The rows are cast, not the table, which is larger than a batch; the table's gradient is summed in float32.
        return ops.cast(_rows(ops.cast(self.table, self.table.dtype), ids), self.compute_dtype)

    def logits(self, vectors: Tensor, columns: Tensor | None = None) -> Tensor:
        """The logits (..., V) of vectors (..., E), or (..., C) with the `columns` (E, C) of some pieces."""
        columns = self.columns() if columns is None else columns
        return ops.matmul(ops.cast(vectors, self.compute_dtype), columns)

    def columns(self, pieces: Tensor | None = None) -> Tensor:
        """The table as the matrix of an output layer, (E, V), or (E, C) for some pieces (C,)."""
        table = self.table if pieces is None else ops.take(self.table, pieces, axis=0)
        return ops.transpose(ops.cast(table, self.compute_dtype))


def _rows(table: Tensor, ids: Tensor) -> Tensor:
    pieces, size = table.shape

    @ops.custom_gradient
    def lookup(table: Tensor) -> tuple[Tensor, Callable[..., Tensor]]:
        def gradient(upstream: Tensor) -> Tensor:
            rows = ops.reshape(upstream, (-1, size))
            return ops.segment_sum(rows, ops.reshape(ids, (-1,)), num_segments=pieces)

        return ops.take(table, ids, axis=0), gradient

    return lookup(table)
