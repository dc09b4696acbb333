"""A matrix of weights in a graph, in float32 or in eight bits.

In eight bits, a matrix is whole numbers from -127 to 127 with a step for each column. The vectors that it multiplies
are rounded row by row, so that no sentence changes another's numbers (law 2): by one step for all where they are known
to lie between -1 and 1, and by the largest number of each row where they are not.

I inputs, O outputs, V pieces, E size of an embedding.
"""

from typing import Protocol

import numpy as np

from seq2seq.engine.nodes import Nodes

COLUMNS, STEPS = "output_columns", "output_steps"  # names that the short-list looks for, see `seq2seq.engine.network`
_WEIGHT = 127  # the largest whole number of a weight
# Activations are stored as 1 to 127 and mean -63 to 63: two products of 127 x 127 fit into 16 bits. Processors without
# VNNI instructions add products in pairs of 16 bits, and cut off what does not fit.
_ACTIVATION, _ZERO = 63, 64
ACTIVATION_STEP = np.float32(1 / _ACTIVATION)
_TINY = np.finfo(np.float32).tiny  # instead of a step of 0


class Products(Protocol):
    """How a graph stores matrices and multiplies by them."""

    def product(
        self, graph: Nodes, vectors: str, name: str, matrix: np.ndarray, bounded: bool = False, least: float = 0.0
    ) -> str:
        """Vectors (..., I) by a matrix: (..., O).

        Args:
            graph: where it is written.
            vectors: the value on the left.
            name: of the matrix.
            matrix: (I, O) float32.
            bounded: whether the vectors are known to lie between -1 and 1.
            least: where they are not, what a row is divided by if its largest number is smaller.
        """

    def rows(self, graph: Nodes, ids: str, name: str, table: np.ndarray) -> str:
        """The rows (..., E) of a table (V, E) that ids (...) choose."""

    def scores(self, graph: Nodes, vectors: str, name: str, table: np.ndarray) -> str:
        """Vectors (..., E), between -1 and 1, by the transposed table (V, E): (..., V)."""


class Float32:
    """Weights as they are."""

    def product(
        self, graph: Nodes, vectors: str, name: str, matrix: np.ndarray, bounded: bool = False, least: float = 0.0
    ) -> str:
        """See `Products.product`."""
        return graph.node("MatMul", vectors, graph.constant(name, matrix))

    def rows(self, graph: Nodes, ids: str, name: str, table: np.ndarray) -> str:
        """See `Products.rows`."""
        return graph.node("Gather", graph.constant(name, table), ids)

    def scores(self, graph: Nodes, vectors: str, name: str, table: np.ndarray) -> str:
        """See `Products.scores`."""
        columns = graph.node("Transpose", graph.constant(name, table), name=COLUMNS, perm=[1, 0])
        return graph.node("MatMul", vectors, columns)


class Int8:
    """Weights in eight bits."""

    def product(
        self, graph: Nodes, vectors: str, name: str, matrix: np.ndarray, bounded: bool = False, least: float = 0.0
    ) -> str:
        """See `Products.product`."""
        numbers, steps = rounded(matrix.T)
        columns = graph.constant(name, numbers.T)
        scale = graph.constant(f"{name}.steps", steps / _ACTIVATION)
        if bounded:
            return graph.node("Mul", _whole_product(graph, vectors, columns), scale)
        largest = graph.node("ReduceMax", graph.node("Abs", vectors), graph.axes(-1), keepdims=1)
        largest = graph.node("Max", largest, graph.constant(f"least_{least}", np.float32(least or _TINY)))
        whole = _whole_product(graph, graph.node("Div", vectors, largest), columns)
        return graph.node("Mul", graph.node("Mul", whole, scale), largest)

    def rows(self, graph: Nodes, ids: str, name: str, table: np.ndarray) -> str:
        """See `Products.rows`."""
        numbers, steps = rounded(table)
        whole = graph.node("Gather", graph.constant(name, numbers), ids)
        of_rows = graph.node("Gather", graph.constant(f"{name}.steps", steps), ids)
        return graph.node("Mul", graph.node("Cast", whole, to=1), graph.node("Unsqueeze", of_rows, graph.axes(-1)))

    def scores(self, graph: Nodes, vectors: str, name: str, table: np.ndarray) -> str:
        """See `Products.scores`."""
        numbers, steps = rounded(table)
        columns = graph.node("Transpose", graph.constant(name, numbers), name=COLUMNS, perm=[1, 0])
        half = graph.constant("activation_step", ACTIVATION_STEP)
        scale = graph.node("Mul", graph.constant(f"{name}.steps", steps), half, name=STEPS)
        return graph.node("Mul", _whole_product(graph, vectors, columns), scale)


def rounded(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows as whole numbers (V, E) int8 times a step for each row (V,) float32."""
    steps = np.maximum(np.abs(table).max(axis=1) / _WEIGHT, _TINY).astype(np.float32)
    return np.rint(table / steps[:, None]).astype(np.int8), steps


def _whole_product(graph: Nodes, vectors: str, columns: str) -> str:
    """Vectors between -1 and 1, rounded to multiples of 1 / _ACTIVATION, by a matrix of whole numbers."""
    step = graph.constant("activation_step", ACTIVATION_STEP)
    zero = graph.constant("activation_zero", np.uint8(_ZERO))
    numbers = graph.node("QuantizeLinear", vectors, step, zero)
    return graph.node("Cast", graph.node("MatMulInteger", numbers, columns, zero), to=1)
