"""Layer normalisation (Ba, Kiros and Hinton 2016, arXiv:1607.06450): its value and its gradient.

A block of a vector becomes (v - mean(v)) / sqrt(variance(v) + EPSILON), so that its numbers have mean 0 and variance 1.
"""

from collections.abc import Callable, Sequence
from typing import Any

from keras import ops

Tensor = Any
EPSILON = 1e-5  # of the variance: a state of zeros, as at the start, stays zero


def standardised(vectors: Tensor, blocks: Sequence[int] = (1,)) -> Tensor:
    """Vectors whose blocks have mean 0 and variance 1.

    Args:
        vectors: (..., G).
        blocks: the lengths of the blocks, in parts of their sum.
    """
    return _by_block(lambda block: _standardised(block)[0], blocks, vectors)


def standardised_gradient(upstream: Tensor, vectors: Tensor, blocks: Sequence[int] = (1,)) -> Tensor:
    """The gradient of the vectors, (..., G), from that of `standardised(vectors, blocks)`."""

    def gradient(upstream: Tensor, block: Tensor) -> Tensor:
        value, scale = _standardised(block)
        along = ops.mean(upstream * value, axis=-1, keepdims=True)
        return scale * (upstream - ops.mean(upstream, axis=-1, keepdims=True) - value * along)

    return _by_block(gradient, blocks, upstream, vectors)


def _standardised(block: Tensor) -> tuple[Tensor, Tensor]:
    """A block with mean 0 and variance 1, and what its distance from the mean was multiplied by, (..., 1)."""
    distance = block - ops.mean(block, axis=-1, keepdims=True)
    scale = ops.rsqrt(ops.mean(ops.square(distance), axis=-1, keepdims=True) + EPSILON)
    return distance * scale, scale


def _by_block(function: Callable[..., Tensor], blocks: Sequence[int], *vectors: Tensor) -> Tensor:
    if len(blocks) == 1:
        return function(*vectors)
    part = vectors[0].shape[-1] // sum(blocks)
    ends = [part * sum(blocks[: index + 1]) for index in range(len(blocks) - 1)]
    split = zip(*(ops.split(tensor, ends, axis=-1) for tensor in vectors), strict=True)
    return ops.concatenate([function(*parts) for parts in split], axis=-1)
