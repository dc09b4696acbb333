"""A second decoder that learns to read the source sentence back from h(T), while the encoder stays as it is.

How much it reads is a lower bound of what h(T) holds: another decoder, or more training, may read more.
"""

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seq2seq import backend
from seq2seq.analysis.section import Figures
from seq2seq.analysis.subject import Subject
from seq2seq.data.batching import Batch, Shape, teacher_forcing
from seq2seq.engine.batches import encode, losses
from seq2seq.engine.keras import KerasEngine
from seq2seq.translator import Translator

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq

_SEED = 3
_STEP = 4  # widths are multiples of it: few shapes, little padding
_HELD_OUT = 500  # sentences by which the reader is judged while it learns, about
_ROUNDS = 8  # looks at the held-out sentences
_PATIENCE = 2  # looks at which they are clearly worse read than before
_WORSE = 1.01  # times the lowest held-out loss: a smaller rise is noise
_PASSES = 30  # over a small corpus, at most


class Effort(NamedTuple):
    """How long the reader learns.

    Attributes:
        sentences: how many sentences of the training data to learn from, at most.
        read: how many are read in all, each of them several times.
        batch_tokens: padded tokens of a batch.
        rate: Adam's, at its peak.
        seconds: after which it stops, even in the middle.
    """

    sentences: int = 40_000
    read: int = 100_000
    batch_tokens: int = 1024
    rate: float = 3e-3
    seconds: float = 300.0


def learn_to_read(subject: Subject, effort: Effort) -> tuple[Translator, Figures]:
    """Train a decoder of the run's kind and size on the summaries of training sentences.

    Returns:
        a translator from the source language to itself through the run's own encoder, and how it learned.
    """
    backend.seed_everything(_SEED)
    source = subject.tokenizers[0]
    model = _reader(subject.model, source.size)
    reader = _translator(subject, model)
    sentences, held_out = _sentences(subject, effort.sentences)
    summaries = encode(reader.engine, sentences, reader.search.batch_sentences)
    plan = _plan([len(ids) + 1 for ids in sentences], effort)
    trainable_before = [(layer, layer.trainable) for layer in (subject.model.encoder, subject.model.source_embedding)]
    for layer, _ in trainable_before:
        layer.trainable = False
    try:
        _compile(model, effort, len(plan))
        figures = _fit(model, reader, sentences, summaries, plan, held_out, effort)
    finally:
        for layer, trainable in trainable_before:
            layer.trainable = trainable
    return reader, figures | {"training_sentences": len(sentences)}


def _reader(model: "Seq2Seq", pieces: int) -> "Seq2Seq":
    """A network that shares the run's encoder, with a fresh decoder over the source vocabulary."""
    from seq2seq.layers.decoder import Decoder
    from seq2seq.layers.embedding import Embedding
    from seq2seq.model import Seq2Seq

    theirs = model.decoder
    cell = theirs.stack[0]
    vectors = Embedding(pieces, model.target_embedding.size)
    decoder = Decoder(
        cell.cell_name,
        theirs.units,
        vectors.size,
        layers=len(theirs.stack),
        summary_every_step=theirs.summary_every_step,
        dropouts=(theirs.dropout.rate, theirs.output_dropout.rate),
        recurrence=theirs.recurrence,
    )
    reader = Seq2Seq(
        model.encoder,
        decoder,
        source_embedding=model.source_embedding,
        target_embedding=vectors,
        output_embedding=vectors,
    )
    reader.build()
    return reader


def _translator(subject: Subject, model: "Seq2Seq") -> Translator:
    """From the source language to itself, greedily."""
    theirs = subject.translator
    source = subject.tokenizers[0]
    search = theirs.search.model_copy(update={"beam_size": 1, "shortlist": 0, "batch_sentences": 256})
    return Translator(KerasEngine([model]), (source, source), theirs.cleaning, theirs.max_source_tokens, search)


def _sentences(subject: Subject, most: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Source ids of training pairs, evenly spread: some to learn from, and some held out."""
    pairs = subject.training
    if pairs is None:
        return [], []
    chosen = np.linspace(0, len(pairs) - 1, min(most, len(pairs))).astype(int)
    sentences = [ids for ids in (np.array(pairs[index][0]) for index in chosen) if len(ids)]
    pairs.release()
    every = max(2, len(sentences) // _HELD_OUT)
    return [ids for index, ids in enumerate(sentences) if index % every], sentences[::every]


def _plan(lengths: Sequence[int], effort: Effort) -> list[np.ndarray]:
    """The sentences of each batch, of like lengths, for all passes."""
    widths = -(-np.array(lengths) // _STEP) * _STEP
    plan: list[np.ndarray] = []
    left = min(effort.read, _PASSES * len(lengths))
    number = 0
    while left > 0:
        random = np.random.default_rng((_SEED, number))
        batches: list[np.ndarray] = []
        for width in np.unique(widths):
            members = random.permutation(np.flatnonzero(widths == width))
            rows = max(8, effort.batch_tokens // int(width))
            batches += [members[start : start + rows] for start in range(0, len(members), rows)]
        for index in random.permutation(len(batches)):
            if left > 0:
                plan.append(batches[index])
                left -= len(batches[index])
        number += 1
    return plan


def _compile(model: "Seq2Seq", effort: Effort, steps: int) -> None:
    import keras

    from seq2seq.losses import SmoothedCrossEntropy

    warmup = min(100, steps // 4)
    rate = keras.optimizers.schedules.CosineDecay(
        effort.rate / 100, max(1, steps - warmup), 0.01, warmup_target=effort.rate, warmup_steps=warmup
    )
    optimizer = keras.optimizers.Adam(rate, beta_2=0.99, global_clipnorm=1.0)
    model.compile(optimizer, SmoothedCrossEntropy(), jit_compile=keras.backend.backend() == "jax")


def _batches(
    plan: Sequence[np.ndarray],
    sentences: Sequence[np.ndarray],
    summaries: np.ndarray,
    batch_tokens: int,
    start_symbol: int,
) -> Iterator[Batch]:
    """Batches as Keras' `fit` takes them: the summaries of sentences, and the sentences to be read back from them.

    Args:
        plan: the numbers of the sentences of each batch.
        sentences: the ids of every sentence, without an end symbol.
        summaries: h(T) of every sentence, (sentences, S) float32.
        batch_tokens: padded tokens of a batch.
        start_symbol: the id that the decoder reads first.
    """
    for members in plan:
        width = -(-max(len(sentences[index]) + 1 for index in members) // _STEP) * _STEP
        rows = max(8, batch_tokens // width)
        pairs = ((sentences[index], sentences[index]) for index in members)
        inputs, out, weights = teacher_forcing(pairs, Shape(rows, width, width), start_symbol)
        vectors = np.zeros((rows, summaries.shape[1]), np.float32)
        vectors[: len(members)] = summaries[members]
        yield {"summary": vectors, "target_in": inputs["target_in"]}, out, weights


def _fit(
    model: "Seq2Seq",
    reader: Translator,
    sentences: Sequence[np.ndarray],
    summaries: np.ndarray,
    plan: Sequence[np.ndarray],
    held_out: Sequence[np.ndarray],
    effort: Effort,
) -> Figures:
    """Learn in rounds, until the held-out sentences are read no better; the best weights stay."""
    start = time.monotonic()
    best = np.inf
    weights = None
    steps = 0
    worse = 0
    held_out_nats: list[float] = []
    for indices in np.array_split(np.arange(len(plan)), min(_ROUNDS, len(plan))):
        chosen = [plan[index] for index in indices]
        batches = partial(_batches, chosen, sentences, summaries, effort.batch_tokens, reader.start_symbol)
        feed = backend.feed(batches, ["summary", "target_in"])
        model.fit(feed, epochs=1, steps_per_epoch=len(chosen), verbose=0, shuffle=False)
        steps += len(chosen)
        measured = losses(reader.engine, [(ids, ids) for ids in held_out], reader.search.batch_sentences)
        held_out_nats.append(sum(loss for loss, _ in measured) / sum(tokens for _, tokens in measured))
        if held_out_nats[-1] < best:
            best = held_out_nats[-1]
            weights = [np.asarray(v.value) for v in model.trainable_variables]
            worse = 0
        elif held_out_nats[-1] > _WORSE * best:
            worse += 1
        if worse >= _PATIENCE or time.monotonic() - start > effort.seconds:
            break
    if weights is not None:
        for variable, value in zip(model.trainable_variables, weights, strict=True):
            variable.assign(value)
    late = time.monotonic() - start > effort.seconds and steps < len(plan)
    return {
        "held_out_nats": [round(loss, 4) for loss in held_out_nats],
        "steps": steps,
        "planned": len(plan),
        "late": late,
    }
