"""Piece ids to vectors, and vectors back to one logit a piece."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

Tensor = Any


class Embedding(keras.layers.Layer):
    """A (V, E) table, read by rows on the way in and, where it is tied, as a matrix on the way out.

    One table for both ends halves the parameters at no loss (Press and Wolf 2017, arXiv:1608.05859). The gradient of
    the lookup is a dense (V, E) tensor: a sparse one would list a repeated piece twice, and the norm of such a list is
    not the norm of the gradient.

    Args:
        pieces: V.
        size: E.

    Call arguments:
        ids: (B, T) or (B,) integers; the result has one axis of E more.
    """

    def __init__(self, pieces: int, size: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.pieces, self.size = pieces, size

    def build(self, input_shape: Any = None) -> None:
        """Create the table, each row of expected length one."""
        initializer = keras.initializers.RandomNormal(stddev=self.size**-0.5)
        self.table = self.add_weight((self.pieces, self.size), initializer=initializer, name="table", autocast=False)
        self.built = True

    def call(self, ids: Tensor) -> Tensor:
        """Rows of the table."""
        return _rows(ops.cast(self.table, self.compute_dtype), ids)

    def logits(self, vectors: Tensor, columns: Tensor | None = None) -> Tensor:
        """(..., E) to (..., V), or to (..., C) with the `columns` (E, C) of some pieces."""
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
            rows = ops.cast(ops.reshape(upstream, (-1, size)), "float32")
            return ops.cast(ops.segment_sum(rows, ops.reshape(ids, (-1,)), num_segments=pieces), table.dtype)

        return ops.take(table, ids, axis=0), gradient

    return lookup(table)
