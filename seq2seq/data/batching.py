"""Batches for `fit`: the teacher-forcing shift, length buckets, token weights, order = f(seed, epoch)."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seq2seq.data.buckets import Limits, buckets, nearest, next_larger
from seq2seq.data.buckets import Shape as Shape
from seq2seq.data.curriculum import lessons
from seq2seq.symbols import BOS, EOS, PAD

if TYPE_CHECKING:
    from seq2seq.data.encoded import EncodedPairs
    from seq2seq.data.guesses import Guesses
    from seq2seq.data.sampled import SampledPairs
    from seq2seq.data.summaries import Summaries

Ids = Sequence[int] | np.ndarray
Batch = tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]


class PlannedBatch(NamedTuple):
    """A batch before it is made: its shape, and the indices of at most B pairs."""

    shape: Shape
    pairs: np.ndarray


class Padding(NamedTuple):
    """Target tokens of an epoch: the true ones, and how many are computed with padding."""

    tokens: int
    padded: int

    @property
    def waste(self) -> float:
        """Share of the computed target tokens that are padding."""
        return 1 - self.tokens / max(self.padded, 1)


def teacher_forcing(pairs: Iterable[tuple[Ids, Ids]], shape: Shape, starts: int | np.ndarray = BOS) -> Batch:
    """Right-padded ids and token weights of a batch: the triple that `fit` takes.

    The source ends in the end symbol; the decoder reads the target shifted by the start symbol and is to write it with
    the end symbol. Weights are 1 / (true target tokens of the batch), so that their sum is one. Rows that are left over
    hold a lone end symbol and weigh nothing: no row is ever all padding.

    Args:
        pairs: at most B pairs of source and target ids.
        shape: B, T and U.
        starts: the start symbol, one for all or one for each pair.

    Returns:
        ({"source": (B, T), "target_in": (B, U)}, target_out (B, U), weights (B, U)).
    """
    sides = list(pairs)
    source_rows = _padded([source for source, _ in sides], shape.source)
    target_rows = _padded([target for _, target in sides], shape.target)
    return shifted(source_rows, target_rows, shape, starts)


def shifted(source_rows: np.ndarray, target_rows: np.ndarray, shape: Shape, starts: int | np.ndarray = BOS) -> Batch:
    """`teacher_forcing` of pairs that are rows already, right-padded and without end symbols.

    Args:
        source_rows: (n, T) ids with n <= B, each row at least one shorter than T.
        target_rows: (n, U) ids, each row at least one shorter than U.
        shape: B, T and U.
        starts: the start symbol, one for all or one for each pair, (n,).
    """
    pairs = np.arange(len(source_rows))
    source = np.full((shape.rows, shape.source), PAD, np.int32)
    target = np.full((shape.rows, shape.target + 1), PAD, np.int32)
    source[:, 0], target[:, 0] = EOS, BOS
    source[pairs] = source_rows
    source[pairs, (source_rows != PAD).sum(axis=1)] = EOS
    target_lengths = (target_rows != PAD).sum(axis=1)
    target[pairs, 0] = starts
    target[pairs, 1:] = target_rows
    target[pairs, 1 + target_lengths] = EOS
    weights = np.zeros((shape.rows, shape.target), np.float32)
    weights[pairs] = np.arange(shape.target) <= target_lengths[:, None]
    return {"source": source, "target_in": target[:, :-1]}, target[:, 1:], weights / weights.sum()


def _padded(sequences: Sequence[Ids], width: int) -> np.ndarray:
    rows = np.full((len(sequences), width), PAD, np.int32)
    for row, ids in zip(rows, sequences, strict=True):
        row[: len(ids)] = ids
    return rows


def by_length(lengths: Sequence[int], *, most_rows: int, most_tokens: int) -> Iterator[list[int]]:
    """Batches of sentences of like lengths, the longest first, as their indices.

    Args:
        lengths: tokens of each sentence.
        most_rows: sentences of a batch.
        most_tokens: the most tokens of a batch, padding included; a sentence with more is a batch of its own.

    >>> list(by_length([2, 9, 3, 3], most_rows=2, most_tokens=8))
    [[1], [2, 3], [0]]
    """
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    start = 0
    while start < len(order):
        rows = max(1, min(most_rows, most_tokens // max(1, lengths[order[start]])))
        yield order[start : start + rows]
        start += rows


class Batches:
    """All batches of all epochs, each a pure function of (seed, epoch, index): any of them can be made at any time.

    Pairs of like lengths share a batch. The widths come from a fixed grid, so there are few shapes; what does not fill
    a batch of its shape joins the next larger one, so no pair is dropped and next to no batch is not full.

    Args:
        pairs: the encoded training pairs to make batches of.
        batch_tokens: padded target tokens of a batch, at most (and twice as many source tokens); eight rows at least.
        seed: decides the order of pairs and batches in each epoch.
        batch_sentences: pairs of a batch, at most; 0 lets `batch_tokens` alone decide.
        most_shapes: merge shapes until so few are left, at the price of some padding; none merges nothing.
        sampled: the same pairs, cut into other pieces in every epoch; none cuts them always alike.
        curriculum_epochs: in so many epochs at the start, updates draw from the shorter batches; as many as without.

    Attributes:
        summaries: stored summaries; once they are set, batches hold them instead of the sources.
        devices: batches get rows of weight 0 until their number divides among so many devices.
        guesses: where the decoder reads its own guesses; batches then have ``guessed`` (B, U) among the inputs.
        copies: how often each row is in a batch, one copy next to the other; its tokens weigh as much together.
        shapes: the shapes of all batches, from the smallest to the largest, without copies.
    """

    def __init__(
        self,
        pairs: "EncodedPairs",
        *,
        batch_tokens: int,
        seed: int,
        batch_sentences: int = 0,
        most_shapes: int | None = None,
        sampled: "SampledPairs | None" = None,
        curriculum_epochs: int = 0,
    ):
        self._pairs = pairs
        self._seed = seed
        self._sampled = sampled
        self._curriculum_epochs = curriculum_epochs
        self.summaries: Summaries | None = None
        self.guesses: Guesses | None = None
        self.devices = self.copies = 1
        source, target = pairs.source_lengths, pairs.target_lengths
        if sampled:  # a pair as long as the longest, on both sides, makes a shape that holds every pair of every epoch
            source, target = (np.append(side, side.max()) for side in (sampled.source_lengths, sampled.target_lengths))
        self.shapes, self._bucket = buckets(source, target, Limits(batch_tokens, batch_sentences), most_shapes)

    def plan(self, epoch: int) -> list[PlannedBatch]:
        """The batches of an epoch, in order."""
        random = np.random.default_rng((self._seed, epoch))
        planned = self._planned(epoch, random)
        if epoch >= self._curriculum_epochs:
            return [planned[index] for index in random.permutation(len(planned))]
        done = (epoch + np.arange(len(planned)) / len(planned)) / self._curriculum_epochs
        return [planned[index] for index in lessons([len(batch.pairs) for batch in planned], done, random)]

    def shapes_to_expect(self, epoch: int) -> list[Shape]:
        """The shapes of the batches of an epoch, in their order, and of later ones."""
        later = self.shapes if self._sampled or epoch < self._curriculum_epochs else []
        return list(dict.fromkeys([*(batch.shape for batch in self.plan(epoch)), *later]))

    def _planned(self, epoch: int, random: np.random.Generator) -> list[PlannedBatch]:
        """The batches of an epoch, from the smallest shape to the largest; their pairs are drawn at random."""
        order = self._drawn(random)
        random.shuffle(order)
        buckets = self._buckets(epoch)[order]
        planned: list[PlannedBatch] = []
        left: list[np.ndarray] = [np.empty(0, np.uint32) for _ in self.shapes]
        for bucket, shape in enumerate(self.shapes):  # a look for each shape takes less memory than sorting
            members = np.concatenate([left[bucket], order[buckets == bucket]])
            full = len(members) // shape.rows * shape.rows
            planned += [PlannedBatch(shape, part) for part in members[:full].reshape(-1, shape.rows)]
            rest = members[full:]
            larger = next_larger(self.shapes, bucket)
            if len(rest) and larger is None:
                planned.append(PlannedBatch(shape, rest))
            elif larger is not None:
                left[larger] = np.concatenate([left[larger], rest])
        return planned

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The batches of an epoch from the `start`-th on."""
        plan = self.plan(epoch)
        pairs = self._pairs_of(epoch)
        if self._sampled:
            self._sampled.prepare(epoch + 1)
        for number, planned in enumerate(plan[start:], start):
            starts = pairs.starts[pairs.corpora[planned.pairs]]
            source_rows = pairs.rows(planned.pairs, 0, planned.shape.source)
            target_rows = pairs.rows(planned.pairs, 1, planned.shape.target)
            shape = self._divisible(planned.shape)
            inputs, out, weights = shifted(source_rows, target_rows, shape, starts)
            if self.summaries:
                sources = [pairs[index][0] for index in planned.pairs]
                inputs = {"summary": self.summaries.rows(sources, shape.rows), "target_in": inputs["target_in"]}
            if self.guesses:
                inputs["guessed"] = self.guesses.places(weights, epoch, number, len(plan))
            yield self._copied(inputs, out, weights)
            pairs.release()  # a look at one pair can map 64 KB of the file around it

    def blank(self, shape: Shape) -> Batch:
        """A batch of zeros: what a compiler wants to know of those of this shape."""
        shape = self._divisible(shape)
        source, target = (np.zeros((shape.rows, width), np.int32) for width in (shape.source, shape.target))
        inputs = {"source": source, "target_in": target}
        if self.summaries:
            inputs = {"summary": self.summaries.rows([], shape.rows), "target_in": target}
        if self.guesses:
            inputs["guessed"] = target
        return self._copied(inputs, target, np.zeros(target.shape, np.float32))

    def _divisible(self, shape: Shape) -> Shape:
        """A shape with as many rows as divide among the devices."""
        return shape._replace(rows=-(-shape.rows // self.devices) * self.devices)

    def _copied(self, inputs: dict[str, np.ndarray], out: np.ndarray, weights: np.ndarray) -> Batch:
        """A batch with the copies of its rows."""
        if self.copies == 1:
            return inputs, out, weights
        rows = {name: np.repeat(array, self.copies, axis=0) for name, array in inputs.items()}
        return rows, np.repeat(out, self.copies, axis=0), np.repeat(weights / self.copies, self.copies, axis=0)

    def _pairs_of(self, epoch: int) -> "EncodedPairs":
        return self._sampled.of(epoch) if self._sampled else self._pairs

    def _buckets(self, epoch: int) -> np.ndarray:
        """The index of each pair's shape, (pairs,)."""
        if not self._sampled:
            return self._bucket
        pairs = self._pairs_of(epoch)
        return nearest(self.shapes, pairs.source_lengths, pairs.target_lengths)

    def order(self, epoch: int) -> int:
        """A checksum of the pairs in each batch of an epoch; where it differs, batch 7 is not the same batch 7."""
        checksum = 0
        for planned in self.plan(epoch):
            checksum = zlib.crc32(planned.pairs.astype("<u4").tobytes(), checksum)
        return checksum

    def tokens(self, planned: PlannedBatch, epoch: int = 0) -> int:
        """True target tokens of a batch of an epoch, end symbols included."""
        return int(self._pairs_of(epoch).target_lengths[planned.pairs].sum(dtype=np.int64))

    def padding(self, epoch: int = 0) -> Padding:
        """How much of an epoch's target is padding."""
        plan = self.plan(epoch)
        return Padding(
            sum(self.tokens(planned, epoch) for planned in plan),
            sum(planned.shape.rows * planned.shape.target for planned in plan),
        )

    def _drawn(self, random: np.random.Generator) -> np.ndarray:
        """The indices of an epoch's pairs: each as often as its corpus' weight says, a fraction drawn at random."""
        drawn = []
        edges = np.searchsorted(self._pairs.corpora, np.arange(len(self._pairs.weights) + 1))
        for weight, start, stop in zip(self._pairs.weights, edges, edges[1:], strict=False):
            members = np.arange(start, stop, dtype=np.uint32)
            drawn += [members] * int(weight)
            if weight % 1:
                drawn.append(members[random.random(len(members)) < weight % 1])
        return np.concatenate(drawn)
