"""One number for all of a run that decides a translation, to notice that the run has changed."""

import hashlib
import json

from seq2seq.runs.checkpoint import newest_checkpoint
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.manifest import entry_of
from seq2seq.runs.reading import open_inside


def identity_of(run: RunDirectory) -> str:
    """The SHA-256 over a run's weights, vocabularies, short-list, network and cleaning, in hexadecimal digits.

    It stays the same where the run is copied or moved, and where settings change that decide no translation. Those of
    the search, which a command can replace, do not count.

    Raises:
        CheckpointError: the run has no weights, or a file of it cannot be read.
    """
    config = run.config()
    settings = {
        "model": config.model.model_dump(),
        "cleaning": config.data.cleaning.model_dump(),
        "max_source_tokens": config.data.max_source_tokens,
        "languages": [config.data.source_language, config.data.target_language],
    }
    files = [run.path / "tokenizer" / name for name in ("source.model", "target.model")]
    if run.has_shortlist():
        files.append(run.path / "shortlist.npz")
    if run.is_export():
        files += sorted(run.graphs.glob("*.onnx"))
    else:
        checkpoint = newest_checkpoint(run.checkpoints, "best") or newest_checkpoint(run.checkpoints, "last")
        if checkpoint is None:
            run.load("last")  # raises, and says that there is none
        else:
            files.append(checkpoint / "arrays.npz")
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for path in files:
        with open_inside(path, run.path) as file:
            digest.update(bytes.fromhex(entry_of(file).sha256))
    return digest.hexdigest()
