"""One network as onnxruntime computes it: the functions of `seq2seq.model` that translate.

B sentences, T source length, K hypotheses of a sentence, C candidates of a short-list, E embedding,
S summary, V pieces.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from seq2seq.engine.graphs import BIAS, FROM_TOKEN, Graphs
from seq2seq.engine.products import ACTIVATION_STEP, COLUMNS, STEPS
from seq2seq.errors import CheckpointError, cut
from seq2seq.symbols import BOS, EOS, PAD, UNK

_TABLES = 1 << 26  # bytes of tables, at most, that replace products of a step
_ROWS = 256  # of a table that are computed at a time
Step = Callable[[np.ndarray, "State"], tuple[np.ndarray, "State"]]


class Encoding(NamedTuple):
    """What the encoder makes of the sources: h(T), and what only a decoder with attention reads.

    Attributes:
        summary: (B, S).
        memory: states (B, T, S) and mask (B, T); empty without attention.
    """

    summary: np.ndarray
    memory: tuple[np.ndarray, ...] = ()


class State(NamedTuple):
    """The decoder's state.

    Attributes:
        layers: the layers' states, each (B, K, H).
        fixed: what stays the same for all tokens and hypotheses of a sentence, each with B rows.
    """

    layers: tuple[np.ndarray, ...]
    fixed: tuple[np.ndarray, ...]

    def rows(self, sentences: np.ndarray, hypotheses: np.ndarray) -> "State":
        """The state of some hypotheses.

        Args:
            sentences: (N,) which sentences are kept.
            hypotheses: (N, K) which hypotheses of each.
        """
        layers = tuple(layer[sentences[:, None], hypotheses] for layer in self.layers)
        if len(sentences) == len(self.layers[0]):  # then they are all there, in order
            return State(layers, self.fixed)
        return State(layers, tuple(array[sentences] for array in self.fixed))


class OnnxNetwork:
    """The graphs of one network, ready to be run by several threads at the same time.

    Attributes:
        source_pieces, pieces: the sizes of the vocabularies.
        summary_size: S.
        has_attention: whether the decoder reads the encoder's states.
    """

    def __init__(self, graphs: Graphs):
        constants = {constant.name: constant for constant in graphs.encode.graph.initializer}
        self.source_pieces: int = constants["source_embedding/table"].dims[0]
        self.summary_size = _last_size(graphs.start.graph.input[0])
        self.pieces = _last_size(graphs.step.graph.output[0])
        self.has_attention = len(graphs.encode.graph.output) > 1
        self._encode, self._start = _session(graphs.encode), _session(graphs.start)
        self._tables = _tables(graphs.step, self.pieces)
        self._step = _session(_without_token(graphs.step) if self._tables else graphs.step)
        self._layers = [value.name for value in graphs.step.graph.output[1:]]
        self._state = [value.name for value in graphs.step.graph.input[1:]]
        self._graph = graphs.step
        self._short: tuple[onnxruntime.InferenceSession, list[np.ndarray]] | None = None

    def encode(self, source: np.ndarray) -> Encoding:
        """From padded ids (B, T)."""
        summary, *memory = _call(self._encode, {"source": source})
        return Encoding(summary, tuple(memory))

    def start(self, encoding: Encoding) -> State:
        """The decoder's state before its first token."""
        states = {"states": encoding.memory[0]} if self.has_attention else {}
        parts = _call(self._start, {"summary": encoding.summary} | states)
        layers = len(self._layers)
        return State(tuple(parts[:layers]), (*parts[layers:], *encoding.memory))

    def step(self, token: np.ndarray, state: State) -> tuple[np.ndarray, State]:
        """The log-probabilities (B, K, V) of what follows each token (B, K), and the state after it."""
        return self._run(self._step, token, {}, state)

    def short_step(self, pieces: np.ndarray, penalties: np.ndarray, state: State) -> tuple[Step, State]:
        """A step that scores only some pieces, and the state that it needs.

        Args:
            pieces: (C,) ids.
            penalties: (B, C), what is added to the score of each piece of each sentence.
            state: before the first token.

        Returns:
            a function like `step`, with log-probabilities (B, K, C), and the state with a bias for each sentence.
        """
        if self._short is None:
            opened = _with_open_outputs(_without_token(self._graph) if self._tables else self._graph)
            self._short = _session(opened), _outputs(self._graph)
        session, constants = self._short
        inputs = {COLUMNS: np.ascontiguousarray(constants[0][pieces].T)}
        if len(constants) > 2:
            inputs[STEPS] = constants[2][pieces]
        bias = constants[1][pieces] + penalties
        fixed = (*state.fixed, bias[:, None])

        def step(token: np.ndarray, state: State) -> tuple[np.ndarray, State]:
            known = State(state.layers, state.fixed[:-1])
            log_probs, after = self._run(session, token, inputs | {BIAS: state.fixed[-1]}, known)
            return log_probs, State(after.layers, state.fixed)

        return step, State(state.layers, fixed)

    def try_out(self) -> None:
        """Translate two tokens of two sources, of which one is padded.

        Raises:
            ValueError: what comes out is not the distribution of a next piece.
            CheckpointError: the graphs do not fit each other.
            KeyError: the output layer is not where a short-list looks for it.
        """
        _outputs(self._graph)
        state = self.start(self.encode(np.array([[UNK, EOS], [EOS, PAD]], np.int32)))
        sizes = [layer.shape for layer in state.layers]
        for _ in range(2):
            log_probs, state = self.step(np.array([[BOS], [BOS]], np.int32), state)
            if log_probs.shape != (2, 1, self.pieces) or [layer.shape for layer in state.layers] != sizes:
                raise ValueError("a step changes the shape of its state or of its log-probabilities")
            with np.errstate(invalid="ignore"):
                sums = np.logaddexp.reduce(log_probs, axis=-1)
            if not np.allclose(sums, 0, atol=1e-3):
                raise ValueError("the probabilities of the next piece do not add up to 1")

    def _run(
        self, session: onnxruntime.InferenceSession, token: np.ndarray, inputs: dict[str, np.ndarray], state: State
    ) -> tuple[np.ndarray, State]:
        if self._tables:
            inputs.update((name, table[token]) for name, table in self._tables.items())
        else:
            inputs["token"] = token
        inputs.update(zip(self._state, state.layers + state.fixed, strict=True))
        log_probs, *layers = _call(session, inputs)
        return log_probs, State(tuple(layers), state.fixed)


def _session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """A session of one thread: batches run side by side."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what fails is raised, so it need not be printed too
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def _call(session: onnxruntime.InferenceSession, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
    """The outputs of a graph.

    Raises:
        CheckpointError: onnxruntime refuses it for these inputs, as it may a graph that seq2seq did not write.
    """
    try:
        outputs: list[np.ndarray] = session.run(None, inputs)
    except Exception as error:  # onnxruntime has a class for each fault
        raise CheckpointError(f"onnxruntime cannot run a graph: {cut(str(error), 300)}") from error
    return outputs


def _tables(step: onnx.ModelProto, pieces: int) -> dict[str, np.ndarray]:
    """What a step computes from the token alone, for all tokens, (V, ...) by name; nothing where it would be large.

    A step that reads it from tables has a product less.
    """
    of_token = [helper.make_empty_tensor_value_info(name) for name in FROM_TOKEN]
    session = _session(_part(step, step.graph.input[:1], of_token))
    first = session.run(None, {"token": np.zeros((1, 1), np.int32)})
    if pieces * sum(row.nbytes for row in first) > _TABLES:
        return {}
    tables = [np.empty((pieces, row.shape[-1]), np.float32) for row in first]
    for begin in range(0, pieces, _ROWS):  # a few at a time, since each node keeps its output
        ids = np.arange(begin, min(begin + _ROWS, pieces), dtype=np.int32)[None]
        for table, rows in zip(tables, session.run(None, {"token": ids}), strict=True):
            table[begin : begin + _ROWS] = rows[0]
    return dict(zip(FROM_TOKEN, tables, strict=True))


def _without_token(step: onnx.ModelProto) -> onnx.ModelProto:
    """A step whose inputs are what tables hold for its token."""
    values = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["B", "K", None]) for name in FROM_TOKEN]
    return _part(step, [*values, *step.graph.input[1:]], step.graph.output)


def _part(model: onnx.ModelProto, inputs: Sequence[Any], outputs: Sequence[Any]) -> onnx.ModelProto:
    """What of a model leads from some values to others."""
    known = {value.name for value in inputs}
    needed, nodes = {value.name for value in outputs}, []
    for node in reversed(model.graph.node):
        if needed & set(node.output):
            nodes.append(node)
            needed |= set(node.input) - known
    constants = [constant for constant in model.graph.initializer if constant.name in needed]
    graph = helper.make_graph(nodes[::-1], model.graph.name, inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def _outputs(step: onnx.ModelProto) -> list[np.ndarray]:
    """The table (V, E) and the bias (V,) of the output layer, and in eight bits its steps (V,)."""
    makers = {node.output[0]: node.input[0] for node in step.graph.node}
    names = [makers[COLUMNS], BIAS, *([makers[STEPS]] if STEPS in makers else [])]
    constants = {constant.name: constant for constant in step.graph.initializer}
    arrays = [numpy_helper.to_array(constants[name]) for name in names]
    if len(arrays) > 2:
        arrays[2] = arrays[2] * np.float32(ACTIVATION_STEP)
    return arrays


def _with_open_outputs(step: onnx.ModelProto) -> onnx.ModelProto:
    """A step whose output layer is an input instead of a constant."""
    numbers = helper.np_dtype_to_tensor_dtype(_outputs(step)[0].dtype)
    values: dict[str, tuple[int, list[str | int | None]]] = {
        COLUMNS: (numbers, ["E", "C"]),
        BIAS: (onnx.TensorProto.FLOAT, ["B", 1, "C"]),
        STEPS: (onnx.TensorProto.FLOAT, ["C"]),
    }
    read = {name for node in step.graph.node for name in node.input}
    opened = [helper.make_tensor_value_info(name, *value) for name, value in values.items() if name in read]
    log_probs = helper.make_tensor_value_info("log_probs", onnx.TensorProto.FLOAT, ["B", "K", "C"])
    return _part(step, [*step.graph.input, *opened], [log_probs, *step.graph.output[1:]])


def _last_size(value: onnx.ValueInfoProto) -> int:
    return int(value.type.tensor_type.shape.dim[-1].dim_value)
