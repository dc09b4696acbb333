"""What every contender is given: the same corpus, vocabulary, sizes and batches, as arrays on disk."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sentencepiece import SentencePieceProcessor

Batch = tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]  # source and target_in, target_out, weights
SIZES = {"embedding": 256, "encoder_units": 256, "decoder_units": 512}  # encoder units of each of two directions
LEARNING_RATE, CLIP_NORM, SEED = 1e-3, 1.0, 1


class Task(NamedTuple):
    """A folder that `prepare` filled.

    Attributes:
        folder: where it is.
        pieces: size of the joint vocabulary, V.
        train: teacher-forcing batches, in the order in which everybody sees them.
        dev: likewise, of the dev set.
        sources: the test sentences.
    """

    folder: Path
    pieces: int
    train: list[Batch]
    dev: list[Batch]
    sources: list[str]

    def vocabulary(self) -> Any:
        """The joint pieces, as SentencePiece has them."""
        return SentencePieceProcessor(model_file=str(self.run / "tokenizer" / "source.model"))

    @property
    def run(self) -> Path:
        """A trained run of these sizes, whose weights the translators of the same network load."""
        return self.folder / "run"


def open_task(folder: Path) -> Task:
    """Read what `write_task` wrote."""
    about = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    return Task(folder, about["pieces"], _read(folder / "train.npz"), _read(folder / "dev.npz"), about["sources"])


def write_task(folder: Path, *, pieces: int, train: list[Batch], dev: list[Batch], sources: list[str]) -> None:
    """Fill the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, batches in (("train", train), ("dev", dev)):
        arrays = {}
        for index, (inputs, target_out, weights) in enumerate(batches):
            arrays |= {f"{index}.{key}": value for key, value in inputs.items()}
            arrays |= {f"{index}.target_out": target_out, f"{index}.weights": weights}
        np.savez(folder / f"{name}.npz", **arrays)
    text = json.dumps({"pieces": pieces, "sources": sources}, ensure_ascii=False)
    (folder / "task.json").write_text(text, encoding="utf-8")


def tokens(batches: list[Batch]) -> int:
    """True target tokens: padding is not counted."""
    return sum(int((weights > 0).sum()) for _, _, weights in batches)


def by_length(sources: list[list[int]], rows: int) -> list[list[int]]:
    """Indices of sentences that are translated together: the longest first, like with like."""
    order = sorted(range(len(sources)), key=lambda index: -len(sources[index]))
    return [order[start : start + rows] for start in range(0, len(order), rows)]


def padded(sources: list[list[int]]) -> np.ndarray:
    """Right-padded ids (B, T)."""
    array = np.zeros((len(sources), max(map(len, sources))), np.int32)
    for row, ids in enumerate(sources):
        array[row, : len(ids)] = ids
    return array


def longest_target(source: list[int]) -> int:
    """The most tokens that a translation may have."""
    return 2 * len(source) + 10


def _read(path: Path) -> list[Any]:
    with np.load(path, allow_pickle=False) as arrays:
        count = sum(name.endswith(".weights") for name in arrays.files)
        return [
            (
                {"source": arrays[f"{index}.source"], "target_in": arrays[f"{index}.target_in"]},
                arrays[f"{index}.target_out"],
                arrays[f"{index}.weights"],
            )
            for index in range(count)
        ]
