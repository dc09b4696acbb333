"""Where a device's time goes: the kernels of a JAX trace, summed by kind and by name.

python kernels.py DIR    (a folder that gpu.py --profile or jax.profiler.trace has filled)
"""

import re
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

KINDS = {
    "matrix products": r"gemm|cublas|cutlass|nvjet|xmma|dot",
    "copies": r"memcpy|memset|copy|transpose",
    "reductions": r"reduce|norm",
    "scatter, gather, sort": r"scatter|gather|sort|radix",
    "random numbers": r"rng|threefry|random",
}
LARGEST = 25
CONTAINERS = ("while", "call", "conditional")  # on a processor these hold what runs in them, which is listed too


class Kernel(NamedTuple):
    """One launch: the kernel's name, the operation of the program that it belongs to, its start and length in ns."""

    name: str
    operation: str
    start: float
    duration: float


@contextmanager
def traced(folder: Path) -> Iterator[None]:
    """Trace what runs inside, without Python's own calls."""
    import jax

    options = jax.profiler.ProfileOptions()
    options.python_tracer_level = 0
    with jax.profiler.trace(folder, profiler_options=options):
        yield


def kernels(folder: Path) -> list[Kernel]:
    """The launches of the newest trace in a folder, in order of time; of a processor, the operations."""
    from jax.profiler import ProfileData

    files = sorted(folder.rglob("*.xplane.pb"), key=lambda path: path.stat().st_mtime)
    if not files:
        raise SystemExit(f"error: no trace in {folder}: fill it with gpu.py --profile {folder}")
    planes = list(ProfileData.from_file(str(files[-1])).planes)
    on_device = [line for plane in planes if plane.name.startswith("/device:GPU") for line in plane.lines]
    streams = [line for line in on_device if line.name.startswith("Stream")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # raised inside jaxlib
        launches = list(_launches(streams or [line for plane in planes for line in plane.lines], bool(streams)))
    return sorted(launches, key=lambda kernel: kernel.start)


def _launches(lines: list[Any], on_device: bool) -> Iterator[Kernel]:
    for line in lines:
        for event in line.events:
            about = dict(event.stats)
            operation = str(about.get("hlo_op", ""))
            if on_device or (operation and not operation.startswith(CONTAINERS)):
                yield Kernel(event.name, operation, event.start_ns, event.duration_ns)


def busy(launches: list[Kernel]) -> float:
    """Nanoseconds in which at least one of them ran."""
    total, end = 0.0, float("-inf")
    for kernel in launches:
        total += max(0.0, kernel.start + kernel.duration - max(end, kernel.start))
        end = max(end, kernel.start + kernel.duration)
    return total


def kind(kernel: Kernel) -> str:
    """What a kernel does, by its names."""
    for name, pattern in KINDS.items():
        if re.search(pattern, f"{kernel.name} {kernel.operation}", re.IGNORECASE):
            return name
    return "elementwise"


def kernel_table(launches: list[Kernel], steps: int) -> str:
    """Markdown: milliseconds and launches a step by kind, the largest kernels, and how much of the time is idle."""
    total = sum(kernel.duration for kernel in launches) or 1.0
    span = max(kernel.start + kernel.duration for kernel in launches) - min(kernel.start for kernel in launches)

    def rows(group: Any, most: int) -> list[str]:
        sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0])
        for kernel in launches:
            entry = sums[group(kernel)]
            entry[0] += kernel.duration
            entry[1] += 1
        largest = sorted(sums.items(), key=lambda item: -item[1][0])[:most]
        return [
            f"| {name.replace('|', '/')} | {ns / steps / 1e6:.3f} | {count / steps:,.0f} | {100 * ns / total:.1f} % |"
            for name, (ns, count) in largest
        ]

    head = ["| kernels | ms a step | launches a step | share |", "|---|---|---|---|"]
    return "\n".join(
        [
            *head,
            *rows(kind, len(KINDS) + 1),
            f"| all | {total / steps / 1e6:.3f} | {len(launches) / steps:,.0f} | 100 % |",
            "",
            *head,
            *rows(lambda kernel: f"{kernel.operation} {kernel.name[:60]}", LARGEST),
            "",
            f"First launch to last: {span / steps / 1e6:.3f} ms a step; busy {100 * busy(launches) / span:.0f} %.",
        ]
    )


if __name__ == "__main__":
    print(kernel_table(kernels(Path(sys.argv[1])), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
