"""A run's weights as three ONNX graphs, which are the functions of `seq2seq.model` that translate.

    encode  source (B, T)                   -> summary (B, S); with attention also states (B, T, S), mask (B, T)
    start   summary (B, S)                  -> the decoder's state before its first token
    step    token (B, K), decoder's state   -> log_probs (B, K, V), the layers' next states

The decoder's state: the states of each layer, h0, h1, ... (B, 1, H; after a step B, K, H) and, of LSTMs, c0, c1, ...;
summary_input (B, 1, G) and summary_readout (B, 1, E), what the summary adds at every step; with attention also keys
(B, T, H), states and mask. What belongs to a sentence is there once for its K hypotheses.

B sentences, T source length, K hypotheses of a sentence, E embedding, H units, G = gates x H, S summary, V pieces.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import onnx

from seq2seq.engine.graph_cells import ACTIVATIONS, BOUNDED, CELLS, Cell
from seq2seq.engine.nodes import Nodes, Value
from seq2seq.engine.products import Products
from seq2seq.settings.config import Model
from seq2seq.symbols import PAD

FROM_TOKEN = ("token_input", "token_readout")  # the values of a step that depend on nothing but the token
BIAS = "output_bias"
_DIRECTIONS = {"forward": [False], "reversed": [True], "bidirectional": [False, True]}  # whether read backwards
Weights = Mapping[str, np.ndarray]


class Graphs(NamedTuple):
    """The graphs of one network, each a model that can be saved."""

    encode: onnx.ModelProto
    start: onnx.ModelProto
    step: onnx.ModelProto


def write_graphs(weights: Weights, settings: Model, products: Products) -> Graphs:
    """The graphs of a network.

    Args:
        weights: by name, as a checkpoint has them.
        settings: the `[model]` section that they were trained with.
        products: how matrices are stored.
    """
    weights = {name.removeprefix("seq2seq/"): weight.astype(np.float32) for name, weight in weights.items()}
    writer = _Writer(weights, settings, products)
    return Graphs(writer.encode(), writer.start(), writer.step())


class _Writer:
    """Writes the graphs of one network; its arguments are those of `write_graphs`."""

    def __init__(self, weights: Weights, settings: Model, products: Products):
        self.weights, self.settings, self.products = weights, settings, products
        self.cell: Cell = CELLS[settings.cell]
        self.f, self.g = ACTIVATIONS[settings.activation], ACTIVATIONS[settings.recurrent_activation]
        self.bounded = settings.activation in BOUNDED  # states, and all that is made of them
        self.directions = _DIRECTIONS[settings.direction]
        self.target = "source_embedding" if settings.shared_embeddings else "target_embedding"
        self.output = self.target if settings.tied_embeddings else "output_embedding"
        H, S = settings.decoder_units, settings.encoder_units * len(self.directions)
        E, V = settings.embedding, len(weights["output_bias"])
        self.summary: dict[str, Value] = {"summary": ("float32", ("B", S))}
        self.memory: dict[str, Value] = {"states": ("float32", ("B", "T", S)), "mask": ("bool", ("B", "T"))}
        self.log_probs: dict[str, Value] = {"log_probs": ("float32", ("B", "K", V))}
        self.layers = [f"{state}{layer}" for layer in range(settings.decoder_layers) for state in self.cell.states]
        self.fixed: dict[str, Value] = {}
        if settings.summary_every_step:
            self.fixed["summary_input"] = "float32", ("B", 1, self.cell.gates * H)
            self.fixed["summary_readout"] = "float32", ("B", 1, E)
        if settings.attention:
            self.fixed["keys"] = "float32", ("B", "T", H)

    def encode(self) -> onnx.ModelProto:
        """From the source to its summary."""
        graph = Nodes()
        mask = graph.node("Not", graph.node("Equal", "source", graph.constant("pad", np.int32(PAD))), name="mask")
        states = self._rows(graph, "source", "source_embedding")
        finals: list[str] = []
        for layer in range(self.settings.encoder_layers):
            states, finals = self._read(
                graph, f"encoder/layer{layer}", states, mask, bounded=self.bounded and bool(layer)
            )
        if self.settings.pooling == "last":
            graph.node("Concat", *finals, name="summary", axis=-1)
        else:
            self._pool(graph, states, mask)
        outputs = dict(self.summary)
        if self.settings.attention:
            graph.node("Identity", states, name="states")
            outputs |= self.memory
        return graph.model("encode", {"source": ("int32", ("B", "T"))}, outputs)

    def _read(self, graph: Nodes, layer: str, inputs: str, mask: str, bounded: bool) -> tuple[str, list[str]]:
        """One layer of the encoder: its states (B, T, S) in the order of the source, and each direction's last one.

        Each direction is a scan over time. At padding a state stays as it is, and a backward reading comes to the true
        tokens with its first state: so padding reaches nothing.
        """
        H, directions = self.settings.encoder_units, self.directions
        batch = graph.node("Slice", graph.node("Shape", "source"), graph.axes(0), graph.axes(1))
        shape = graph.node("Concat", batch, graph.axes(H), axis=0)
        zeros = graph.node("Expand", graph.constant("zero", np.float32(0)), shape)
        names = [f"{layer}_{'backward' if backward else 'forward'}" for backward in directions]
        body, states, outputs, sequences = Nodes(graph.numbers), [], [], []
        for name in names:
            sequences.append(self._linear(graph, inputs, name, bounded=bounded))
            before = [f"{name}.{state}" for state in self.cell.states]
            u = self._product(body, before[0], f"{name}/recurrent_kernel", bounded=self.bounded)
            after = self.cell.forward(body, f"{name}.input", u, before, self.f, self.g, H)
            true = f"{name}.mask"
            kept = [body.node("Where", true, new, old) for new, old in zip(after, before, strict=True)]
            states += list(zip(before, kept, strict=True))
            outputs.append(body.node("Identity", kept[0]))
        state: Value = ("float32", ("B", H))
        steps: Value = ("float32", ("B", self.cell.gates * H))
        read: dict[str, Value] = {before: state for before, _ in states} | {f"{name}.input": steps for name in names}
        read |= {f"{name}.mask": ("bool", ("B", 1)) for name in names}
        written = dict.fromkeys([kept for _, kept in states] + outputs, state)
        masks = [graph.node("Unsqueeze", mask, graph.axes(-1))] * len(names)
        finals = [f"{name}.final_{state}" for name in names for state in self.cell.states]
        sequence = [f"{name}.states" for name in names]
        graph.nodes(
            "Scan",
            *[zeros] * len(states),
            *sequences,
            *masks,
            names=finals + sequence,
            body=body.graph(layer.replace("/", "_"), read, written),
            num_scan_inputs=2 * len(names),
            scan_input_axes=[1] * 2 * len(names),
            scan_input_directions=[int(backward) for backward in directions] * 2,
            scan_output_axes=[1] * len(names),
            scan_output_directions=[int(backward) for backward in directions],
        )
        return graph.node("Concat", *sequence, axis=-1), [f"{name}.final_h" for name in names]

    def _pool(self, graph: Nodes, states: str, mask: str) -> None:
        """The summary as the mean or the maximum of the true tokens' states."""
        true, time = graph.node("Unsqueeze", mask, graph.axes(-1)), graph.axes(1)
        if self.settings.pooling == "max":
            low = graph.node("Where", true, states, graph.constant("low", np.float32(-1e9)))
            graph.node("ReduceMax", low, time, name="summary", keepdims=0)
            return
        total = graph.node("ReduceSum", graph.node("Where", true, states, graph.constant("zero", np.float32(0))), time)
        tokens = graph.node("ReduceSum", graph.node("Cast", true, to=1), time)
        graph.node("Squeeze", graph.node("Div", total, tokens), time, name="summary")

    def start(self) -> onnx.ModelProto:
        """From the summary to the decoder's state before its first token."""
        graph, settings = Nodes(), self.settings
        H = settings.decoder_units
        # A summary may also be a vector that no encoder made: one outside -1 to 1 is scaled, not cut off.
        summary = graph.node("Unsqueeze", "summary", graph.axes(1))
        bridge = graph.node("Tanh", self._linear(graph, summary, "decoder/bridge", least=1.0))
        sizes = graph.constant("sizes", np.full(len(self.layers), H, np.int64))
        graph.nodes("Split", bridge, sizes, names=self.layers, axis=-1)
        if settings.summary_every_step:
            parts = {"summary_input": "layer0/constant_kernel", "summary_readout": "summary_readout/kernel"}
            for name, kernel in parts.items():
                product = self._product(graph, summary, f"decoder/{kernel}", least=1.0)
                graph.node("Identity", product, name=name)
        inputs = dict(self.summary)
        if settings.attention:
            inputs["states"] = self.memory["states"]
            kernel = graph.constant("decoder/attention/kernel", self.weights["decoder/attention/kernel"].T)
            graph.node("MatMul", "states", kernel, name="keys")
        first = dict.fromkeys(self.layers, ("float32", ("B", 1, H)))
        return graph.model("start", inputs, first | self.fixed)

    def step(self) -> onnx.ModelProto:
        """From a token and the state before it to the log-probabilities of the next token, and the state after."""
        graph, settings = Nodes(), self.settings
        H, count = settings.decoder_units, len(self.cell.states)
        embedded = self._rows(graph, "token", self.target)
        inputs = self._linear(graph, embedded, "decoder/layer0", name="token_input")
        if settings.summary_every_step:
            inputs = graph.node("Add", inputs, "summary_input")
        output = ""
        for layer in range(settings.decoder_layers):
            if layer:
                inputs = self._linear(graph, output, f"decoder/layer{layer}", bounded=self.bounded)
            before = self.layers[layer * count : (layer + 1) * count]
            u = self._product(graph, before[0], f"decoder/layer{layer}/recurrent_kernel", bounded=self.bounded)
            after = self.cell.forward(graph, inputs, u, before, self.f, self.g, H)
            output = after[0]
            for name, value in zip(before, after, strict=True):
                graph.node("Identity", value, name=f"next_{name}")
        readout = self._readout(graph, embedded, output)
        logits = self.products.scores(graph, readout, f"{self.output}/table", self.weights[f"{self.output}/table"])
        logits = graph.node("Add", logits, graph.constant(BIAS, self.weights["output_bias"]))
        graph.node("LogSoftmax", logits, name="log_probs", axis=-1)
        state: Value = ("float32", ("B", "K", H))
        read: dict[str, Value] = {"token": ("int32", ("B", "K"))} | dict.fromkeys(self.layers, state) | self.fixed
        read |= self.memory if settings.attention else {}
        return graph.model("step", read, self.log_probs | {f"next_{name}": state for name in self.layers})

    def _readout(self, graph: Nodes, embedded: str, output: str) -> str:
        """tanh(W_d d + W_e e + W_h h(T) + W_a context + b), (B, K, E)."""
        H, E = self.settings.decoder_units, self.settings.embedding
        kernel, bias = self.weights["decoder/readout/kernel"], self.weights["decoder/readout/bias"]
        of_state, of_token, of_context = np.split(kernel, [H, H + E])
        token = self.products.product(graph, embedded, "decoder/readout/token_kernel", of_token)
        token = graph.node("Add", token, graph.constant("decoder/readout/bias", bias), name="token_readout")
        parts = [self.products.product(graph, output, "decoder/readout/state_kernel", of_state, self.bounded), token]
        if self.settings.attention:
            context = self._context(graph, output)
            name = "decoder/readout/context_kernel"
            parts.append(self.products.product(graph, context, name, of_context, self.bounded))
        if self.settings.summary_every_step:
            parts.append("summary_readout")
        total, *others = parts
        for part in others:
            total = graph.node("Add", total, part)
        return graph.node("Tanh", total)

    def _context(self, graph: Nodes, queries: str) -> str:
        """The mean of the encoder's states under the attention of each hypothesis, (B, K, S)."""
        scores = graph.node("MatMul", queries, graph.node("Transpose", "keys", perm=[0, 2, 1]))
        true = graph.node("Unsqueeze", "mask", graph.axes(1))
        scores = graph.node("Where", true, scores, graph.constant("low", np.float32(-1e9)))
        return graph.node("MatMul", graph.node("Softmax", scores, axis=-1), "states")

    def _rows(self, graph: Nodes, ids: str, embedding: str) -> str:
        return self.products.rows(graph, ids, f"{embedding}/table", self.weights[f"{embedding}/table"])

    def _product(self, graph: Nodes, vectors: str, name: str, **known: Any) -> str:
        return self.products.product(graph, vectors, name, self.weights[name], **known)

    def _linear(self, graph: Nodes, vectors: str, layer: str, *, name: str = "", **known: Any) -> str:
        """A layer's kernel and bias: W x + b."""
        product = self._product(graph, vectors, f"{layer}/kernel", **known)
        return graph.node("Add", product, graph.constant(f"{layer}/bias", self.weights[f"{layer}/bias"]), name=name)
