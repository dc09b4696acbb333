"""The states of encoder and decoder after each step of some sentences, as rows.

N rows (steps of all sentences), D units.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from seq2seq.analysis.subject import Subject
from seq2seq.analysis.through_time import readings
from seq2seq.data.batching import Ids
from seq2seq.symbols import EOS

Tensor = Any


class Steps(NamedTuple):
    """What a recurrent layer read and kept, in the order in which it read.

    Attributes:
        states: after each step, (N, D): h, and behind it c where the cell has one.
        tokens: what was read there, (N,).
        done: tokens read so far, this one included, (N,).
        left: tokens still to come, (N,).
        sentences: which one each step belongs to, (N,).
    """

    states: np.ndarray
    tokens: np.ndarray
    done: np.ndarray
    left: np.ndarray
    sentences: np.ndarray

    def take(self, chosen: np.ndarray) -> "Steps":
        """The rows that are true in (N,)."""
        return Steps(*(part[chosen] for part in self))


def encoder_steps(subject: Subject, sources: Sequence[Ids], targets: Sequence[Ids]) -> dict[str, Steps]:
    """Of each direction of the encoder's top layer, by how it reads."""

    def states(source: Tensor, target_in: Tensor, target_out: Tensor) -> Tensor:
        directions, _ = readings(subject.model, source)
        return ops.concatenate([state for reading in directions for state in reading.states], axis=-1)

    encoder = subject.model.encoder
    by_direction = np.split(
        subject.over("encoder states", states, sources, targets, side=0), len(encoder.directions), axis=-1
    )
    read = [[*source, EOS] for source in sources]
    return {
        "right to left" if backward else "left to right": _rows(outputs, [s[::-1] for s in read] if backward else read)
        for outputs, backward in zip(by_direction, encoder.directions, strict=True)
    }


def decoder_steps(subject: Subject, sources: Sequence[Ids], targets: Sequence[Ids]) -> tuple[Steps, np.ndarray]:
    """Of the decoder's top layer while it reads the reference, and ln P(end symbol) after each step, (N,).

    What it reads is the start symbol and the text; what is left at the last step is nothing but the end.
    """
    model = subject.model

    def states(source: Tensor, target_in: Tensor, target_out: Tensor) -> Tensor:
        encoding = model.encode(source)
        layer_states, _ = model.decoder.top(model.target_embedding(target_in), model.start(encoding))
        scores = ops.log_softmax(ops.cast(model.decode(encoding, target_in), layer_states[0].dtype), axis=-1)
        return ops.concatenate([*layer_states, scores[..., EOS, None]], axis=-1)

    outputs = subject.over("decoder states", states, sources, targets)
    steps = _rows(outputs, [[subject.translator.start_symbol, *target] for target in targets])
    return steps._replace(states=steps.states[:, :-1]), steps.states[:, -1]


def _rows(states: np.ndarray, read: Sequence[Ids]) -> Steps:
    """(sentences, T, D) and the tokens of each sentence, to rows."""
    lengths = np.array([len(tokens) for tokens in read])
    place = np.arange(states.shape[1])
    true = place < lengths[:, None]
    done = np.broadcast_to(place + 1, true.shape)[true]
    sentences = np.repeat(np.arange(len(read)), lengths)
    return Steps(states[true].astype(np.float64), np.concatenate(read), done, lengths[sentences] - done, sentences)
