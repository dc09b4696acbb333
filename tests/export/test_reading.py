"""A damaged export, or a stranger's, is refused with its reason."""

import json

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from seq2seq.engine.nodes import OPSET
from seq2seq.errors import CheckpointError
from seq2seq.export.reading import check_graph
from seq2seq.runs.manifest import entry_of
from seq2seq.translator import Translator


def replace(folder, name, content):
    """Put a file into an export as a stranger would: with the digest that belongs to it."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = entry_of(content)._asdict()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def refusal(folder):
    with pytest.raises(CheckpointError) as caught:
        Translator.load(folder)
    return str(caught.value)


@pytest.mark.parametrize("name", ["graphs/encode.onnx", "graphs/step.onnx", "tokenizer/target.model", "config.json"])
def test_changed_file_is_refused_by_its_name(copied, name):
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    assert str(copied / name) in refusal(copied)
    assert "its SHA-256 differs" in refusal(copied)


def test_missing_graph_is_refused(copied):
    (copied / "graphs" / "start.onnx").unlink()
    assert "start.onnx" in refusal(copied)


@pytest.mark.parametrize("content", [b"", b"no graph", b"\x00" * 100])
def test_what_is_no_graph_is_refused(copied, content):
    replace(copied, "graphs/step.onnx", content)
    assert "step.onnx is not a graph that seq2seq wrote" in refusal(copied)


def test_graph_of_another_place_is_refused(copied):
    replace(copied, "graphs/step.onnx", (copied / "graphs" / "start.onnx").read_bytes())
    assert "the graphs cannot be run" in refusal(copied)


def test_graphs_of_another_vocabulary_are_refused(copied):
    model = onnx.load(copied / "graphs" / "encode.onnx")
    table = next(c for c in model.graph.initializer if c.name == "source_embedding/table")
    array = numpy_helper.to_array(table)
    table.CopyFrom(numpy_helper.from_array(np.concatenate([array, array[:1]]), table.name))
    replace(copied, "graphs/encode.onnx", model.SerializeToString())
    assert "341 and 340 pieces, the vocabularies 340 and 340" in refusal(copied)


def model_of(*nodes, opset="", functions=(), constants=()):
    value = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["N"])
    result = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["N"])
    graph = helper.make_graph(nodes, "g", [value], [result], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid(opset, OPSET)], functions=functions)


def elsewhere(name):
    """Numbers that lie in another file."""
    tensor = numpy_helper.from_array(np.zeros(1, np.float32), name)
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    return tensor


TANH = helper.make_node("Tanh", ["x"], ["y"])
BODY = helper.make_graph([helper.make_node("Loop", ["a"], ["b"])], "body", [], [])
FUNCTION = helper.make_function("", "F", ["a"], ["b"], [], [helper.make_opsetid("", OPSET)])
STRANGE = {
    "the standard ones": model_of(TANH, opset="com.microsoft"),
    "the operator 'If'": model_of(helper.make_node("If", ["x"], ["y"])),
    "the operator 'Tanh' of 'custom'": model_of(helper.make_node("Tanh", ["x"], ["y"], domain="custom")),
    "the operator 'Loop'": model_of(helper.make_node("Scan", ["x"], ["y"], body=BODY, num_scan_inputs=1)),
    "it defines functions": model_of(TANH, functions=[FUNCTION]),
    "the numbers of 'table' are in another file": model_of(TANH, constants=[elsewhere("table")]),
    "the numbers of 'inner' are in another file": model_of(
        helper.make_node("Cast", ["x"], ["y"], value=elsewhere("inner"))
    ),
}


@pytest.mark.parametrize("reason", STRANGE)
def test_graph_that_needs_more_than_numbers_is_refused(reason):
    with pytest.raises(ValueError, match=reason):
        check_graph(STRANGE[reason])


def test_plain_graph_is_taken_in():
    check_graph(model_of(TANH))


def rename_input(graph):
    name = graph.input[0].name
    for node in graph.node:
        node.input[:] = ["other" if value == name else value for value in node.input]
    graph.input[0].name = "other"


def leave_out_the_next_state(graph):
    del graph.output[-1]


def exchange_outputs(graph):
    values = list(graph.output)[::-1]
    del graph.output[:]
    graph.output.extend(values)


def ask_for_more(graph):
    graph.input.append(helper.make_tensor_value_info("more", onnx.TensorProto.FLOAT, [1]))


def give_logits(graph):
    softmax = next(node for node in graph.node if node.op_type == "LogSoftmax")
    softmax.op_type = "Identity"
    del softmax.attribute[:]


def spread_over_sentences(graph):
    next(node for node in graph.node if node.op_type == "LogSoftmax").attribute[0].i = 0


def lose_a_number(graph):
    steps = next(c for c in graph.initializer if c.data_type == onnx.TensorProto.FLOAT and len(c.dims))
    array = numpy_helper.to_array(steps).copy()
    array.flat[-1] = np.nan
    steps.CopyFrom(numpy_helper.from_array(array, steps.name))


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("encode", rename_input, "encode has inputs and outputs (['other'], ['summary']), expected (['source']"),
        ("start", ask_for_more, "start has inputs and outputs (['summary', 'more']"),
        ("start", exchange_outputs, "step has inputs and outputs"),
        ("step", leave_out_the_next_state, "step has inputs and outputs"),
        ("step", give_logits, "the probabilities of the next piece do not add up to 1"),
        ("step", spread_over_sentences, "the probabilities of the next piece do not add up to 1"),
        ("encode", lose_a_number, "are not finite"),
        ("step", lose_a_number, "are not finite"),
    ],
)
def test_graph_that_does_not_do_its_part_is_refused(copied, name, change, reason):
    model = onnx.load(copied / "graphs" / f"{name}.onnx")
    change(model.graph)
    replace(copied, f"graphs/{name}.onnx", model.SerializeToString())
    assert reason in refusal(copied)


def test_graph_that_fails_later_gives_its_reason(copied):
    model = onnx.load(copied / "graphs" / "encode.onnx")
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 2
    replace(copied, "graphs/encode.onnx", model.SerializeToString())
    translator = Translator.load(copied)
    with pytest.raises(CheckpointError, match=r"onnxruntime cannot run a graph: .*invalid dimensions"):
        translator.translate(["A man is sleeping."])
