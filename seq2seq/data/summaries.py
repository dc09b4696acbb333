"""Stored summaries: h(T) of many sentences on disk, for decoders that learn with the encoder switched off.

A folder for each encoder, named by a fingerprint of its weights; in it, parts that are only ever added, by one process
at a time. A sentence that several corpora share is encoded once. S units of the summary.
"""

import hashlib
import io
import json
import secrets
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from seq2seq.errors import CheckpointError
from seq2seq.files import flush_file, move_into_place, write_atomically
from seq2seq.locking import owned

Ids = Sequence[int] | np.ndarray
_CHUNK = 4096  # sentences encoded together


class Summaries:
    """The summaries of one encoder.

    Args:
        folder: where the summaries of all encoders lie, a subfolder for each.
        fingerprint: a digest of this encoder's weights and of the vocabulary that it reads.
        size: S, the numbers in a summary.
    """

    def __init__(self, folder: str | Path, fingerprint: str, size: int):
        self.folder = Path(folder) / fingerprint
        self.size = size
        self._keys = np.empty(0, np.uint64)
        self._places = np.empty((0, 2), np.int64)  # part and row
        self._parts: list[np.ndarray] = []
        self._opened: set[Path] = set()
        self._look()

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
        with owned(self.folder / ".lock", "storing summaries", wait=True):
            self._look()  # what another process stored while this one waited
            keys = np.fromiter(missing, np.uint64, len(missing))
            keys = keys[self._find(keys) < 0]
            self._sweep()
            if len(keys):
                self._store(keys, [missing[int(key)] for key in keys], encode)
        return len(keys)

    def _sweep(self) -> None:
        """Remove what a process left that was killed: parts of files, and vectors whose keys were not written."""
        known = {path.name.removesuffix(".keys.npy") for path in self._opened}
        vectors = [path for path in self.folder.glob("[!.]*.npy") if not path.name.endswith(".keys.npy")]
        for path in [*self.folder.glob(".*.part"), *(path for path in vectors if path.stem not in known)]:
            path.unlink()

    def _store(self, keys: np.ndarray, ids: list[Ids], encode: Callable[[Sequence[Ids]], np.ndarray]) -> None:
        """Write a part: its vectors, its digests, and last its keys, which make it one."""
        name = secrets.token_hex(8)  # no other process, and no earlier one, has the same
        path = self.folder / f"{name}.npy"
        part = self.folder / f".{name}.npy.part"
        header = {"descr": "<f4", "fortran_order": False, "shape": (len(ids), self.size)}
        try:
            with part.open("wb") as file, tqdm(total=len(ids), desc="encoding", unit="sentence") as bar:
                np.lib.format.write_array_header_1_0(file, header)
                for done in range(0, len(ids), _CHUNK):
                    chunk = ids[done : done + _CHUNK]
                    file.write(np.ascontiguousarray(encode(chunk), "<f4").tobytes())
                    bar.update(len(chunk))
            flush_file(part)
            move_into_place(part, path)
        finally:
            part.unlink(missing_ok=True)
        stream = io.BytesIO()
        np.save(stream, keys, allow_pickle=False)
        content = stream.getvalue()
        digests = {"vectors": _digest(path), "keys": hashlib.sha256(content).hexdigest()}
        write_atomically(path.with_suffix(".json"), json.dumps(digests).encode())
        write_atomically(path.with_suffix(".keys.npy"), content)
        self._look()

    def rows(self, sentences: Sequence[Ids], rows: int) -> np.ndarray:
        """The summaries of some sentences and zeros below, (rows, S).

        Raises:
            CheckpointError: one of them is not stored.
        """
        indices = self._find(np.asarray([_key(sentence) for sentence in sentences], np.uint64))
        if (indices < 0).any():
            raise CheckpointError(f"{self.folder} lacks {(indices < 0).sum()} of {len(indices)} sentences: delete it")
        vectors = np.zeros((rows, self.size), np.float32)
        parts, places = self._places[indices].T
        for part in np.unique(parts):
            members = np.flatnonzero(parts == part)
            vectors[members] = self._parts[part][places[members]]
        return vectors

    def _find(self, keys: np.ndarray) -> np.ndarray:
        """The index of each key, or -1."""
        if not len(self._keys):
            return np.full(len(keys), -1)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[at] == keys, at, -1)

    def _look(self) -> None:
        """Open the parts that are there and not open yet."""
        for path in sorted(self.folder.glob("*.keys.npy")):
            if path not in self._opened:
                self._open(path)
                self._opened.add(path)

    def _open(self, path: Path) -> None:
        place = path.with_name(path.name.removesuffix(".keys.npy"))
        try:
            keys = np.load(path, allow_pickle=False)
            vectors = np.load(place.with_suffix(".npy"), mmap_mode="r", allow_pickle=False)
            if vectors.shape != (len(keys), self.size) or (keys.dtype, vectors.dtype) != (np.uint64, np.float32):
                raise ValueError(f"vectors of shape {vectors.shape} for {len(keys)} keys")
            digests = place.with_suffix(".json")  # parts of older versions have none
            if digests.exists():
                actual = {"vectors": _digest(place.with_suffix(".npy")), "keys": _digest(path)}
                if json.loads(digests.read_bytes()) != actual:
                    raise ValueError("its SHA-256 differs")
        except (OSError, ValueError, TypeError, MemoryError) as error:
            raise CheckpointError(f"the stored summaries {path} are damaged ({error}): delete {self.folder}") from error
        places = np.stack([np.full(len(keys), len(self._parts)), np.arange(len(keys))], axis=1)
        self._parts.append(vectors)
        all_keys, all_places = np.concatenate([self._keys, keys]), np.concatenate([self._places, places])
        order = np.argsort(all_keys, kind="stable")
        self._keys, self._places = all_keys[order], all_places[order]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _key(sentence: Ids) -> int:
    content = np.asarray(sentence, np.uint16).tobytes()
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little")
