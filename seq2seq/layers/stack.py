"""Layers on layers: each reads what the one below it wrote."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

Tensor = Any
Result = TypeVar("Result")


def through_stack(
    layers: Iterable[Callable[[Tensor], Result]], inputs: Tensor, between: Callable[[Result], Tensor]
) -> list[Result]:
    """What each layer returns, the lowest first.

    >>> through_stack([lambda x: (x + 1, "first"), lambda x: (10 * x, "second")], 1, between=lambda result: result[0])
    [(2, 'first'), (20, 'second')]

    Args:
        layers: functions of a layer's inputs, the lowest first.
        inputs: what the lowest layer reads.
        between: makes the inputs of the next layer of what a layer returned, such as its output with dropout.
    """
    results: list[Result] = []
    for layer in layers:
        results.append(layer(between(results[-1]) if results else inputs))
    return results
