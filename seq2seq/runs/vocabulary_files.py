"""The vocabularies of a run, as SentencePiece models: tokenizer/source.model and tokenizer/target.model."""

import shutil
from pathlib import Path

from seq2seq.files import flush_folder, move_into_place, write_and_flush
from seq2seq.runs import manifest
from seq2seq.runs.reading import MEGABYTE
from seq2seq.tokenizer import Tokenizer

_LARGEST = 64 * MEGABYTE


def write_tokenizers(root: Path, source: Tokenizer, target: Tokenizer) -> None:
    """Put both vocabularies into a run, in one step."""
    part = root / ".tokenizer.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    models = {"source.model": source.model, "target.model": target.model}
    for name, model in models.items():
        write_and_flush(part / name, model)
    flush_folder(part)
    manifest.record(root, {f"tokenizer/{name}": manifest.entry_of(model) for name, model in models.items()})
    move_into_place(part, root / "tokenizer")


def read_tokenizers(root: Path) -> tuple[Tokenizer, Tokenizer]:
    """The vocabularies of a run, source and target.

    Raises:
        CheckpointError: one is missing, damaged, or another run's.
    """
    return _read(root, "source"), _read(root, "target")


def _read(root: Path, side: str) -> Tokenizer:
    name = f"tokenizer/{side}.model"
    return Tokenizer.read(manifest.read(root, name, _LARGEST), origin=str(root / name))
