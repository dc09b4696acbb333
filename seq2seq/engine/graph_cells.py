"""The formulas of the recurrent cells as nodes of a graph: one step forward, as in `seq2seq.layers.cells`."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from seq2seq.engine.nodes import Nodes

Activation = Callable[[Nodes, str], str]

ACTIVATIONS: dict[str, Activation] = {
    "tanh": lambda graph, x: graph.node("Tanh", x),
    "relu": lambda graph, x: graph.node("Relu", x),
    "elu": lambda graph, x: graph.node("Elu", x),
    "softsign": lambda graph, x: graph.node("Softsign", x),
    "linear": lambda graph, x: x,
    "sigmoid": lambda graph, x: graph.node("Sigmoid", x),
    "hard_sigmoid": lambda graph, x: graph.node("HardSigmoid", x, alpha=1 / 6, beta=0.5),
}
EPSILON = 1e-5  # of layer normalisation, as in `seq2seq.layers.normalisation`
BOUNDED = ("tanh", "softsign")  # between -1 and 1, and so are the states that are made with them


class Cell(NamedTuple):
    """One step of a recurrent network.

    Attributes:
        gates: how many blocks of H columns each weight matrix has.
        states: the letters of the vectors that are carried from step to step; the first one is the output h.
        forward: (graph, x, u, states, f, g, H, out) -> states, see `seq2seq.layers.cells.Cell`; out is what an LSTM
            makes of c before the output gate multiplies it: f, or f of the layer-normalised c.
        blocks: the gates that are normalised together where the cell is layer-normalised.
    """

    gates: int
    states: str
    forward: Callable[..., list[str]]
    blocks: tuple[int, ...]


def _rnn(
    graph: Nodes, x: str, u: str, states: Sequence[str], f: Activation, g: Activation, H: int, out: Activation
) -> list[str]:
    return [f(graph, graph.node("Add", x, u))]


def _gru(
    graph: Nodes, x: str, u: str, states: Sequence[str], f: Activation, g: Activation, H: int, out: Activation
) -> list[str]:
    x_zr, x_c = graph.split(x, 2 * H, H)
    u_zr, u_c = graph.split(u, 2 * H, H)
    z, r = graph.split(g(graph, graph.node("Add", x_zr, u_zr)), H, H)
    candidate = f(graph, graph.node("Add", x_c, graph.node("Mul", r, u_c)))
    # z h + (1 - z) c, written so that z is read once
    difference = graph.node("Mul", z, graph.node("Sub", states[0], candidate))
    return [graph.node("Add", candidate, difference)]


def _lstm(
    graph: Nodes, x: str, u: str, states: Sequence[str], f: Activation, g: Activation, H: int, out: Activation
) -> list[str]:
    a_if, a_c, a_o = graph.split(graph.node("Add", x, u), 2 * H, H, H)
    i, forget = graph.split(g(graph, a_if), H, H)
    kept = graph.node("Mul", forget, states[1])
    c = graph.node("Add", kept, graph.node("Mul", i, f(graph, a_c)))
    return [graph.node("Mul", g(graph, a_o), out(graph, c)), c]


CELLS = {
    "rnn": Cell(1, "h", _rnn, blocks=(1,)),
    "gru": Cell(3, "h", _gru, blocks=(2, 1)),
    "lstm": Cell(4, "hc", _lstm, blocks=(4,)),
}
