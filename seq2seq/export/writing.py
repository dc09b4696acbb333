"""Writing an export from a run."""

import json
from pathlib import Path
from typing import Any

from seq2seq import __version__
from seq2seq.engine.graphs import write_graphs
from seq2seq.engine.products import Float32, Int8
from seq2seq.export.guide import guide
from seq2seq.files import write_atomically
from seq2seq.runs import manifest
from seq2seq.runs.copies import write_copy
from seq2seq.runs.directory import RunDirectory

_FORMAT = 1


def export(run: str | Path, place: str | Path, *, int8: bool = False) -> Path:
    """Write a trained run as a folder that translates without Keras.

    Args:
        run: the trained run; it is only read.
        place: the folder to make.
        int8: store matrices in eight bits and multiply by them so: a quarter of the size, and faster.

    Returns:
        the folder.

    Raises:
        CheckpointError: the run cannot be opened, is an export, or there is something at the place already.
        ConfigError: the place may not be written, or lies in a run.
    """
    kind = "int8" if int8 else "float32"

    def add_graphs(origin: RunDirectory, copy: RunDirectory) -> None:
        checkpoint = origin.best()
        graphs = write_graphs(checkpoint.arrays, origin.config().model, Int8() if int8 else Float32())
        copy.checkpoints.rmdir()
        copy.graphs.mkdir()
        contents = {f"graphs/{name}.onnx": graph.SerializeToString() for name, graph in graphs._asdict().items()}
        facts = _facts(origin, checkpoint.step, kind, {name: len(content) for name, content in contents.items()})
        contents["export.json"] = (json.dumps(facts, indent=2, ensure_ascii=False) + "\n").encode()
        contents["README.md"] = guide(facts, graphs).encode()
        manifest.record(copy.path, {name: manifest.entry_of(content) for name, content in contents.items()})
        for name, content in contents.items():
            write_atomically(copy.path / name, content)
        for path in sorted(origin.path.glob("*")):
            if path.is_file() and path.name.upper().startswith(("LICENSE", "LICENCE", "NOTICE", "MODEL_CARD")):
                write_atomically(copy.path / path.name, path.read_bytes())

    return write_copy(run, place, "folder", {"weights": kind}, add_graphs, public=True)


def _facts(origin: RunDirectory, step: int, kind: str, sizes: dict[str, int]) -> dict[str, Any]:
    """What an export is: where from, how it is stored, and how good the training found it."""
    config = origin.config()
    logged = [record for record in origin.log() if record.get("step") == step]
    source, target = origin.tokenizers()
    return {
        "format": _FORMAT,
        "seq2seq": __version__,
        "run": origin.path.resolve().name,
        "step": step,
        "weights": kind,
        "bytes": sizes,
        "source_language": config.data.source_language,
        "target_languages": origin.own_targets(),
        "start_symbols": {language: target.start_of(language) for language in origin.own_targets()},
        "pieces": {"source": source.size, "target": target.size},
        "model": config.model.model_dump(),
        "search": config.translation.model_dump(),
        "normalisers": config.data.cleaning.model_dump(),
        "dev": {key: value for key, value in (logged[-1] if logged else {}).items() if key.startswith("dev_")},
        "licence": "see the files LICENSE, NOTICE and MODEL_CARD where they are here; the training data may ask more",
    }
