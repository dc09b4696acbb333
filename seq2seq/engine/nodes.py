"""Writing an ONNX graph: nodes and constants, one after the other."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

Value = tuple[str, tuple[str | int, ...]]  # of a graph, its type and its shape
OPSET = 18
# All that seq2seq's graphs are made of.
OPERATORS = frozenset(
    {
        "Abs",
        "Add",
        "Cast",
        "Concat",
        "Div",
        "Elu",
        "Equal",
        "Expand",
        "Gather",
        "HardSigmoid",
        "Identity",
        "LayerNormalization",
        "LogSoftmax",
        "MatMul",
        "MatMulInteger",
        "Max",
        "Mul",
        "Not",
        "QuantizeLinear",
        "ReduceMax",
        "ReduceSum",
        "Relu",
        "Reshape",
        "Scan",
        "Shape",
        "Sigmoid",
        "Slice",
        "Softmax",
        "Softsign",
        "Split",
        "Squeeze",
        "Sub",
        "Tanh",
        "Transpose",
        "Unsqueeze",
        "Where",
    }
)  # fmt: skip
_IR_VERSION = 9  # of the file format; runtimes refuse files that are newer than they are
_TYPES = {"int32": onnx.TensorProto.INT32, "float32": onnx.TensorProto.FLOAT, "bool": onnx.TensorProto.BOOL}


class Nodes:
    """A graph that is being written. A value is known by its name, which `node` and `constant` return.

    >>> graph = Nodes()
    >>> doubled = graph.node("Mul", "x", graph.constant("two", np.float32(2)), name="doubled")
    >>> graph.model("double", {"x": ("float32", ("N",))}, {"doubled": ("float32", ("N",))}).graph.node[0].op_type
    'Mul'

    Args:
        numbers: for the names of values that are not given one; a graph within a graph takes its parent's.
    """

    def __init__(self, numbers: Iterator[int] | None = None):
        self.numbers = count() if numbers is None else numbers
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def node(self, operator: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """The only output of a new node.

        Args:
            operator: one of `OPERATORS`.
            inputs: the values that it reads.
            name: of the output; a number where none is given.
            attributes: of the operator.
        """
        return self.nodes(operator, *inputs, names=[name or self._name(operator)], **attributes)[0]

    def nodes(self, operator: str, *inputs: str, names: Sequence[str], **attributes: Any) -> list[str]:
        """The outputs of a new node, by the names that are given."""
        self._nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return list(names)

    def split(self, value: str, *sizes: int) -> list[str]:
        """The parts of a value along its last axis."""
        lengths = self.constant(self._name("sizes"), np.array(sizes, np.int64))
        return self.nodes("Split", value, lengths, names=[self._name("part") for _ in sizes], axis=-1)

    def constant(self, name: str, array: np.ndarray | np.generic) -> str:
        """A constant; of a name that is there already, the first one stays."""
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)
        return name

    def axes(self, *numbers: int) -> str:
        """The constant that names axes, or is a shape."""
        return self.constant("axes_" + "_".join(map(str, numbers)), np.array(numbers, np.int64))

    def graph(self, name: str, inputs: Mapping[str, Value], outputs: Mapping[str, Value]) -> onnx.GraphProto:
        """The graph: its inputs and outputs by name, each with its type and shape."""
        return helper.make_graph(
            self._nodes, name, _described(inputs), _described(outputs), list(self._constants.values())
        )

    def model(self, name: str, inputs: Mapping[str, Value], outputs: Mapping[str, Value]) -> onnx.ModelProto:
        """The graph as a model that can be saved."""
        opset = [helper.make_opsetid("", OPSET)]
        graph = self.graph(name, inputs, outputs)
        return helper.make_model(graph, opset_imports=opset, ir_version=_IR_VERSION, producer_name="seq2seq")

    def _name(self, of: str) -> str:
        return f"{of}_{next(self.numbers)}"


def _described(values: Mapping[str, Value]) -> list[onnx.ValueInfoProto]:
    return [helper.make_tensor_value_info(name, _TYPES[kind], shape) for name, (kind, shape) in values.items()]
