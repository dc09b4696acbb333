"""Pairs of token ids in a memory-mapped Arrow file, read by index: the text never has to fit into memory."""

import json
import math
import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from seq2seq.errors import CheckpointError, cut, shown
from seq2seq.symbols import BOS, PAD, UNK

_KINDS = ((np.uint16, 2), (np.int32, 4))  # of ids and of offsets, and their bytes
SCHEMA = pa.schema([("source", pa.list_(pa.uint16())), ("target", pa.list_(pa.uint16())), ("corpus", pa.uint16())])


class EncodedPairs:
    """Token ids of pairs, without reserved ids, in an Arrow file that stays on disk.

    Args:
        path: a file that `encode_pairs` or `write_ids` wrote.

    Attributes:
        source_lengths, target_lengths: (pairs,) tokens of each side, the end symbol included.
        weights: for each corpus, how often a pair of it is seen in an epoch.
        starts: likewise, the start symbol of its targets.
        corpora: (pairs,) which corpus each pair is from.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        try:
            with self.path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            metadata, batches = _read_batches(pa.py_buffer(self._map))
            self.weights, self.starts = _weights_and_starts(metadata)
        except (OSError, ValueError, LookupError, TypeError, MemoryError, RecursionError, pa.ArrowException) as error:
            raise CheckpointError(
                f"{path} is not a complete file of encoded pairs ({cut(str(error))}): delete it and train again"
            ) from error
        self._chunks = [tuple(_flat(batch.column(side)) for side in (0, 1)) for batch in batches]
        self._starts = np.cumsum([0] + [batch.num_rows for batch in batches])
        self._ids, self._offsets = (np.frombuffer(self._map, kind, len(self._map) // size) for kind, size in _KINDS)
        self._places = self._look_for_places()
        self.corpora, self.source_lengths, self.target_lengths = (np.empty(len(self), np.uint16) for _ in range(3))
        for batch, chunk, start, stop in zip(batches, self._chunks, self._starts, self._starts[1:], strict=False):
            self.corpora[start:stop] = _numbers(batch.column(2), np.uint16)
            for lengths, (_, offsets) in zip((self.source_lengths, self.target_lengths), chunk, strict=True):
                lengths[start:stop] = np.diff(offsets) + 1
            self.release()

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Source and target ids of one pair, each (length,), without end symbols."""
        chunk = int(np.searchsorted(self._starts, index, side="right")) - 1
        row = index - self._starts[chunk]
        (source, s), (target, t) = self._chunks[chunk]
        return source[s[row] : s[row + 1]], target[t[row] : t[row + 1]]

    def rows(self, indices: np.ndarray, side: int, width: int) -> np.ndarray:
        """One side of several pairs as right-padded rows, (n, width), read in one go.

        Args:
            indices: (n,) of the pairs.
            side: 0 for the sources, 1 for the targets.
            width: no pair's side is longer.
        """
        chunk = np.searchsorted(self._starts, indices, side="right") - 1
        first_id, first_offset = self._places[chunk, side].T
        at = first_offset + indices - self._starts[chunk]
        begin, end = self._offsets[at], self._offsets[at + 1]
        steps = np.arange(width)
        true = steps < (end - begin)[:, None]
        return np.where(true, self._ids[np.where(true, (first_id + begin)[:, None] + steps, 0)], PAD)

    def _look_for_places(self) -> np.ndarray:
        """Where each chunk's ids and offsets begin in the file, counted in numbers, (chunks, source or target, 2)."""
        begin = self._ids.__array_interface__["data"][0]
        places = np.zeros((len(self._chunks), 2, 2), np.int64)
        for chunk, sides in enumerate(self._chunks):
            for side, arrays in enumerate(sides):
                for part, array in enumerate(arrays):
                    if len(array):
                        distance = array.__array_interface__["data"][0] - begin
                        places[chunk, side, part], rest = divmod(distance, array.itemsize)
                        if rest:
                            raise self._misfit("numbers that do not lie at multiples of their size")
        return places

    def check(self, pieces: tuple[int, int], max_tokens: tuple[int, int]) -> None:
        """See that all ids are in the vocabularies, and no pair is too long.

        Args:
            pieces: sizes of the source and target vocabularies.
            max_tokens: of a source and of a target, the end symbol included.

        Raises:
            CheckpointError: a pair does not fit; says how.
        """
        for side, name, lengths in ((0, "source", self.source_lengths), (1, "target", self.target_lengths)):
            for chunk in self._chunks:
                ids = chunk[side][0]
                if len(ids) and not UNK <= ids.min() <= ids.max() < pieces[side]:
                    raise self._misfit(
                        f"{name} ids from {ids.min()} to {ids.max()}, the vocabulary has {pieces[side]:,}"
                    )
                self.release()
            if len(lengths) and lengths.max() > max_tokens[side]:
                raise self._misfit(f"a {name} of {lengths.max()} tokens, data.max_{name}_tokens is {max_tokens[side]}")
        if len(self) and self.corpora.max() >= len(self.weights):
            raise self._misfit(f"a pair of corpus {self.corpora.max()}, of {len(self.weights)}")
        if not all(0 <= start < pieces[1] for start in self.starts.tolist()):
            raise self._misfit(f"start symbols {shown(self.starts.tolist())}, the vocabulary has {pieces[1]:,}")

    def _misfit(self, what: str) -> CheckpointError:
        return CheckpointError(f"{self.path} is damaged or of another run: it has {what}: delete it and train again")

    def weigh_replay(self, first_replayed: int, share: float) -> None:
        """Set the weights of the replayed corpora, from index `first_replayed` on, so that they make up a share."""
        sizes = np.bincount(self.corpora, minlength=len(self.weights)) * np.asarray(self.weights)
        new, old = sizes[:first_replayed].sum(), sizes[first_replayed:].sum()
        if old:
            factor = float(share / (1 - share) * new / old)
            self.weights[first_replayed:] = [weight * factor for weight in self.weights[first_replayed:]]

    def release(self) -> None:
        """Let the pages that were read so far go from this process (they stay in the system's cache)."""
        if hasattr(self._map, "madvise"):
            self._map.madvise(mmap.MADV_DONTNEED)


def _read_batches(content: Any) -> tuple[dict[bytes, bytes], list[Any]]:
    """Metadata and record batches of an Arrow file, without copying; nothing in it may expand.

    Raises:
        ValueError, pa.ArrowException: it is something else, or not all of it is there.
    """
    if bytes(content[:8]) != b"ARROW1\0\0" or bytes(content[-6:]) != b"ARROW1":
        raise ValueError("begin or end is missing")
    messages = pa.ipc.MessageReader.open_stream(pa.BufferReader(content[8:]))
    schema = pa.ipc.read_schema(messages.read_next_message())
    if not schema.equals(SCHEMA):
        raise ValueError(f"its columns are {cut(', '.join(schema.names))} of other types")
    batches = []
    for message in messages:
        if message.type != "record batch" or _is_compressed(bytes(message.metadata)):
            raise ValueError("it is compressed, or holds more than pairs")
        batch = pa.ipc.read_record_batch(message, schema)
        batch.validate(full=True)
        if any(column.null_count for column in [*batch.columns, batch.column(0).values, batch.column(1).values]):
            raise ValueError("it has gaps")
        batches.append(batch)
    return schema.metadata or {}, batches


def _is_compressed(message: bytes) -> bool:
    """Whether the header of a record batch names a compression: the fourth field of the message's third one.

    The header is a FlatBuffer, in which a table begins with the distance back to the list of its fields' places.
    """

    def field(table: int, number: int) -> int:
        fields = table - int.from_bytes(message[table : table + 4], "little", signed=True)
        if 4 + 2 * number >= int.from_bytes(message[fields : fields + 2], "little"):
            return 0
        place = int.from_bytes(message[fields + 4 + 2 * number : fields + 6 + 2 * number], "little")
        return place and table + place

    def follow(place: int) -> int:
        return place + int.from_bytes(message[place : place + 4], "little")

    return field(follow(field(follow(0), 2)), 3) != 0


def _weights_and_starts(metadata: dict[bytes, bytes]) -> tuple[list[float], np.ndarray]:
    """The weight of each corpus, and the start symbol of its targets.

    Raises:
        ValueError, LookupError, TypeError: there are none that make sense.
    """
    weights = json.loads(metadata[b"weights"])
    starts = json.loads(metadata.get(b"starts", b"[]")) or [BOS] * len(weights)
    if not all(isinstance(weight, int | float) and 0 < weight < math.inf for weight in weights):
        raise ValueError(f"its weights are {shown(weights)}")
    if len(starts) != len(weights) or not all(isinstance(start, int) for start in starts):
        raise ValueError(f"its start symbols are {shown(starts)}")
    return [float(weight) for weight in weights], np.asarray(starts)


def _flat(column: Any) -> tuple[np.ndarray, np.ndarray]:
    return _numbers(column.values, np.uint16), _numbers(column.offsets, np.int32)


def _numbers(column: Any, kind: type[np.generic]) -> np.ndarray:
    """A column without nulls as it lies in the file; pyarrow's `to_numpy` imports pandas, half a second."""
    if not len(column):
        return np.empty(0, kind)
    return np.frombuffer(column.buffers()[1], kind)[column.offset : column.offset + len(column)]
