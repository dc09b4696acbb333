"""The README of an export: how to call its graphs from any language."""

from typing import Any

import onnx

from seq2seq.engine.graphs import Graphs
from seq2seq.symbols import BOS, EOS, PAD, UNK

_TYPES = {onnx.TensorProto.INT32: "int32", onnx.TensorProto.FLOAT: "float32", onnx.TensorProto.BOOL: "bool"}
_GUIDE = """# A translator: {source} to {targets}

Made by seq2seq {version} from the run `{run}`, with weights in {weights}. `export.json` has the figures,
`manifest.json` the SHA-256 of each file. Nothing in this folder is executable.

```
pip install seq2seq
echo "A man is sleeping." | seq2seq translate PATH_OF_THIS_FOLDER
```

## From any language
Three graphs (ONNX, standard operators of version {opset}) and two SentencePiece models are all that a program needs.
B sentences, T tokens of the longest source, K hypotheses of each sentence (1 for greedy search).

{tables}

Ids that have a meaning: {pad} padding, {bos} start, {eos} end, {unk} unknown. Which start symbol begins which language:
{starts}.

1. Normalise the text as training did (`normalisers` in `export.json`), and cut it into ids with
   `tokenizer/source.model`.
2. End each source with {eos} and pad on the right with {pad}. `encode` gives the summary h(T), and `start` the
   decoder's state.
3. Give `step` the start symbol and the state. Of its log-probabilities choose the next token, but never {pad}, {bos} or
   {unk}. Give `step` that token and the `next_` states, and all other inputs as before, until the end symbol is chosen.
4. `tokenizer/target.model` makes text of the ids.

The loop in Python, for one sentence:

```python
import numpy as np
import onnxruntime as ort
import sentencepiece as sp

encode, start, step = (ort.InferenceSession(f"graphs/{{name}}.onnx") for name in ("encode", "start", "step"))
source, target = (sp.SentencePieceProcessor(model_file=f"tokenizer/{{side}}.model") for side in ("source", "target"))

def call(graph, values):
    inputs = {{value.name: values[value.name] for value in graph.get_inputs()}}
    return {{value.name: array for value, array in zip(graph.get_outputs(), graph.run(None, inputs))}}

values = {{"source": np.array([source.encode("A man is sleeping.") + [{eos}]], np.int32)}}
values |= call(encode, values)
values |= call(start, values)
ids = [{first}]
while len(ids) < 100 and ids[-1] != {eos}:
    after = call(step, values | {{"token": np.array([ids[-1:]], np.int32)}})
    log_probs = after.pop("log_probs")[0, 0]
    log_probs[[{pad}, {bos}, {unk}]] = -np.inf
    ids.append(int(log_probs.argmax()))
    values |= {{name.removeprefix("next_"): array for name, array in after.items()}}
print(target.decode([index for index in ids[1:] if index != {eos}]))
```
"""


def guide(facts: dict[str, Any], graphs: Graphs) -> str:
    """The text of the README.

    Args:
        facts: the content of export.json.
        graphs: the graphs of the export.
    """
    return _GUIDE.format(
        source=facts["source_language"],
        targets=", ".join(facts["target_languages"]),
        version=facts["seq2seq"],
        run=facts["run"],
        weights=facts["weights"],
        opset=graphs.step.opset_import[0].version,
        tables="\n\n".join(_table(name, graph.graph) for name, graph in graphs._asdict().items()),
        starts=", ".join(f"{symbol} for {language}" for language, symbol in facts["start_symbols"].items()),
        first=next(iter(facts["start_symbols"].values())),
        pad=PAD,
        bos=BOS,
        eos=EOS,
        unk=UNK,
    )


def _table(name: str, graph: onnx.GraphProto) -> str:
    rows = [f"| `{name}` | | type | shape |", "|---|---|---|---|"]
    for direction, values in (("input", graph.input), ("output", graph.output)):
        for value in values:
            tensor = value.type.tensor_type
            shape = ", ".join(str(axis.dim_param or axis.dim_value) for axis in tensor.shape.dim)
            rows.append(f"| {direction} | `{value.name}` | {_TYPES[tensor.elem_type]} | ({shape}) |")
    return "\n".join(rows)
