"""An export: a folder that translates without Keras, on onnxruntime or from any language that onnxruntime speaks.

It is laid out like a run (see `seq2seq.runs.directory`) and opens like one. Instead of checkpoints it has graphs:

    config.json  about.json  manifest.json  metrics.jsonl  tokenizer/  shortlist.npz  familiarity.npz   as in a run
    graphs/      encode.onnx, start.onnx, step.onnx: see seq2seq.engine.graphs
    export.json  what it is: where from, how its weights are stored, sizes, scores
    README.md    how to call the graphs
"""
