"""What is taken for ids of sentences, for vectors and for lengths; see text_lists.py for texts."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from seq2seq.arguments import received
from seq2seq.errors import DataError
from seq2seq.symbols import UNK

_MOST_TOKENS = 10_000  # as max_source_tokens in settings/config.py
_NUMBERS = "iufV"  # NumPy's letters for what float32 can be made of; V holds bfloat16
_IDS_ADVICE = "give a list of ids for each sentence, as source_ids makes them"


def whole_numbers(values: Any, what: str, advice: str) -> np.ndarray:
    """The whole numbers of a flat list, (N,) int64.

    Args:
        values: any iterable of them.
        what: what they are, for the message.
        advice: what to give instead.

    Raises:
        DataError: a value is not a whole number, or the values are not a flat list.
    """
    try:
        array = np.asarray(values if isinstance(values, Sequence | np.ndarray) else list(values))
    except (TypeError, ValueError, OverflowError) as error:  # no list, or lists of different lengths in it
        raise DataError(f"{what} are a flat list of whole numbers, received {received(values)}: {advice}") from error
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise DataError(f"{what} are a flat list of whole numbers, received {received(values)}: {advice}")
    return array.astype(np.int64)


def check_ids(sentences: Any, pieces: int, call: str) -> None:
    """See that ids of sentences are those of pieces that a sentence can hold.

    Args:
        sentences: lists of ids, without padding, start and end.
        pieces: V, the size of the vocabulary.
        call: the method that they were given to, for the message.

    Raises:
        DataError: something else, or an id that is reserved or that the vocabulary does not have: says where.
    """
    if isinstance(sentences, str | bytes) or not isinstance(sentences, Sequence | np.ndarray):
        raise DataError(f"{call} takes a list of sentences as ids, received {received(sentences)}: {_IDS_ADVICE}")
    for index, sentence in enumerate(sentences):
        ids = whole_numbers(sentence, f"{call}: the ids of sentence {index}", _IDS_ADVICE)
        if ids.size and not UNK <= ids.min() <= ids.max() < pieces:
            wrong = ids[(ids < UNK) | (ids >= pieces)][0]
            raise DataError(
                f"{call}: sentence {index} has the id {wrong}, but its pieces are {UNK} to {pieces - 1:,} (padding, "
                "start and end are added to it): encode it with this run's own vocabulary"
            )


def check_pairs(pairs: Any, pieces: tuple[int, int], call: str) -> None:
    """See that pairs of source and target ids are what `check_ids` takes, by the two vocabularies' sizes."""
    advice = "give (source ids, target ids) for each"
    if not isinstance(pairs, Sequence) or isinstance(pairs, str | bytes):
        raise DataError(f"{call} takes a list of pairs, received {received(pairs)}: {advice}")
    for index, pair in enumerate(pairs):
        if not isinstance(pair, Sequence) or isinstance(pair, str | bytes) or len(pair) != 2:
            raise DataError(f"{call}: item {index} is no pair, received {received(pair)}: {advice}")
    for side, name in enumerate(("source", "target")):
        check_ids([pair[side] for pair in pairs], pieces[side], f"{call}, {name}")


def summary_vectors(summaries: Any, size: int, call: str) -> np.ndarray:
    """Vectors that stand for h(T), (N, S) float32.

    Args:
        summaries: the vectors that the caller gave.
        size: S, the numbers that the model's summary has.
        call: the method that they were given to, for the message.

    Raises:
        DataError: they have another shape, or something in them is no number that float32 has.
    """
    try:
        array = np.asarray(summaries)
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused below
            vectors = array.astype(np.float32) if array.dtype.kind in _NUMBERS or not array.size else None
    except (TypeError, ValueError) as error:
        raise DataError(f"{call} takes numbers, received {received(summaries)}: give rows of {size:,}") from error
    if vectors is None:
        raise DataError(f"{call} takes numbers, received {received(summaries)}: give rows of {size:,}")
    if not vectors.size and vectors.ndim < 3:
        return np.zeros((0, size), np.float32)
    if vectors.ndim != 2 or vectors.shape[1] != size:
        shape = " x ".join(map(str, vectors.shape)) or "one number"
        raise DataError(f"{call} takes rows of {size:,} numbers, one for each sentence, received {shape}: see encode")
    wrong = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if wrong.size:
        raise DataError(f"{call}: row {wrong[0]} holds a number that is not finite in 32 bits: leave the row out")
    return vectors


def source_lengths(tokens: Any, rows: int, call: str) -> np.ndarray:
    """Tokens of each source, (N,).

    Args:
        tokens: the source lengths that the caller gave, in tokens.
        rows: N, how many lengths there must be.
        call: the method that they were given to, for the message.

    Raises:
        DataError: there are more or fewer, or one is no length of a source.
    """
    lengths = whole_numbers(tokens, f"{call}: source_tokens", "give one for each row")
    if len(lengths) != rows:
        raise DataError(f"{call}: {len(lengths):,} source_tokens and {rows:,} rows do not match: give one for each row")
    if lengths.size and not 0 <= lengths.min() <= lengths.max() <= _MOST_TOKENS:
        raise DataError(f"{call}: source_tokens are 0 to {_MOST_TOKENS:,}, received {lengths.min()} to {lengths.max()}")
    return lengths
