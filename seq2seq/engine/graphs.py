"""A run's weights as three ONNX graphs, which are the functions of `seq2seq.model` that translate.

    encode  source (B, T)                   -> summary (B, S); with attention also states (B, T, D), mask (B, T)
    start   summary (B, S)                  -> the decoder's state before its first token
    step    token (B, K), decoder's state   -> log_probs (B, K, V), the layers' next states

The decoder's state: the states of each layer, h0, h1, ... (B, 1, H; after a step B, K, H) and, of LSTMs, c0, c1, ...;
summary_input (B, 1, G) and summary_readout (B, 1, E), what the summary adds at every step; with attention also keys
(B, T, H), states and mask. What belongs to a sentence is there once for its K hypotheses.

B sentences, T source length, K hypotheses of a sentence, E embedding, H units, G = gates x H, D encoder state,
S summary, V pieces.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import onnx

from seq2seq.engine.graph_cells import ACTIVATIONS, BOUNDED, CELLS, EPSILON, Cell
from seq2seq.engine.nodes import Nodes, Value
from seq2seq.engine.products import Products
from seq2seq.settings.config import Model
from seq2seq.symbols import PAD
from seq2seq.weight_count import summary_shape

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
        self.bounded = settings.activation in BOUNDED  # states, and all that is made of them but sums
        self.directions = _DIRECTIONS[settings.direction]
        self.target = "source_embedding" if settings.shared_embeddings else "target_embedding"
        self.output = self.target if settings.tied_embeddings else "output_embedding"
        H, (slots, D) = settings.decoder_units, summary_shape(settings)
        E, V = settings.embedding, len(weights["output_bias"])
        self.summary: dict[str, Value] = {"summary": ("float32", ("B", slots * D))}
        self.memory: dict[str, Value] = {"states": ("float32", ("B", "T", D)), "mask": ("bool", ("B", "T"))}
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
            outputs = self._read(graph, f"encoder/layer{layer}", states, mask, bounded=self._is_bounded(layer))
            below = [states, *finals] if layer else []
            states, *finals = self._summed(graph, outputs, below)
        if self.settings.pooling == "last":
            graph.node("Concat", *finals, name="summary", axis=-1)
        else:
            self._pool(graph, states, mask)
        values = dict(self.summary)
        if self.settings.attention:
            graph.node("Identity", states, name="states")
            values |= self.memory
        return graph.model("encode", {"source": ("int32", ("B", "T"))}, values)

    def _is_bounded(self, layers: int) -> bool:
        """Whether what so many layers have made is known to lie between -1 and 1; embeddings are not."""
        return self.bounded and (layers == 1 or (layers > 1 and not self.settings.residual))

    def _summed(self, graph: Nodes, outputs: list[str], below: list[str]) -> list[str]:
        """What a layer writes: its outputs, to which a residual one adds those of the layer below it, if any."""
        if not (self.settings.residual and below):
            return outputs
        return [graph.node("Add", output, other) for output, other in zip(outputs, below, strict=True)]

    def _read(self, graph: Nodes, layer: str, inputs: str, mask: str, bounded: bool) -> list[str]:
        """One layer of the encoder: its states (B, T, D) in the order of the source, and each direction's last one.

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
            sequences.append(self._inputs(graph, inputs, name, bounded=bounded))
            before = [f"{name}.{state}" for state in self.cell.states]
            after = self._after(body, f"{name}.input", name, before, H)
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
        return [graph.node("Concat", *sequence, axis=-1), *(f"{name}.final_h" for name in names)]

    def _pool(self, graph: Nodes, states: str, mask: str) -> None:
        """The summary as the mean or the maximum of the true tokens' states, or as several weighted means."""
        true, time = graph.node("Unsqueeze", mask, graph.axes(-1)), graph.axes(1)
        if self.settings.pooling == "max":
            low = graph.node("Where", true, states, graph.constant("low", np.float32(-1e9)))
            graph.node("ReduceMax", low, time, name="summary", keepdims=0)
            return
        if self.settings.pooling == "slots":
            self._slots(graph, states, true)
            return
        total = graph.node("ReduceSum", graph.node("Where", true, states, graph.constant("zero", np.float32(0))), time)
        tokens = graph.node("ReduceSum", graph.node("Cast", true, to=1), time)
        graph.node("Squeeze", graph.node("Div", total, tokens), time, name="summary")

    def _slots(self, graph: Nodes, states: str, true: str) -> None:
        """The summary as weighted means of the true tokens' states, one behind the other."""
        bounded = self._is_bounded(self.settings.encoder_layers)
        hidden = graph.node("Tanh", self._product(graph, states, "encoder/slots/kernel", bounded=bounded))
        scores = self._product(graph, hidden, "encoder/slots/queries", bounded=True)
        scores = graph.node("Where", true, scores, graph.constant("low", np.float32(-1e9)))
        weights = graph.node("Transpose", graph.node("Softmax", scores, axis=1), perm=[0, 2, 1])
        size = self.summary["summary"][1][-1]
        graph.node("Reshape", graph.node("MatMul", weights, states), graph.axes(0, int(size)), name="summary")

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
        fixed = "summary_input" if settings.summary_every_step else ""
        inputs = self._inputs(graph, embedded, "decoder/layer0", name="token_input", fixed=fixed)
        output = ""
        for layer in range(settings.decoder_layers):
            name = f"decoder/layer{layer}"
            if layer:
                inputs = self._inputs(graph, output, name, bounded=self._is_bounded(layer))
            before = self.layers[layer * count : (layer + 1) * count]
            after = self._after(graph, inputs, name, before, H)
            (output,) = self._summed(graph, after[:1], [output] if layer else [])
            for of_layer, value in zip(before, after, strict=True):
                graph.node("Identity", value, name=f"next_{of_layer}")
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
        bounded = self._is_bounded(self.settings.decoder_layers)
        parts = [self.products.product(graph, output, "decoder/readout/state_kernel", of_state, bounded), token]
        if self.settings.attention:
            context = self._context(graph, output)
            name = "decoder/readout/context_kernel"
            bounded = self._is_bounded(self.settings.encoder_layers)
            parts.append(self.products.product(graph, context, name, of_context, bounded))
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

    def _inputs(
        self, graph: Nodes, vectors: str, layer: str, *, name: str = "", fixed: str = "", bounded: bool = False
    ) -> str:
        """The input's part of a layer's pre-activations; `fixed` is added to what comes of the vectors (`name`)."""
        if self.settings.layer_norm:
            product = self._product(graph, vectors, f"{layer}/kernel", bounded=bounded)
            inputs = graph.node("Identity", product, name=name)
        else:
            inputs = self._linear(graph, vectors, layer, name=name, bounded=bounded)
        if fixed:
            inputs = graph.node("Add", inputs, fixed)
        return self._normalised(graph, inputs, f"{layer}/input_gain", f"{layer}/bias", self.cell.blocks)

    def _after(self, graph: Nodes, inputs: str, layer: str, before: Sequence[str], H: int) -> list[str]:
        """A layer's states after a step: from the input's part of the pre-activations, and the states before it."""
        u = self._product(graph, before[0], f"{layer}/recurrent_kernel", bounded=self.bounded)
        u = self._normalised(graph, u, f"{layer}/recurrent_gain", f"{layer}/recurrent_bias", self.cell.blocks)

        def out(graph: Nodes, c: str) -> str:
            return self.f(graph, self._normalised(graph, c, f"{layer}/state_gain", f"{layer}/state_bias", (1,)))

        return self.cell.forward(graph, inputs, u, before, self.f, self.g, H, out)

    def _normalised(self, graph: Nodes, vectors: str, gain: str, bias: str, blocks: tuple[int, ...]) -> str:
        """The layer-normalised vectors, block by block; where the cell is not layer-normalised, as they are."""
        if not self.settings.layer_norm:
            return vectors
        size = len(self.weights[gain]) // sum(blocks)
        sizes = [size * block for block in blocks]
        parts = graph.split(vectors, *sizes) if len(sizes) > 1 else [vectors]
        normalised: list[str] = []
        for index, part in enumerate(parts):
            rows = slice(sum(sizes[:index]), sum(sizes[: index + 1]))
            weights = [graph.constant(f"{name}.{index}", self.weights[name][rows]) for name in (gain, bias)]
            normalised.append(graph.node("LayerNormalization", part, *weights, axis=-1, epsilon=EPSILON))
        return graph.node("Concat", *normalised, axis=-1) if len(sizes) > 1 else normalised[0]

    def _rows(self, graph: Nodes, ids: str, embedding: str) -> str:
        return self.products.rows(graph, ids, f"{embedding}/table", self.weights[f"{embedding}/table"])

    def _product(self, graph: Nodes, vectors: str, name: str, **known: Any) -> str:
        return self.products.product(graph, vectors, name, self.weights[name], **known)

    def _linear(self, graph: Nodes, vectors: str, layer: str, *, name: str = "", **known: Any) -> str:
        """A layer's kernel and bias: W x + b."""
        product = self._product(graph, vectors, f"{layer}/kernel", **known)
        return graph.node("Add", product, graph.constant(f"{layer}/bias", self.weights[f"{layer}/bias"]), name=name)
