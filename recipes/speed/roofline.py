"""How fast this machine multiplies matrices, how many operations a step needs: how fast it could be at most."""

import time
from pathlib import Path

from task import SIZES, Task, open_task, tokens


def roofline(folder: Path) -> dict:
    """Operations a target token, and the machine's rates in float32 and bfloat16, in operations a second."""
    task = open_task(folder)
    return {"operations_per_token": operations(task), "rates": rates(task)}


def operations(task: Task) -> float:
    """Multiplications and additions that a training step must do for each true target token, matrix products only.

    A product of (n, k) and (k, m) takes 2 n k m; its two gradients as many each.
    """
    E, H, U, V = SIZES["embedding"], SIZES["encoder_units"], SIZES["decoder_units"], task.pieces
    of_source = 2 * (E + H) * 3 * H  # both directions
    of_target = (E + U) * 3 * U + (U + E) * E + E * V
    source = sum(int((inputs["source"] > 0).sum()) for inputs, _, _ in task.train)
    return 3 * 2 * (of_target + of_source * source / tokens(task.train))


def rates(task: Task, repeats: int = 100) -> dict[str, float]:
    """Measured on the product of the output layer, which is most of the work: operations a second, at best."""
    from seq2seq.backend import open_backend

    open_backend()
    import keras
    from keras import ops

    rows, E, V = task.train[0][1].size, SIZES["embedding"], task.pieces
    found = {}
    for dtype in ("float32", "bfloat16"):
        a = ops.cast(keras.random.normal((rows, E)), dtype)
        b = ops.cast(keras.random.normal((E, V)), dtype)
        seconds = []
        for _ in range(repeats):
            begun = time.perf_counter()
            float(ops.cast(ops.matmul(a, b)[0, 0], "float32"))
            seconds.append(time.perf_counter() - begun)
        found[dtype] = 2 * rows * E * V / min(seconds)
    return found
