"""Many shards over several workers, of whatever kind: who gets which, and what happens when one ends."""

import logging
import queue
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol

from seq2seq.bulk.shards import Shard
from seq2seq.python_process import EndedError

_log = logging.getLogger("seq2seq")
_ATTEMPTS = 3  # of a shard whose worker ends: a machine may kill one, but a shard that kills three is at fault


class Worker(Protocol):
    """A process or an actor that does one shard after the other."""

    def work(self, shard: Shard) -> Iterator[dict[str, Any]]:
        """Do a shard; stream what `seq2seq.bulk.worker.ShardWorker.work` reports.

        Raises:
            EndedError: the worker has ended before the last report.
        """

    def kill(self) -> None:
        """End the worker, whatever it is doing."""

    def close(self) -> None:
        """End the worker, and give back what it holds."""


class Progress(NamedTuple):
    """What is known of a shard while it is worked on, and in the end.

    Attributes:
        shard: the shard that a worker does, or has done.
        share: how much of it is done, from 0 to 1.
        results: what the job says of the shard, once it is done.
        made: whether it was done now; false if nothing was left to do.
        error: why it could not be done.
    """

    shard: Shard
    share: float = 1.0
    results: dict[str, Any] | None = None
    made: bool = False
    error: str = ""


def run(shards: Sequence[Shard], open_worker: Callable[[], Worker], workers: int) -> Generator[Progress]:
    """Do shards; a worker that ends is replaced, and its shard is begun anew.

    Args:
        shards: what to do, each once.
        open_worker: starts a worker.
        workers: how many there are at the same time.

    Yields:
        the progress of the shards as it comes; the last of each has results or an error.
    """
    news = queue.SimpleQueue[Progress]()
    staff = _Staff(open_worker, workers)
    pool = ThreadPoolExecutor(workers, "seq2seq-bulk")
    try:
        for shard in shards:
            pool.submit(_work, staff, shard, news)
        left = len(shards)
        while left:
            progress = news.get()
            left -= progress.results is not None or bool(progress.error)
            yield progress
    finally:
        staff.dismiss()
        pool.shutdown(cancel_futures=True)
        staff.close()


class _Staff:
    """The workers: started when they are needed, one for each thread that asks."""

    def __init__(self, open_worker: Callable[[], Worker], count: int):
        self.dismissed = False
        self._open = open_worker
        self._free = queue.SimpleQueue[Worker | None]()
        self._all: list[Worker] = []
        self._lock = threading.Lock()
        for _ in range(count):
            self._free.put(None)

    def take(self) -> Worker | None:
        """A worker that is free, of which there is one for each thread; none if the work is given up.

        Raises:
            OSError: no worker can be started.
        """
        worker = self._free.get()
        if worker is not None:
            return worker
        with self._lock:  # so that none is started behind the back of `dismiss`
            try:
                if self.dismissed:
                    return None
                worker = self._open()
                self._all.append(worker)
                return worker
            finally:
                if worker is None:
                    self._free.put(None)

    def give_back(self, worker: Worker) -> None:
        """The worker is free for another shard."""
        self._free.put(worker)

    def replace(self, worker: Worker) -> None:
        """The worker has ended: another one takes its place when it is needed."""
        with self._lock:
            self._all.remove(worker)
        worker.close()
        self._free.put(None)

    def dismiss(self) -> None:
        """End all workers, and start no more."""
        with self._lock:
            self.dismissed = True
            for worker in self._all:
                worker.kill()

    def close(self) -> None:
        """Give back what the workers hold, when nobody uses them any more."""
        for worker in self._all:
            worker.close()


def _work(staff: _Staff, shard: Shard, news: "queue.SimpleQueue[Progress]") -> None:
    """Do a shard, in a thread, and say how it goes."""
    try:
        for attempt in range(1, _ATTEMPTS + 1):
            ended = _attempt(staff, shard, news)
            if not ended or staff.dismissed:
                return
            _log.warning("warning: the worker of %s %s: attempt %d of %d", shard.name, ended, attempt, _ATTEMPTS)
            news.put(Progress(shard, share=0.0))
        advice = "if it was the system, memory may be short: use fewer --workers"
        news.put(Progress(shard, error=f"its worker {ended} in each of {_ATTEMPTS} attempts: {advice}"))
    except OSError as error:
        news.put(Progress(shard, error=f"no worker can be started ({error}): use fewer --workers"))
    except Exception as error:  # nobody looks at what a thread raises, and the shard would be waited for
        news.put(Progress(shard, error=f"{type(error).__name__}: {error}: this is a bug in seq2seq, so report it"))


def _attempt(staff: _Staff, shard: Shard, news: "queue.SimpleQueue[Progress]") -> str:
    """Let a worker do a shard; returns how the worker ended, or nothing where it did not.

    Raises:
        OSError: no worker can be started.
    """
    worker = staff.take()
    if worker is None:
        return ""
    try:
        for report in worker.work(shard):
            news.put(_progress(shard, report))
    except EndedError as error:
        staff.replace(worker)
        return str(error)
    except BaseException:  # what else a worker raises: without its place, the threads would wait for it
        staff.replace(worker)
        raise
    staff.give_back(worker)
    return ""


def _progress(shard: Shard, report: dict[str, Any]) -> Progress:
    if "share" in report:
        return Progress(shard, report["share"])
    return Progress(shard, results=report.get("results"), made=report.get("made", False), error=report.get("error", ""))
