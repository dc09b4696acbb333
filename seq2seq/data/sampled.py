"""Training pairs cut into other pieces in every epoch: subword regularisation and BPE-dropout.

The encoded pairs hold ids, of which the vocabulary makes the normalised text again. So an epoch is encoded anew from
the file, in the background, while the network trains on the epoch before.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.encoding import write_ids
from seq2seq.data.ids import Sides, joined
from seq2seq.tokenizer import Tokenizer

_CHUNK = 2048  # pairs encoded at a time
_NO_LIMITS = (1 << 16, 1 << 16)  # pairs that are too long were left out before, and none may be missing in an epoch
_log = logging.getLogger("seq2seq")


class Sampling(NamedTuple):
    """How text is cut into pieces at random.

    Attributes:
        strength: what `Tokenizer.sample` takes.
        sides: which sides are cut anew, as numbers: 0 for the sources, 1 for the targets.
        seed: the cuts are a function of (seed, epoch).
        max_tokens: of a source and of a target, the end symbol included.
    """

    strength: float
    sides: tuple[int, ...]
    seed: int
    max_tokens: tuple[int, int]


class SampledPairs:
    """The training pairs of each epoch, in the order of the file, cut into pieces that differ from epoch to epoch.

    A pair that gets longer than all pairs of the first epoch keeps the pieces that the vocabulary prefers, so that all
    epochs have the same shapes of batches.

    Args:
        pairs: the encoded pairs, cut as the vocabulary prefers.
        tokenizers: the vocabularies of source and target.
        folder: where an epoch's file lies while it is written.
        sampling: how to cut.
        epochs: of the whole training; none beyond is prepared.
        name: differs between processes that share the folder.

    Attributes:
        source_lengths, target_lengths: (pairs,) the longer of the first epoch's and of the preferred lengths.
    """

    def __init__(
        self,
        pairs: EncodedPairs,
        tokenizers: tuple[Tokenizer, Tokenizer],
        folder: Path,
        sampling: Sampling,
        *,
        epochs: int,
        name: str = "",
    ):
        self._pairs = pairs
        self._tokenizers = tokenizers
        self._folder = folder
        self._sampling = sampling
        self._epochs = epochs
        self._name = name
        self._limits = sampling.max_tokens
        self._jobs: dict[int, _Job] = {}
        self._lock = threading.Lock()
        self._first: EncodedPairs | None = None  # kept, since each start counts its batches
        self._first = self.of(0)
        self.source_lengths = np.maximum(pairs.source_lengths, self._first.source_lengths)
        self.target_lengths = np.maximum(pairs.target_lengths, self._first.target_lengths)
        self._limits = int(self.source_lengths.max()), int(self.target_lengths.max())

    def of(self, epoch: int) -> EncodedPairs:
        """The pairs of an epoch; says so where one has to wait for them."""
        if self._first and not epoch:
            return self._first
        with self._lock:
            job = self._jobs.get(epoch) or self._begin(epoch)
            for other in [number for number in self._jobs if number not in (epoch, epoch + 1)]:
                self._jobs.pop(other).stop()
        if job.is_at_work():
            text = "cutting the %s training pairs into other pieces for epoch %d: at most as long as encoding took"
            _log.info(text, f"{len(self._pairs):,}", epoch + 1)
        return job.result()

    def prepare(self, epoch: int) -> None:
        """Begin to encode an epoch in the background."""
        with self._lock:
            if epoch < self._epochs and epoch not in self._jobs:
                self._begin(epoch)

    def close(self) -> None:
        """Encode nothing more."""
        with self._lock:
            for job in self._jobs.values():
                job.stop()

    def _begin(self, epoch: int) -> "_Job":
        self._jobs[epoch] = _Job(lambda job: self._make(epoch, job))
        return self._jobs[epoch]

    def _make(self, epoch: int, job: "_Job") -> EncodedPairs:
        # A name that ends so is removed when the run is opened again, should the process be killed now.
        path = self._folder / f"sampled{self._name}-{epoch}.arrow.part"
        edges = np.searchsorted(self._pairs.corpora, np.arange(len(self._pairs.weights) + 1))
        corpora = [self._encoded(epoch, *span, job) for span in pairwise(edges.tolist())]
        starts = self._pairs.starts.tolist()
        write_ids(path, corpora, weights=self._pairs.weights, max_tokens=_NO_LIMITS, starts=starts)
        encoded = EncodedPairs(path)
        with suppress(OSError):  # where the system keeps a file that is open, it stays until the next start
            path.unlink()
        return encoded

    def _encoded(self, epoch: int, start: int, stop: int, job: "_Job") -> Iterator[Sides]:
        """The pairs of a corpus, some at a time."""
        for first in range(start, stop, _CHUNK):
            job.see_that_it_is_wanted()
            chunk = range(first, min(first + _CHUNK, stop))
            before = [self._pairs[index] for index in chunk]
            sides = [[ids[side] for ids in before] for side in (0, 1)]
            for side in self._sampling.sides:
                sides[side] = self._cut(sides[side], side, (epoch, first))
            kept = [
                new if all(len(ids) < limit for ids, limit in zip(new, self._limits, strict=True)) else old
                for new, old in zip(zip(*sides, strict=True), before, strict=True)
            ]
            self._pairs.release()
            source, target = (joined([ids[side] for ids in kept]) for side in (0, 1))
            yield source, target

    def _cut(self, ids: list[Any], side: int, place: tuple[int, int]) -> list[Any]:
        tokenizer = self._tokenizers[side]
        entropy = np.random.SeedSequence((self._sampling.seed, side, *place))
        texts = [tokenizer.decode(each) for each in ids]
        return tokenizer.sample(texts, self._sampling.strength, seed=int(entropy.generate_state(1)[0]) >> 1)


class _UnwantedError(Exception):
    """Nobody waits for a result any more."""


class _Job:
    """Work in a thread that ends with the process.

    Args:
        work: what to do; is given the job, which it asks whether it should go on.
    """

    def __init__(self, work: Any):
        self._result: EncodedPairs | None = None
        self._error: BaseException | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(work,), name="sampled pairs", daemon=True)
        self._thread.start()

    def _run(self, work: Any) -> None:
        try:
            self._result = work(self)
        except BaseException as error:
            self._error = error

    def is_at_work(self) -> bool:
        """Whether there is no result yet."""
        return self._thread.is_alive()

    def see_that_it_is_wanted(self) -> None:
        """Raises an exception that ends the work, after `stop`."""
        if self._stopped.is_set():
            raise _UnwantedError

    def stop(self) -> None:
        """End the work, and wait until it has."""
        self._stopped.set()
        self._thread.join()

    def result(self) -> EncodedPairs:
        """What came of the work, when it is done; raises what it raised."""
        self._thread.join()
        if self._error:
            raise self._error
        if self._result is None:
            raise RuntimeError("a job ended without a result: this is a bug in seq2seq")
        return self._result
