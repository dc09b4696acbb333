"""Writes the ids of pairs into the Arrow file that `EncodedPairs` reads."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from seq2seq.data.corpus import Pair
from seq2seq.data.encoded import SCHEMA
from seq2seq.data.ids import Ids, Sides, ids_of_texts, join, split
from seq2seq.errors import DataError
from seq2seq.files import flush_file, move_into_place
from seq2seq.tokenizer import Tokenizer

_CHUNK = 8192  # pairs written at a time, before those with too many tokens are left out


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
        tokenizers: the vocabularies of source and target.
        weights: for each corpus, how often a pair of it is seen in an epoch.
        max_tokens: the longest source and target to keep, in tokens, the end symbol included.
        starts: the start symbol of each corpus' targets, where it is not the usual one.

    Raises:
        DataError: no pair is left.
    """
    sides = [tokenised(pairs, tokenizers) for pairs in corpora]
    return write_ids(path, sides, weights=weights, max_tokens=max_tokens, starts=starts)


def tokenised(pairs: Iterable[Pair], tokenizers: tuple[Tokenizer, Tokenizer]) -> Iterator[Sides]:
    """Streams the ids of pairs, some thousand pairs at a time."""
    iterator = iter(pairs)
    while chunk := list(islice(iterator, _CHUNK)):
        source = ids_of_texts(tokenizers[0], [pair.source for pair in chunk])
        yield source, ids_of_texts(tokenizers[1], [pair.target for pair in chunk])


def write_ids(
    path: str | Path,
    corpora: Sequence[Iterable[Sides]],
    *,
    weights: Sequence[float],
    max_tokens: tuple[int, int],
    starts: Sequence[int] = (),
) -> EncodingReport:
    """Write the ids of pairs, whole or not at all.

    Args:
        path: the file to write.
        corpora: the ids of each corpus, in portions of any size, which do not change the file.
        weights, max_tokens, starts: as `encode_pairs` takes them.

    Raises:
        DataError: no pair is left.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.part")
    schema = SCHEMA.with_metadata({"weights": json.dumps(list(weights)), "starts": json.dumps(list(starts))})
    try:
        with pa.OSFile(str(part), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            report = _write(writer, schema, corpora, max_tokens)
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


def _write(writer: Any, schema: Any, corpora: Sequence[Iterable[Sides]], max_tokens: tuple[int, int]) -> EncodingReport:
    counts = [0] * len(corpora)
    too_long = 0
    for corpus, portions in enumerate(corpora):
        for source, target in _regrouped(portions):
            fits = (source.lengths < max_tokens[0]) & (target.lengths < max_tokens[1])
            kept = int(fits.sum())
            too_long += len(fits) - kept
            counts[corpus] += kept
            if kept:
                columns = [_lists(source.select(fits)), _lists(target.select(fits))]
                columns.append(pa.array(np.full(kept, corpus, np.uint16)))
                writer.write_batch(pa.record_batch(columns, schema=schema))
    return EncodingReport(counts, too_long)


def _lists(side: Ids) -> Any:
    offsets = np.zeros(len(side.lengths) + 1, np.int32)
    np.cumsum(side.lengths, out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(side.ids))


def _regrouped(portions: Iterable[Sides]) -> Iterator[Sides]:
    """The same pairs, some thousand at a time; the last portion may be smaller."""
    waiting = list[Sides]()
    rows = 0
    for portion in portions:
        waiting.append(portion)
        rows += len(portion[0].lengths)
        while rows >= _CHUNK:
            full, rest = split(join(waiting), _CHUNK)
            yield full
            waiting = [rest]
            rows -= _CHUNK
    if rows:
        yield join(waiting)
