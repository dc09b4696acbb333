"""One bounded queue and one worker that computes what waits, in batches of sentences of like lengths.

Requests come from the thread of the server; the worker is a thread of its own, so that the server can always answer.
"""

import logging
import math
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from typing import Any, Protocol

from seq2seq.serving.refusals import Busy

_log = logging.getLogger("seq2seq")
_WINDOW_SECONDS = 0.004  # the longest that the worker waits for company for the first request
_LIKE = 2.0  # ratio of lengths of a batch, at most: a short sentence should not wait for the end of a long one
_SHORT = 8  # tokens, up to which all lengths are alike
_MEMORY = 0.9  # share of the older measurements of speed that is kept at each batch
_KEPT_FREE = 0.5  # share of the deadline that the expected waiting time may not take up


class Task(Protocol):
    """What is computed for a batch. Requests that share a task object are computed together."""

    name: str

    def __call__(self, items: Sequence[Any]) -> Sequence[Any]:
        """The result of each item, in order."""


class Ticket:
    """One request in the queue.

    Args:
        task: the function that computes a batch of items.
        items: what the request holds, such as sentences.
        tokens: the length of each item.
        deadline: the time (monotonic, in seconds) after which nobody wants the results.
    """

    def __init__(self, task: Task, items: Sequence[Any], tokens: Sequence[int], deadline: float):
        self.task = task
        self.items = items
        self.tokens = tokens
        self.arrival = time.monotonic()
        self.deadline = deadline
        self.future: Future[list[Any]] = Future()
        self.waiting = list(range(len(items)))  # places of the items that no batch has taken yet
        self._results: list[Any] = [None] * len(items)
        self._missing = len(items)

    def add(self, place: int, result: Any) -> None:
        """Keep the result of an item; the last one ends the request."""
        self._results[place] = result
        self._missing -= 1
        if not self._missing:
            self._end(lambda: self.future.set_result(self._results))

    def fail(self, error: BaseException) -> None:
        """End the request with an error."""
        self._end(lambda: self.future.set_exception(error))

    def _end(self, end: Callable[[], None]) -> None:
        try:
            end()
        except InvalidStateError:  # the client has gone, or another item has failed before
            return


Batch = list[tuple[Ticket, int]]


class WorkQueue:
    """The queue, and the thread that works it off.

    Args:
        most_waiting: items, of all requests together.
        batch_items: items that are computed together, at most.
        observe: told of each batch: the task's name, items, tokens, seconds.
    """

    def __init__(
        self,
        most_waiting: int,
        batch_items: int = 64,
        observe: Callable[[str, int, int, float], None] = lambda *_: None,
    ):
        self._most_waiting = most_waiting
        self._batch_items = batch_items
        self._observe = observe
        self._changed = threading.Condition()
        self._tickets: dict[Ticket, None] = {}  # those with items that wait, by arrival
        self._computing: Batch = []
        self._closing = False
        self._seconds: dict[str, float] = defaultdict(float)  # of late, by task
        self._tokens: dict[str, float] = defaultdict(float)
        self._worker = threading.Thread(target=self._work, name="worker", daemon=True)
        self._worker.start()

    @property
    def is_alive(self) -> bool:
        """Whether the worker still works."""
        return self._worker.is_alive() and not self._closing

    @property
    def waiting(self) -> int:
        """Items that no batch has taken yet."""
        with self._changed:
            return self._count_waiting()

    def submit(self, task: Task, items: Sequence[Any], tokens: Sequence[int], deadline: float) -> "Future[list[Any]]":
        """Let the worker compute some items.

        Args:
            task: the function that computes a batch of items.
            items: one or more of what the task computes, such as sentences.
            tokens: the length of each item.
            deadline: the time (monotonic, in seconds) after which nobody wants the results.

        Returns:
            a future of the results, in order; cancelling it frees its places in the queue.

        Raises:
            Busy: the queue is full, or the deadline would not be kept, or there is no worker.
        """
        ticket = Ticket(task, items, tokens, deadline)
        with self._changed:
            self._see_that_there_is_room(len(items), deadline)
            self._tickets[ticket] = None
            self._changed.notify()
        ticket.future.add_done_callback(lambda _: self._forget(ticket))
        return ticket.future

    def see_that_there_is_room(self, items: int, deadline: float) -> None:
        """See that a request with some items would be accepted now.

        Raises:
            Busy: the queue is full, or the deadline would not be kept, or there is no worker.
        """
        with self._changed:
            self._see_that_there_is_room(items, deadline)

    def close(self, seconds: float = 60.0) -> None:
        """Finish what was accepted, accept nothing more, and end the worker.

        Args:
            seconds: how long to wait for it.
        """
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._worker.join(seconds)

    def _see_that_there_is_room(self, items: int, deadline: float) -> None:
        if not self.is_alive:
            raise Busy("the server is ending or has lost its worker: ask another one", 30)
        expected = self._expected_seconds()
        if self._count_waiting() + items > self._most_waiting:
            raise Busy("the queue is full: try again later", max(1, math.ceil(expected)))
        if expected > _KEPT_FREE * (deadline - time.monotonic()):
            raise Busy("the queue is too long to answer in time: try again later", max(1, math.ceil(expected)))

    def _expected_seconds(self) -> float:
        """How long what waits will take, by the speed of the last batches."""
        seconds = 0.0
        for ticket in self._tickets:
            name = ticket.task.name
            if self._tokens[name]:
                tokens = sum(ticket.tokens[place] for place in ticket.waiting)
                seconds += tokens * self._seconds[name] / self._tokens[name]
        return seconds

    def _count_waiting(self) -> int:
        return sum(len(ticket.waiting) for ticket in self._tickets)

    def _forget(self, ticket: Ticket) -> None:
        with self._changed:
            self._tickets.pop(ticket, None)

    def _work(self) -> None:
        try:
            while batch := self._next_batch():
                self._compute(batch)
                self._computing = []
        except BaseException:  # the thread ends; what is accepted must not wait for it
            _log.critical("the worker has ended, so nothing can be translated: start the server anew", exc_info=True)
        finally:
            with self._changed:
                self._closing = True
                left = [*dict.fromkeys(ticket for ticket, _ in self._computing), *self._tickets]
                self._tickets.clear()
            for ticket in left:
                ticket.fail(Busy("the server has lost its worker: ask another one", 30))

    def _next_batch(self) -> Batch:
        """The next items to compute; none when the queue is closed and empty."""
        with self._changed:
            while True:
                self._drop_late_tickets()
                if not self._tickets and self._closing:
                    return []
                if not self._tickets:
                    self._changed.wait()
                    continue
                first = next(iter(self._tickets))
                patience = first.arrival + _WINDOW_SECONDS - time.monotonic()
                if patience <= 0 or self._closing or self._count_waiting() >= self._batch_items:
                    self._computing = self._take(first)
                    return self._computing
                self._changed.wait(patience)

    def _drop_late_tickets(self) -> None:
        now = time.monotonic()
        for ticket in [ticket for ticket in self._tickets if ticket.deadline <= now]:
            del self._tickets[ticket]
            ticket.waiting.clear()
            ticket.fail(Busy("the answer was not ready in time: try again later", 1))

    def _take(self, first: Ticket) -> Batch:
        """Take the first item that waits, and those of the same task whose lengths are nearest to its own."""
        length = first.tokens[first.waiting[0]]
        shortest = 0 if length <= _LIKE * _SHORT else length / _LIKE
        longest = max(length, _SHORT) * _LIKE
        alike = [
            (abs(ticket.tokens[place] - length), ticket, place)
            for ticket in self._tickets
            if ticket.task is first.task
            for place in ticket.waiting
            if shortest <= ticket.tokens[place] <= longest
        ]
        alike.sort(key=lambda item: item[0])  # of equal ones, those that came first stay in front
        batch = [(ticket, place) for _, ticket, place in alike[: self._batch_items]]
        for ticket, place in batch:
            ticket.waiting.remove(place)
            if not ticket.waiting:
                self._tickets.pop(ticket, None)
        return batch

    def _compute(self, batch: Batch) -> None:
        """Compute a batch; where that fails, its items one by one, so that the fault reaches only its own request."""
        task = batch[0][0].task
        start = time.monotonic()
        try:
            results = task([ticket.items[place] for ticket, place in batch])
            if len(results) != len(batch):
                raise RuntimeError(f"{task.name}: {len(results)} results of {len(batch)} items: a bug in seq2seq")
        except Exception as error:
            if len(batch) > 1:
                for item in batch:
                    self._compute([item])
            else:
                batch[0][0].fail(error)
            return
        seconds = time.monotonic() - start
        tokens = sum(ticket.tokens[place] for ticket, place in batch)
        self._note_speed(task.name, tokens, seconds)
        self._observe(task.name, len(batch), tokens, seconds)
        for (ticket, place), result in zip(batch, results, strict=True):
            ticket.add(place, result)

    def _note_speed(self, name: str, tokens: int, seconds: float) -> None:
        self._seconds[name] = _MEMORY * self._seconds[name] + seconds
        self._tokens[name] = _MEMORY * self._tokens[name] + tokens
