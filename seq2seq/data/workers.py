"""Cleans and encodes pairs on all cores: processes take portions of the pairs, and their answers come back in order.

What needs to know all pairs (counts, duplicates) is done by the `Cleaner` of the process that asks, in the order of the
pairs. So the result does not depend on the number of processes, nor on which of them is faster.
"""

import logging
import queue
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from seq2seq.backend import cores
from seq2seq.data.cleaning import Cleaner
from seq2seq.data.corpus import Pair
from seq2seq.data.ids import Sides
from seq2seq.data.process import WorkProcess
from seq2seq.data.work import Done, PairError, Work
from seq2seq.errors import DataError, Seq2SeqError
from seq2seq.python_process import EndedError
from seq2seq.settings.config import Cleaning
from seq2seq.tokenizer import Tokenizer

_log = logging.getLogger("seq2seq")
_PORTION_PAIRS = 2048
_PORTION_CHARACTERS = 1 << 20
_FEW_PORTIONS = 16  # that this process works on by itself first: to start others takes as long
_MOST = 8  # processes: reading and looking for duplicates, which one process does, keep no more busy


class Workers:
    """Processes that clean and encode; they are started when there is enough to do, and end with the context.

    Args:
        settings: which normalisers, filters and limits to apply.
        tokenizers: the vocabularies of sources and targets, if pairs are to be encoded.
        count: how many processes; 0 or 1: this process does all work itself. By default, one for each core.
        tell: is called with the number of pairs of each portion that is done.
    """

    def __init__(
        self,
        settings: Cleaning,
        tokenizers: tuple[Tokenizer, Tokenizer] | None = None,
        *,
        count: int | None = None,
        tell: Callable[[int], object] = lambda pairs: None,
    ):
        self._count = min(cores(), _MOST) if count is None else count
        self._tell = tell
        self._order = (settings.model_dump(), tuple(tokenizer.model for tokenizer in tokenizers or ()))
        self._work = Work(settings, self._order[1])
        self._portions = 0
        self._processes: list[WorkProcess] = []
        self._free = queue.SimpleQueue[WorkProcess]()
        self._threads = ThreadPoolExecutor(max(self._count, 1), "seq2seq-workers")

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *error: object) -> None:
        for process in self._processes:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            process.close()

    def clean(self, cleaner: Cleaner, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """Streams what `cleaner.clean(pairs)` does.

        Raises:
            DataError: a pair cannot be cleaned; names its file and line. Also what `pairs` raises, in its place.
        """
        for portion, done in self._done(pairs):
            rows = zip(portion, done.changed, done.reasons, done.digests, *done.texts, strict=True)
            for pair, changed, reason, digest, source, target in rows:
                if cleaner.keeps(pair, changed, reason, digest):
                    yield Pair(source, target, pair.origin, pair.line)

    def encode(self, cleaner: Cleaner, pairs: Iterable[Pair]) -> Iterator[Sides]:
        """Streams the ids of the pairs that `cleaner.clean(pairs)` streams.

        Raises:
            DataError: as `clean` does.
        """
        for portion, done in self._done(pairs):
            rows = zip(portion, done.changed, done.reasons, done.digests, strict=True)
            keeps = [cleaner.keeps(*row) for row in rows]
            encoded = np.array([kept for kept, reason in zip(keeps, done.reasons, strict=True) if not reason], bool)
            source, target = done.sides()
            yield source.select(encoded), target.select(encoded)

    def _done(self, pairs: Iterable[Pair]) -> Iterator[tuple[list[Pair], Done]]:
        """Each portion and what was made of it. An error of `pairs` is raised behind the pairs that came before it."""
        waiting = deque[tuple[list[Pair], Future[Done]]]()
        fault = None
        portions = _portions(pairs)
        while True:
            try:
                portion = next(portions, None) if fault is None else None
            except Exception as error:
                fault, portion = error, None
            if portion:
                waiting.append((portion, self._begin(portion)))
            while waiting and (not portion or len(waiting) > 2 * len(self._processes)):
                begun, future = waiting.popleft()
                yield begun, _answer(begun, future)
                self._tell(len(begun))
            if not portion:
                break
        if fault:
            raise fault

    def _begin(self, portion: list[Pair]) -> "Future[Done]":
        texts = [pair.source for pair in portion], [pair.target for pair in portion]
        self._portions += 1
        if self._portions > _FEW_PORTIONS and self._count > 1 and not self._processes:
            self._start()
        if self._processes:
            return self._threads.submit(self._ask, *texts)
        future: Future[Done] = Future()
        try:
            future.set_result(self._work(*texts))
        except PairError as error:
            future.set_exception(error)
        return future

    def _start(self) -> None:
        try:
            for _ in range(self._count):
                self._processes.append(WorkProcess(*self._order))
                self._free.put(self._processes[-1])
        except OSError as error:
            _log.warning("warning: no process can be started (%s): pairs are cleaned on fewer cores", error)
            self._count = len(self._processes)

    def _ask(self, sources: list[str], targets: list[str]) -> Done:
        process = self._free.get()  # there is one for each thread
        try:
            return process.ask(sources, targets)
        finally:
            self._free.put(process)


def _portions(pairs: Iterable[Pair]) -> Iterator[list[Pair]]:
    """Lists of pairs that are neither too many nor too long; if `pairs` fails, the last list comes before the error."""
    portion = list[Pair]()
    characters = 0
    try:
        for pair in pairs:
            portion.append(pair)
            characters += len(pair.source) + len(pair.target)
            if len(portion) == _PORTION_PAIRS or characters > _PORTION_CHARACTERS:
                yield portion
                portion, characters = [], 0
    except Exception:
        if portion:
            yield portion
        raise
    if portion:
        yield portion


def _answer(portion: list[Pair], future: "Future[Done]") -> Done:
    """What was made of a portion.

    Raises:
        DataError: one of its pairs cannot be worked on; says where it is.
        Seq2SeqError: the process that worked on it has ended; says which pairs it had.
    """
    try:
        return future.result()
    except PairError as error:
        pair = portion[error.number]
        raise DataError(
            f"{pair.origin}, line {pair.line:,}: the pair cannot be cleaned ({error.cause}): this is a bug in seq2seq, "
            "so report it, and take the pair out"
        ) from error
    except EndedError as error:
        first, last = portion[0], portion[-1]
        raise Seq2SeqError(
            f"a process that cleaned {first.origin}, lines {first.line:,} to {last.line:,}, {error}: if it was the "
            "system, memory may be short; begin again with fewer cores (taskset -c 0)"
        ) from error
