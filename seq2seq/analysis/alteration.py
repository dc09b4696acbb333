"""One source token at a time is altered, and h(T) and the loss of the reference are watched."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from seq2seq.analysis.subject import Subject
from seq2seq.analysis.words import words
from seq2seq.symbols import UNK

_SEED = 2
_WORK = 150_000  # words of references read, once for each altered word
_ROLLS = 8  # partners of each sentence, from which the mean distance of two is taken
KINDS = ("swapped", "masked")


class Altered(NamedTuple):
    """What altering each token does: for each kind, (sentences, longest source), NaN behind each sentence's end.

    Attributes:
        moves: how far h(T) moves (Euclidean), as a share of the mean distance between two sentences.
        rises: how much the loss of the reference rises, in nats a sentence.
    """

    moves: dict[str, np.ndarray]
    rises: dict[str, np.ndarray]


def sample(subject: Subject) -> np.ndarray:
    """Indices of sentences, evenly spread: as many as the work allows, the same ones for every run."""
    sources, references = subject.sentences
    sides = zip(sources, references, strict=True)
    work = [len(KINDS) * len(words(source)) * len(words(reference)) for source, reference in sides]
    most = max(2, int(len(work) * _WORK / max(sum(work), 1)))
    return np.linspace(0, len(work) - 1, min(most, len(work))).astype(int)


def mean_distance(summaries: np.ndarray) -> float:
    """The mean distance between the summaries of two different sentences; nought where there are no two."""
    rolls = range(1, min(_ROLLS + 1, len(summaries)))
    distances = [np.linalg.norm(summaries - np.roll(summaries, roll, axis=0), axis=1).mean() for roll in rolls]
    return float(np.mean(distances)) if distances else 0.0


def alter(subject: Subject, chosen: np.ndarray, scale: float) -> Altered:
    """Every token of the chosen sentences swapped for one of another kind, and masked."""
    sentences = [np.asarray(subject.source_ids[index]) for index in chosen]
    draw = _drawn_tokens(np.concatenate([np.asarray(ids) for ids in subject.source_ids if len(ids)]))
    variants = list(sentences)
    rows = list(range(len(sentences)))
    for kind in KINDS:
        for row, ids in enumerate(sentences):
            for place, token in enumerate(ids):
                variant = ids.copy()
                variant[place] = UNK if kind == "masked" else draw(int(token))
                variants.append(variant)
                rows.append(row)
    losses, moves = _watched(subject, variants, [int(chosen[row]) for row in rows])
    rises = losses - losses[: len(sentences)][rows]
    shape = (len(KINDS), len(sentences), max(len(ids) for ids in sentences))
    is_token = np.broadcast_to(np.arange(shape[2]) < np.array([len(ids) for ids in sentences])[:, None], shape)
    tables = []
    for values in (moves / scale, rises):
        table = np.full(shape, np.nan)
        table[is_token] = values[len(sentences) :]
        tables.append(dict(zip(KINDS, table, strict=True)))
    return Altered(*tables)


def _drawn_tokens(tokens: np.ndarray) -> Callable[[int], int]:
    """A function of a token to another one, drawn from running text; the unknown piece where there is no other."""
    random = np.random.default_rng(_SEED)
    kinds = set(tokens.tolist())

    def draw(token: int) -> int:
        if kinds <= {token}:
            return UNK
        while True:
            other = int(tokens[random.integers(len(tokens))])
            if other != token:
                return other

    return draw


def _watched(subject: Subject, variants: Sequence[np.ndarray], rows: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """The reference's loss (nats) with each variant of a source, and how far h(T) is from the true one."""
    from keras import ops

    from seq2seq.losses import token_losses

    def watched(source: Any, target_in: Any, target_out: Any, true: Any) -> Any:
        encoding = subject.model.encode(source)
        moved = ops.cast(encoding.summary, "float32") - true
        distance = ops.sqrt(ops.sum(moved * moved, axis=-1, keepdims=True))
        losses = token_losses(target_out, ops.cast(subject.model.decode(encoding, target_in), "float32"))
        return ops.stack([losses, ops.broadcast_to(distance, ops.shape(losses))], axis=-1)

    targets = [subject.target_ids[row] for row in rows]
    measured = subject.over("watched", watched, variants, targets, subject.summaries[np.asarray(rows)])
    return np.asarray(np.nansum(measured[..., 0], axis=1, dtype=np.float64)), measured[:, 0, 1]
