"""Pairs of token ids in a memory-mapped Arrow file, read by index: the text never has to fit into memory."""

import json
import mmap
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from seq2seq.data.corpus import Pair
from seq2seq.errors import CheckpointError, DataError
from seq2seq.files import flush_file, move_into_place
from seq2seq.symbols import BOS
from seq2seq.tokenizer import Tokenizer

_CHUNK = 8192  # pairs tokenised and written at a time
_SCHEMA = pa.schema([("source", pa.list_(pa.uint16())), ("target", pa.list_(pa.uint16())), ("corpus", pa.uint16())])


class EncodedPairs:
    """Token ids of pairs, without reserved ids, in an Arrow file that stays on disk.

    Args:
        path: a file that `encode_pairs` wrote.

    Attributes:
        source_lengths, target_lengths: (pairs,) tokens of each side, the end symbol included.
        weights: one for each corpus that went in.
        starts: likewise, the start symbol of its targets.
        corpora: (pairs,) which corpus each pair is from.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        try:
            with self.path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            reader = pa.ipc.open_file(pa.BufferReader(pa.py_buffer(self._map)))
            self.weights: list[float] = json.loads(reader.schema.metadata[b"weights"])
            self.starts = np.asarray(
                json.loads(reader.schema.metadata.get(b"starts", b"[]")) or [BOS] * len(self.weights)
            )
            batches = [reader.get_batch(index) for index in range(reader.num_record_batches)]
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowInvalid) as error:
            raise CheckpointError(
                f"{path} is not a complete file of encoded pairs ({error}): delete it and train again"
            ) from error
        self._chunks = [tuple(_flat(batch.column(side)) for side in (0, 1)) for batch in batches]
        self._starts = np.cumsum([0] + [batch.num_rows for batch in batches])
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

    def weigh_replay(self, own: int, share: float) -> None:
        """Set the weights of the replayed corpora, those from the `own`-th on, so that they make up a share."""
        sizes = np.bincount(self.corpora, minlength=len(self.weights)) * np.asarray(self.weights)
        new, old = sizes[:own].sum(), sizes[own:].sum()
        if old:
            factor = float(share / (1 - share) * new / old)
            self.weights[own:] = [weight * factor for weight in self.weights[own:]]

    def release(self) -> None:
        """Let the pages that were read so far go from this process (they stay in the system's cache)."""
        if hasattr(self._map, "madvise"):
            self._map.madvise(mmap.MADV_DONTNEED)


class EncodingReport(NamedTuple):
    """How many pairs were written, and how many were left out because a side has too many tokens."""

    pairs: list[int]
    too_long: int


def encode_pairs(
    path: str | Path,
    corpora: Sequence[Iterable[Pair]],
    tokenizers: tuple[Tokenizer, Tokenizer],
    *,
    weights: Sequence[float],
    max_tokens: tuple[int, int],
    starts: Sequence[int] = (),
) -> EncodingReport:
    """Tokenise cleaned pairs and write them, whole or not at all.

    Args:
        path: the file to write.
        corpora: the pairs of each corpus.
        tokenizers: source and target.
        weights: one for each corpus.
        max_tokens: the longest source and target to keep, in tokens, the end symbol included.
        starts: the start symbol of each corpus' targets, where it is not the usual one.

    Raises:
        DataError: no pair is left.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.part")
    schema = _SCHEMA.with_metadata({"weights": json.dumps(list(weights)), "starts": json.dumps(list(starts))})
    try:
        with pa.OSFile(str(part), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            report = _write(writer, schema, corpora, tokenizers, max_tokens)
        if not sum(report.pairs):
            raise DataError(
                f"no pair is left to train on: {report.too_long:,} are longer than {max_tokens} tokens, the rest is "
                "filtered"
            )
        flush_file(part)
        move_into_place(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return report


def _write(
    writer: Any,
    schema: Any,
    corpora: Sequence[Iterable[Pair]],
    tokenizers: tuple[Tokenizer, Tokenizer],
    max_tokens: tuple[int, int],
) -> EncodingReport:
    counts, too_long = [0] * len(corpora), 0
    for corpus, pairs in enumerate(corpora):
        for chunk in _chunks(pairs):
            sides = [
                tokenizers[0].encode([pair.source for pair in chunk]),
                tokenizers[1].encode([pair.target for pair in chunk]),
            ]
            kept = [both for both in zip(*sides, strict=True) if _fits(both, max_tokens)]
            too_long += len(chunk) - len(kept)
            counts[corpus] += len(kept)
            if kept:
                columns = [*(list(side) for side in zip(*kept, strict=True)), [corpus] * len(kept)]
                writer.write_batch(pa.record_batch(columns, schema=schema))
    return EncodingReport(counts, too_long)


def _fits(both: tuple[list[int], ...], max_tokens: tuple[int, int]) -> bool:
    return all(len(side) < longest for side, longest in zip(both, max_tokens, strict=True))


def _chunks(pairs: Iterable[Pair]) -> Iterator[list[Pair]]:
    iterator = iter(pairs)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk


def _flat(column: Any) -> tuple[np.ndarray, np.ndarray]:
    return _numbers(column.values, np.uint16), _numbers(column.offsets, np.int32)


def _numbers(column: Any, kind: type[np.generic]) -> np.ndarray:
    """A column without nulls as it lies in the file; pyarrow's `to_numpy` imports pandas, half a second."""
    if not len(column):
        return np.empty(0, kind)
    return np.frombuffer(column.buffers()[1], kind)[column.offset : column.offset + len(column)]
