"""Weights in eight bits: whole numbers from -127 to 127, and the step that a matrix has in each column or row.

A matrix is stored as two arrays: its whole numbers (int8) under its name, and its steps (float32) under NAME/step, with
shape (1, columns) or (rows, 1). A weight is its whole number times the step. Vectors stay in float32: they are few.
"""

from pathlib import Path

import numpy as np

from seq2seq.errors import CheckpointError
from seq2seq.runs.arrays import Arrays

_STEP = "/step"
_LARGEST = 127
_SMALLEST_STEP = np.finfo(np.float32).tiny  # for a column of zeros, of which no step can be taken


def rounded(weights: Arrays) -> Arrays:
    """Matrices as whole numbers and steps, by column or by row, whichever has the smaller squared error.

    No weight changes by more than half a step. What is no matrix is returned as it is.

    Args:
        weights: finite float32 numbers by name.
    """
    arrays = {}
    for name, weight in weights.items():
        if weight.ndim != 2:
            arrays[name] = weight
            continue
        choices = [_round(weight, axis) for axis in (0, 1)]
        errors = [np.square(numbers * step - weight, dtype=np.float64).sum() for numbers, step in choices]
        arrays[name], arrays[name + _STEP] = choices[int(np.argmin(errors))]
    return arrays


def _round(weight: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers, and the steps that the largest weight along an axis asks for."""
    largest = np.abs(weight).max(axis=axis, keepdims=True)
    step = np.maximum(largest / _LARGEST, _SMALLEST_STEP).astype(np.float32)
    return np.rint(weight / step).astype(np.int8), step


def restored(path: Path, arrays: Arrays) -> Arrays:
    """The weights that `rounded` arrays stand for; other arrays are returned as they are.

    Args:
        path: the file that held the arrays, for errors.
        arrays: matrices (int8) with their steps, and all that was not rounded, by name.

    Raises:
        CheckpointError: steps have another type or shape than their matrix asks for, or are not above 0; names them.
    """
    weights = {name: array for name, array in arrays.items() if not name.endswith(_STEP)}
    for name in arrays.keys() - weights.keys():
        matrix, step = weights.get(name.removesuffix(_STEP)), arrays[name]
        fault = _fault(matrix, step)
        if matrix is None or fault:
            raise CheckpointError(f"{path}: {name} does not belong to a matrix in eight bits: {fault}: copy it again")
        with np.errstate(over="ignore"):  # what is not finite is refused where weights are assigned
            weights[name.removesuffix(_STEP)] = matrix * step
    return weights


def _fault(matrix: np.ndarray | None, step: np.ndarray) -> str:
    """Why steps do not fit a matrix; empty where they do."""
    if matrix is None:
        return "there is no such matrix"
    if matrix.dtype != np.int8 or matrix.ndim != 2:
        return f"it has shape {matrix.shape} of {matrix.dtype}, expected a matrix of int8"
    rows, columns = matrix.shape
    if step.dtype != np.float32 or step.shape not in ((1, columns), (rows, 1)):
        return f"{step.shape} of {step.dtype} received, expected {(1, columns)} or {(rows, 1)} of float32"
    if not np.isfinite(step).all() or not (step > 0).all():
        return "a step is not a finite number above 0"
    return ""
