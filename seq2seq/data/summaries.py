"""Stored summaries: h(T) of many sentences on disk, for decoders that learn with the encoder switched off.

A folder for each encoder, named by a fingerprint of its weights; in it, parts that are only ever added. A sentence that
several corpora share is encoded once. S units of the summary.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from seq2seq.errors import CheckpointError

Ids = Sequence[int] | np.ndarray
_CHUNK = 4096  # sentences encoded together


class Summaries:
    """The summaries of one encoder.

    Args:
        folder: of all encoders.
        fingerprint: of this encoder's weights and of the vocabulary that it reads.
        size: S.
    """

    def __init__(self, folder: str | Path, fingerprint: str, size: int):
        self.folder, self.size = Path(folder) / fingerprint, size
        self._keys = np.empty(0, np.uint64)
        self._places = np.empty((0, 2), np.int64)  # part and row
        self._parts: list[np.ndarray] = []
        for path in sorted(self.folder.glob("*.keys.npy")):
            self._open(path)

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, sentences: Iterable[Ids], encode: Callable[[Sequence[Ids]], np.ndarray]) -> int:
        """Encode and store those that are not there yet, whole or not at all; returns how many.

        Args:
            sentences: source ids without the end symbol.
            encode: ids of several sentences to their summaries, (sentences, S) float32.
        """
        missing: dict[int, Ids] = {}
        for sentence in sentences:
            key = _key(sentence)
            if key not in missing and self._find(np.asarray([key], np.uint64))[0] < 0:
                missing[key] = np.array(sentence)
        if not missing:
            return 0
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{len(self._parts):04d}.npy"
        part = path.with_suffix(".npy.part")
        vectors = np.lib.format.open_memmap(part, "w+", np.float32, (len(missing), self.size))
        ids = list(missing.values())
        with tqdm(total=len(ids), desc="encoding", unit="sentence") as bar:
            for done in range(0, len(ids), _CHUNK):
                chunk = ids[done : done + _CHUNK]
                vectors[done : done + len(chunk)] = encode(chunk)
                bar.update(len(chunk))
        vectors.flush()
        part.replace(path)
        keys = path.with_suffix(".keys.npy")
        np.save(part.with_suffix(".npy"), np.fromiter(missing, np.uint64, len(missing)), allow_pickle=False)
        part.with_suffix(".npy").replace(keys)
        self._open(keys)
        return len(ids)

    def rows(self, sentences: Sequence[Ids], rows: int) -> np.ndarray:
        """The summaries of some sentences and zeros below, (rows, S).

        Raises:
            CheckpointError: one of them is not stored.
        """
        found = self._find(np.asarray([_key(sentence) for sentence in sentences], np.uint64))
        if (found < 0).any():
            raise CheckpointError(f"{self.folder} lacks {(found < 0).sum()} of {len(found)} sentences: delete it")
        vectors = np.zeros((rows, self.size), np.float32)
        parts, places = self._places[found].T
        for part in np.unique(parts):
            here = np.flatnonzero(parts == part)
            vectors[here] = self._parts[part][places[here]]
        return vectors

    def _find(self, keys: np.ndarray) -> np.ndarray:
        """The index of each key, or -1."""
        if not len(self._keys):
            return np.full(len(keys), -1)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[at] == keys, at, -1)

    def _open(self, path: Path) -> None:
        try:
            keys = np.load(path, allow_pickle=False)
            vectors = np.load(str(path).replace(".keys.npy", ".npy"), mmap_mode="r", allow_pickle=False)
            if vectors.shape != (len(keys), self.size):
                raise ValueError(f"vectors of shape {vectors.shape} for {len(keys)} keys")
        except (OSError, ValueError) as error:
            raise CheckpointError(f"the stored summaries {path} are damaged ({error}): delete {self.folder}") from error
        places = np.stack([np.full(len(keys), len(self._parts)), np.arange(len(keys))], axis=1)
        self._parts.append(vectors)
        all_keys, all_places = np.concatenate([self._keys, keys]), np.concatenate([self._places, places])
        order = np.argsort(all_keys, kind="stable")
        self._keys, self._places = all_keys[order], all_places[order]


def _key(sentence: Ids) -> int:
    content = np.asarray(sentence, np.uint16).tobytes()
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little")
