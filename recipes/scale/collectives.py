"""What devices send each other in a step, read from the step as XLA has compiled it (its text, HLO)."""

import math
import re
from collections.abc import Callable

KINDS = ("all-reduce", "all-gather", "reduce-scatter", "all-to-all", "collective-permute", "collective-broadcast")
_COMMENT = re.compile(r"/\*.*?\*/")
_COMPUTATION = re.compile(r"(ENTRY )?%?[\w.\-]+ \(.*\{$")
_OPERATION = re.compile(rf"\s+(?:ROOT )?%?[\w.\-]+ = ([^=]*?) ({'|'.join(KINDS)})(-start)?\(")
_ARRAY = re.compile(r"\b(pred|[a-z]+\d+\w*)\[([\d,]*)\]")
# A ring of N devices, each of which sends so many times the bytes of the result (or takes part in sending them).
_RING: dict[str, Callable[[int], float]] = {
    "all-reduce": lambda n: 2 * (n - 1) / n,
    "all-gather": lambda n: (n - 1) / n,
    "reduce-scatter": lambda n: n - 1,  # the result is a share of what is reduced
    "all-to-all": lambda n: (n - 1) / n,
    "collective-permute": lambda n: 1.0,
    "collective-broadcast": lambda n: 1.0,
}


def collectives(text: str) -> dict[str, dict[str, int]]:
    """How many collective operations of each kind a step has, and the bytes of their results.

    Raises:
        SystemExit: one is outside the main computation, so that nobody knows how often it runs.
    """
    kinds: dict[str, dict[str, int]] = {}
    in_entry = False
    for line in text.split("\n"):
        if begun := _COMPUTATION.match(line):
            in_entry = begun[1] is not None
        operation = _OPERATION.match(_COMMENT.sub("", line))
        if operation is None:
            continue
        if not in_entry:
            raise SystemExit(f"a collective operation may run many times in a step: {line.strip()[:200]}")
        arrays = [_bytes(*array) for array in _ARRAY.findall(operation[1])]
        if operation[3] and operation[2] != "all-reduce":  # the start of others names what goes in, then what comes out
            arrays = arrays[len(arrays) // 2 :]
        kind = kinds.setdefault(operation[2], {"operations": 0, "arrays": 0, "bytes": 0})
        kind["operations"] += 1
        kind["arrays"] += len(arrays)
        kind["bytes"] += sum(arrays)
    return kinds


def sent(kinds: dict[str, dict[str, int]], devices: int) -> float:
    """Bytes that each of so many devices in a ring sends in a step."""
    return sum(_RING[kind](devices) * about["bytes"] for kind, about in kinds.items())


def _bytes(kind: str, sizes: str) -> int:
    bits = 8 if kind == "pred" else int(re.findall(r"\d+", kind)[0])
    return math.ceil(math.prod(int(size) for size in sizes.split(",") if size) * bits / 8)
