"""The queue: batches, bounds, deadlines, hang-ups, faults, and the end of the worker."""

import threading
import time

import pytest

from seq2seq.serving.refusals import Busy
from seq2seq.serving.work_queue import WorkQueue

SECONDS = 20  # long enough for a busy machine


class Doubling:
    """A task that remembers its batches and waits until it may go on.

    Args:
        open: whether it need not wait.
    """

    def __init__(self, name="double", open=True):  # noqa: A002
        self.name = name
        self.batches = []
        self.begun = threading.Event()
        self.gate = threading.Event()
        if open:
            self.gate.set()

    def __call__(self, items):
        self.batches.append(list(items))
        self.begun.set()
        assert self.gate.wait(SECONDS)
        if "fault" in items:
            raise ValueError("a fault")
        if "end" in items:
            raise SystemExit
        return [2 * item for item in items]


@pytest.fixture
def make_queue():
    queues = []

    def make(**options):
        queues.append(WorkQueue(**{"most_waiting": 100} | options))
        return queues[-1]

    yield make
    for queue in queues:
        queue.close(SECONDS)


def later(seconds=SECONDS):
    return time.monotonic() + seconds


@pytest.fixture
def busy(make_queue):
    """A queue whose worker is held by a first request, the task that holds it, and that request's future."""
    queue = make_queue(most_waiting=6, batch_items=4)
    holding = Doubling("hold", open=False)
    future = queue.submit(holding, [0], [1], later())
    assert holding.begun.wait(SECONDS)
    yield queue, holding, future
    holding.gate.set()


def test_results_keep_the_order_of_the_items_whatever_their_lengths(make_queue):
    queue, task = make_queue(batch_items=3), Doubling()
    lengths = [50, 3, 9, 70, 4, 8, 60, 5]
    future = queue.submit(task, list(range(8)), lengths, later())
    assert future.result(SECONDS) == [2 * number for number in range(8)]
    for batch in task.batches:
        of_batch = [lengths[item] for item in batch]
        assert max(of_batch) <= 2 * max(8, min(of_batch)) or len(batch) == 1
        assert len(batch) <= 3


def test_requests_that_wait_are_computed_together_and_each_gets_its_own(busy):
    queue, holding, _ = busy
    task = Doubling()
    futures = [queue.submit(task, [number, number + 10], [5, 6], later()) for number in range(2)]
    holding.gate.set()
    assert [future.result(SECONDS) for future in futures] == [[0, 20], [2, 22]]
    assert sorted(task.batches[0]) == [0, 1, 10, 11]


def test_requests_that_come_within_the_window_share_a_batch(make_queue, monkeypatch):
    monkeypatch.setattr("seq2seq.serving.work_queue._WINDOW_SECONDS", 0.3)
    queue, task = make_queue(), Doubling()
    futures = [queue.submit(task, [number], [5], later()) for number in range(3)]
    assert [future.result(SECONDS) for future in futures] == [[0], [2], [4]]
    assert task.batches == [[0, 1, 2]]


def test_other_tasks_wait_for_a_batch_of_their_own_in_order_of_arrival(busy):
    queue, holding, _ = busy
    first, second = Doubling("first"), Doubling("second")
    futures = [queue.submit(task, [number], [5], later()) for number, task in enumerate((first, second, first))]
    holding.gate.set()
    assert [future.result(SECONDS) for future in futures] == [[0], [2], [4]]
    assert (first.batches, second.batches) == ([[0, 2]], [[1]])


def test_full_queue_refuses_and_says_when_to_come_again(busy):
    queue, holding, _ = busy
    task = Doubling()
    queue.submit(task, [1, 2, 3, 4], [5] * 4, later())
    with pytest.raises(Busy, match="the queue is full") as refusal:
        queue.submit(task, [1, 2, 3], [5] * 3, later())
    assert refusal.value.retry_after >= 1
    assert queue.waiting == 4
    queue.submit(task, [1, 2], [5] * 2, later())
    holding.gate.set()


def test_request_that_cannot_be_answered_in_time_is_refused_at_once(busy):
    queue, holding, _ = busy
    task = Doubling()
    queue._note_speed("double", 10, 5.0)  # half a second a token
    queue.submit(task, [1], [8], later())
    with pytest.raises(Busy, match="too long to answer in time") as refusal:
        queue.submit(task, [1], [8], later(5))
    assert refusal.value.retry_after == 4
    queue.submit(task, [1], [8], later(20))
    holding.gate.set()


def test_request_whose_deadline_has_passed_is_not_computed(busy):
    queue, holding, _ = busy
    task = Doubling()
    late, early = queue.submit(task, [1], [5], later(0.05)), queue.submit(task, [2], [5], later())
    time.sleep(0.1)
    holding.gate.set()
    assert early.result(SECONDS) == [4]
    with pytest.raises(Busy, match="not ready in time"):
        late.result(SECONDS)
    assert task.batches == [[2]]


def test_cancelled_request_frees_its_place(busy):
    queue, holding, _ = busy
    task = Doubling()
    gone = queue.submit(task, [1, 2, 3, 4, 5, 6], [5] * 6, later())
    with pytest.raises(Busy):
        queue.submit(task, [7], [5], later())
    assert gone.cancel()
    assert queue.waiting == 0
    stays = queue.submit(task, [7], [5], later())
    holding.gate.set()
    assert stays.result(SECONDS) == [14]
    assert task.batches == [[7]]


def test_request_that_is_cancelled_while_it_is_computed_does_no_harm(busy):
    queue, holding, future = busy
    assert future.cancel()
    holding.gate.set()
    assert queue.submit(Doubling(), [1], [1], later()).result(SECONDS) == [2]


def test_fault_reaches_only_its_own_request(busy):
    queue, holding, _ = busy
    task = Doubling()
    good, bad = queue.submit(task, [1, 2], [5, 5], later()), queue.submit(task, ["fault"], [5], later())
    holding.gate.set()
    assert good.result(SECONDS) == [2, 4]
    with pytest.raises(ValueError, match="a fault"):
        bad.result(SECONDS)
    assert queue.is_alive


def test_task_that_loses_results_is_a_bug(make_queue):
    class Losing(Doubling):
        def __call__(self, items):
            return []

    with pytest.raises(RuntimeError, match="0 results of 1 items: a bug in seq2seq"):
        make_queue().submit(Losing(), [1], [5], later()).result(SECONDS)


def test_worker_that_ends_is_noticed_and_nobody_waits_for_it(busy, caplog):
    queue, holding, _ = busy
    task, other = Doubling(), Doubling("other")
    ending, waiting = queue.submit(task, ["end"], [5], later()), queue.submit(other, [1], [5], later())
    holding.gate.set()
    for future in (ending, waiting):
        with pytest.raises(Busy, match="has lost its worker"):
            future.result(SECONDS)
    assert not queue.is_alive
    assert "the worker has ended" in caplog.text
    with pytest.raises(Busy, match="lost its worker"):
        queue.submit(task, [1], [5], later())


def test_closing_finishes_what_was_accepted_and_accepts_no_more(busy):
    queue, holding, first = busy
    accepted = queue.submit(Doubling(), [1], [5], later())
    closing = threading.Thread(target=queue.close)
    closing.start()
    while queue.is_alive:
        time.sleep(0.001)
    with pytest.raises(Busy):
        queue.submit(Doubling(), [1], [5], later())
    holding.gate.set()
    closing.join(SECONDS)
    assert (first.result(SECONDS), accepted.result(SECONDS)) == ([0], [2])


def test_batches_are_observed(make_queue):
    seen = []
    queue = make_queue(observe=lambda *figures: seen.append(figures))
    queue.submit(Doubling(), [1, 2], [5, 6], later()).result(SECONDS)
    queue.close(SECONDS)
    [(name, items, tokens, seconds)] = seen
    assert (name, items, tokens) == ("double", 2, 11)
    assert 0 <= seconds < SECONDS


def test_hundred_threads_get_their_own_answers(make_queue):
    queue, task = make_queue(most_waiting=10_000), Doubling()
    wrong = []

    def ask(number):
        items = list(range(number, number + 5))
        if queue.submit(task, items, [number % 40 + 1] * 5, later()).result(SECONDS) != [2 * item for item in items]:
            wrong.append(number)

    threads = [threading.Thread(target=ask, args=[number]) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert not wrong
    assert queue.waiting == 0
