"""From directories to an engine: one run, or several that share their vocabularies."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seq2seq import arguments, backend
from seq2seq.engine.interface import Engine
from seq2seq.errors import CheckpointError, ConfigError, shown
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.shipped import find_run

if TYPE_CHECKING:
    from seq2seq.engine.network import OnnxNetwork

ENGINES = ("onnx", "keras")


def open_runs(runs: str | Path | Sequence[str | Path], target_language: str | None = None) -> list[RunDirectory]:
    """The directories of one run, or of an ensemble.

    Args:
        runs: the paths of the run directories, or names of models that ship.
        target_language: the language to write, if the runs know several; each run's own where not given.

    Raises:
        CheckpointError: one cannot be opened or does not write that language, or their vocabularies differ.
        ConfigError: no run is named.
    """
    opened = [find_run(run) for run in arguments.run_paths(runs)]
    if target_language is not None:
        opened = [run.for_target(target_language) for run in opened]
    first, *others = opened
    pieces = [tokenizer.fingerprint for tokenizer in first.tokenizers()] if others else []
    for run in others:
        if [tokenizer.fingerprint for tokenizer in run.tokenizers()] != pieces:
            raise CheckpointError(f"{run.path} and {first.path} have different vocabularies: an ensemble needs one")
    return opened


def open_engine(runs: Sequence[RunDirectory], engine: str = "onnx", threads: int | None = None) -> Engine:
    """The networks of some runs as one engine. What it runs on is loaded only now: Keras takes seconds.

    Args:
        runs: runs, or exports of runs, that share their vocabularies.
        engine: ``onnx`` for onnxruntime, ``keras`` for the network as it is trained, which an export does not have.
        threads: of onnxruntime: how many batches are computed at the same time; where not given, one for each core.

    Raises:
        CheckpointError: the weights of a run cannot be read.
        ConfigError: there is no such engine, or threads are given to Keras, which starts its own.
        MissingExtraError: Keras is asked for and not installed.
    """
    if engine not in ENGINES:
        raise ConfigError(f"engine is {' or '.join(map(repr, ENGINES))}: received {shown(engine)}")
    if engine == "keras":
        if threads is not None:
            raise ConfigError("threads belong to the engine 'onnx': Keras starts its own, so leave them out")
        for run in runs:
            run.refuse_export()  # before Keras is loaded, which takes seconds
        backend.open_backend()
        from seq2seq.engine.keras import KerasEngine

        return KerasEngine([run.model() for run in runs])
    from seq2seq.engine.onnx import OnnxEngine

    return OnnxEngine([_network(run) for run in runs], threads)


def _network(run: RunDirectory) -> "OnnxNetwork":
    """The graphs of an export; those of a run are made now, in memory."""
    from seq2seq.engine.graphs import write_graphs
    from seq2seq.engine.network import OnnxNetwork
    from seq2seq.engine.products import Float32
    from seq2seq.export.reading import read_network

    if run.is_export():
        return read_network(run)
    return OnnxNetwork(write_graphs(run.best().arrays, run.config().model, Float32()))
