"""The gradient of a sentence's loss at every step of the encoder's top layer, walked back by hand.

The decoder's wish reaches the encoder where its outputs are read: at the last step, or at all steps where they are
pooled or looked at. From there it travels back, multiplied at each step by that step's derivative and the transposed
recurrent matrix (Werbos 1990). What is left after k steps is how much a word k steps back could still be learned from.

B batch, T source length, U target length, H units, D directions.
"""

from typing import Any

import numpy as np
from keras import ops

from seq2seq.backend import gradient
from seq2seq.layers.cells import States
from seq2seq.layers.encoder import Reading
from seq2seq.layers.recurrent import Recurrent
from seq2seq.losses import token_losses
from seq2seq.model import Encoding, Seq2Seq
from seq2seq.symbols import PAD

Tensor = Any
GATES = {  # the blocks of the recurrent matrix, in order
    "rnn": ("state",),
    "gru": ("update z", "reset r", "candidate c"),
    "lstm": ("input i", "forget f", "candidate c", "output o"),
}
_MEMORY = {"gru": 0, "lstm": 1}  # which of the tensors that a cell saves is the gate that keeps the old state
_NEVER = 1e-7  # a gate this close to 0 or 1 counts as that far from it: logarithms stay finite
_SQUARINGS = 17  # the last of 17 norms is that of the power 2**16 = 65,536


def readings(model: Seq2Seq, source: Tensor) -> tuple[list[Reading], Tensor]:
    """What each direction of the top layer reads and keeps, and the rows' lengths (B,)."""
    lengths = ops.sum(ops.cast(ops.not_equal(source, PAD), "int32"), axis=1)
    return model.encoder.read(model.source_embedding(source), lengths), lengths


def state_gradients(model: Seq2Seq, source: Tensor, target_in: Tensor, target_out: Tensor) -> list[States]:
    """dL/ds(t), L the sum of a sentence's token losses, s the state (h, or h and c) after step t.

    Through all later states: t counts in the order in which a direction reads.

    Returns:
        for each direction, the gradient of each of its states, (B, T, H).
    """
    directions, lengths = readings(model, source)

    def loss(outputs: list[Tensor]) -> Tensor:
        encoding = Encoding(None, ops.not_equal(source, PAD), None)
        states, summary = model.encoder.finish(outputs, lengths)
        losses = token_losses(target_out, model.decode(encoding._replace(states=states, summary=summary), target_in))
        return ops.sum(ops.where(ops.not_equal(target_out, PAD), losses, ops.zeros_like(losses)))

    # What a residual layer adds is not this layer's, so the gradient of its output is that of its h.
    arriving = gradient(loss, [reading.output for reading in directions])
    return [walk_back(reading, arrives) for reading, arrives in zip(directions, arriving, strict=True)]


def walk_back(reading: Reading, arriving: Tensor) -> States:
    """Backpropagation through time: what arrives at each output, and what the step after it hands back.

    Args:
        reading: what one direction of the encoder computed, see `readings`.
        arriving: dL/dh(t) that does not come through later steps, (B, T, H).

    Returns:
        the whole gradient of each state, (B, T, H).
    """
    layer = reading.layer
    arriving, *after = (_by_step(tensor) for tensor in (arriving, *reading.states))
    before, saved = _forward(reading)
    transposed = ops.transpose(layer.recurrent_kernel)

    def back(carry: States, t: Tensor) -> tuple[States, States]:
        handed = carry[: layer.cell.states]
        total = (handed[0] + arriving[t], *handed[1:])
        at_t = (tuple(tensor[t] for tensor in kept) for kept in (before, after, saved))
        _, du, direct, *_ = layer.cell.backward(total, *at_t, layer.f, layer.g, *layer.cell_weights())
        result = (direct[0] + ops.matmul(du, transposed), *direct[1:], *total)
        return result, result

    nothing = (ops.zeros_like(arriving[0]),) * (2 * layer.cell.states)
    _, stacked = ops.scan(back, nothing, ops.arange(ops.shape(arriving)[0]), reverse=True)
    return tuple(_by_step(total) for total in stacked[layer.cell.states :])


def has_memory_gate(layer: Recurrent) -> bool:
    """Whether a gate multiplies the old state: a simple cell has none."""
    return layer.cell_name in _MEMORY


def log_memory_gates(reading: Reading) -> Tensor:
    """The logarithm of the gate that multiplies the old state, at every step, (B, T, H)."""
    _, saved = _forward(reading)
    return _by_step(ops.log(ops.clip(saved[_MEMORY[reading.layer.cell_name]], _NEVER, 1 - _NEVER)))


def _forward(reading: Reading) -> tuple[States, States]:
    """The states before each step and what the cell saves there, each (T, B, H): all steps at once, states known."""
    layer = reading.layer
    states = [_by_step(state) for state in reading.states]
    before = tuple(ops.concatenate([ops.zeros_like(state[:1]), state[:-1]], axis=0) for state in states)
    u = ops.matmul(before[0], layer.recurrent_kernel)
    x = _by_step(layer.project(reading.inputs))
    _, saved = layer.cell.forward(x, u, before, layer.f, layer.g, *layer.cell_weights())
    return before, saved


def _by_step(sequence: Tensor) -> Tensor:
    """(B, T, H) to (T, B, H), or back."""
    return ops.transpose(sequence, (1, 0, 2))


def matrices(layer: Recurrent) -> dict[str, dict[str, float]]:
    """Of each gate's recurrent matrix: the largest singular value, and the largest absolute eigenvalue."""
    blocks = np.split(np.asarray(layer.recurrent_kernel, np.float64), layer.cell.gates, axis=1)
    return {
        gate: {"spectral_norm": spectral_radius(block.T @ block) ** 0.5, "spectral_radius": spectral_radius(block)}
        for gate, block in zip(GATES[layer.cell_name], blocks, strict=True)
    }


def spectral_radius(matrix: np.ndarray) -> float:
    """The largest absolute eigenvalue, as the limit of the k-th root of the k-th power's norm (Gelfand 1941).

    With k = 65,536 it is exact to a few digits more than are of use, and much faster than all eigenvalues.
    """
    log_radius = 0.0
    power = matrix
    for squarings in range(_SQUARINGS):
        size = float(np.linalg.norm(power))
        if not size:
            return 0.0
        log_radius += np.log(size) / 2**squarings
        power = (power / size) @ (power / size)
    return float(np.exp(log_radius))
