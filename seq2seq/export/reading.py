"""Reading the graphs of an export, which may be a stranger's: only plain graphs of known operators are taken in."""

from collections.abc import Iterable

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import numpy_helper
from onnx.checker import ValidationError

from seq2seq.engine.graph_cells import CELLS
from seq2seq.engine.graphs import Graphs
from seq2seq.engine.network import OnnxNetwork
from seq2seq.engine.nodes import OPERATORS, OPSET
from seq2seq.errors import CheckpointError, cut, shown
from seq2seq.runs import manifest
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.reading import LARGEST_GRAPH
from seq2seq.settings.config import Model


def read_network(directory: RunDirectory) -> OnnxNetwork:
    """The network of an export, ready to be run.

    Raises:
        CheckpointError: a graph is missing, damaged, of another export, or one that seq2seq does not write.
    """
    graphs = read_graphs(directory)
    try:
        network = OnnxNetwork(graphs)
        network.try_out()
    except Exception as error:  # onnxruntime has a class for each fault, all of them for a graph that cannot be run
        raise CheckpointError(f"{directory.graphs}: the graphs cannot be run: {cut(str(error), 300)}") from error
    pieces = tuple(tokenizer.size for tokenizer in directory.tokenizers())
    if (network.source_pieces, network.pieces) != pieces:
        sizes = (
            f"{network.source_pieces:,} and {network.pieces:,} pieces, the vocabularies {pieces[0]:,} and {pieces[1]:,}"
        )
        raise CheckpointError(f"{directory.graphs} are not of this export: the graphs have {sizes}: copy it again")
    return network


def read_graphs(directory: RunDirectory) -> Graphs:
    """The graphs of an export, checked as far as can be done without running them.

    Raises:
        CheckpointError: a graph is missing, damaged, or one that seq2seq does not write.
    """
    graphs = Graphs(*(_read(directory, name) for name in Graphs._fields))
    try:
        _check_names(graphs, directory.config().model)
    except ValueError as error:
        raise CheckpointError(f"{directory.graphs}: the graphs cannot be run: {cut(str(error), 300)}") from error
    return graphs


def _read(directory: RunDirectory, name: str) -> onnx.ModelProto:
    path = directory.graphs / f"{name}.onnx"
    content = manifest.read(directory.path, f"graphs/{name}.onnx", LARGEST_GRAPH)
    try:
        model = onnx.load_model_from_string(content)
        check_graph(model)
        onnx.checker.check_model(model)
    except (DecodeError, ValidationError, ValueError) as error:
        raise CheckpointError(f"{path} is not a graph that seq2seq wrote: {cut(str(error), 300)}") from error
    return model


def _check_names(graphs: Graphs, settings: Model) -> None:
    """See that what one graph gives is what the next one reads, and that there are the layers of the settings.

    Raises:
        ValueError: it is not; says what.
    """
    encode, start, step = ((_names(graph.graph.input), _names(graph.graph.output)) for graph in graphs)
    memory = encode[1][1:]
    layers = start[1][: settings.decoder_layers * len(CELLS[settings.cell].states)]
    expected = {
        "encode": (["source"], ["summary", *memory]),
        "start": (["summary", *memory[:1]], start[1]),
        "step": (["token", *start[1], *memory], ["log_probs", *(f"next_{layer}" for layer in layers)]),
    }
    for (name, wanted), names in zip(expected.items(), (encode, start, step), strict=True):
        if names != wanted:
            raise ValueError(f"{name} has inputs and outputs {shown(names)}, expected {shown(wanted)}")


def _names(values: Iterable[onnx.ValueInfoProto]) -> list[str]:
    return [value.name for value in values]


def check_graph(model: onnx.ModelProto) -> None:
    """See that a graph needs no other file and no code: standard operators of those that seq2seq writes, and numbers.

    Raises:
        ValueError: it does; says what.
    """
    domains = {opset.domain: opset.version for opset in model.opset_import}
    if domains != {"": OPSET}:
        raise ValueError(f"it needs the operators {shown(domains)}, expected the standard ones of version {OPSET}")
    if model.functions:
        raise ValueError(f"it defines functions, such as {shown(model.functions[0].name)}")
    _check(model.graph)


def _check(graph: onnx.GraphProto) -> None:
    tensors = list(graph.initializer)
    if graph.sparse_initializer:
        raise ValueError("it has sparse numbers")
    for node in graph.node:
        if node.domain or node.op_type not in OPERATORS:
            raise ValueError(f"it has the operator {shown(node.op_type)} of {shown(node.domain)}")
        for attribute in node.attribute:
            tensors += [attribute.t, *attribute.tensors]
            for inner in (attribute.g, *attribute.graphs):
                _check(inner)
    for tensor in tensors:
        if tensor.external_data or tensor.data_location == onnx.TensorProto.EXTERNAL:
            raise ValueError(f"the numbers of {shown(tensor.name)} are in another file")
        if tensor.data_type == onnx.TensorProto.FLOAT and not np.isfinite(numpy_helper.to_array(tensor)).all():
            raise ValueError(f"the numbers of {shown(tensor.name)} are not finite")
