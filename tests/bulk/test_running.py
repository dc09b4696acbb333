"""Who gets which shard, and what happens when workers end: with workers that are no processes."""

import threading

import pytest

from seq2seq.bulk.running import run
from seq2seq.bulk.shards import Shard
from seq2seq.python_process import EndedError

SHARDS = [Shard((f"/in/{name}",), (f"/out/{name}",)) for name in "abcdef"]


class Office:
    """Opens workers, of which some end; counts what they do.

    Args:
        ends: by the name of a shard, how many workers it ends.
    """

    def __init__(self, **ends):
        self.ends, self.done, self.open, self.most = ends, [], 0, 0
        self.lock = threading.Lock()

    def __call__(self):
        with self.lock:
            self.open += 1
            self.most = max(self.most, self.open)
        return Clerk(self)


class Clerk:
    def __init__(self, office):
        self.office, self.closed = office, False

    def work(self, shard):
        with self.office.lock:
            left = self.office.ends.get(shard.name, 0)
            self.office.ends[shard.name] = left - 1
        if left > 0:
            raise EndedError("was ended by signal 9")
        yield {"share": 0.5}
        with self.office.lock:
            self.office.done.append(shard.name)
        yield {"results": {"name": shard.name}, "made": True}

    def kill(self):
        pass

    def close(self):
        assert not self.closed
        self.closed = True
        self.office.open -= 1


def last_news(office, workers=2):
    """The last that is said of each shard."""
    return {progress.shard.name: progress for progress in run(SHARDS, office, workers)}


@pytest.mark.parametrize("workers", [1, 3])
def test_each_shard_is_done_once(workers):
    office = Office()
    news = last_news(office, workers)
    assert sorted(office.done) == list("abcdef")
    assert all(progress.results == {"name": name} and progress.made for name, progress in news.items())
    assert office.most <= workers
    assert office.open == 0


def test_worker_that_ends_is_replaced_and_its_shard_begun_anew(caplog):
    office = Office(b=2, e=1)
    assert all(progress.made for progress in last_news(office).values())
    assert sorted(office.done) == list("abcdef")
    assert "the worker of b was ended by signal 9: attempt 2 of 3" in caplog.text


def test_shard_that_ends_every_worker_is_given_up_and_the_others_are_done():
    office = Office(c=99)
    news = last_news(office)
    assert "its worker was ended by signal 9 in each of 3 attempts" in news["c"].error
    assert sorted(office.done) == list("abdef")


def test_workers_that_cannot_be_started_are_an_error_of_their_shards():
    def refuse():
        raise OSError(11, "Resource temporarily unavailable")

    news = last_news(refuse)
    assert all("no worker can be started" in progress.error for progress in news.values())
    assert len(news) == 6


def test_bug_in_a_worker_is_reported_instead_of_waited_for():
    class Broken(Clerk):
        def work(self, shard):
            raise KeyError("tasks")

    office = Office()
    news = last_news(lambda: (office(), Broken(office))[1])
    assert all("KeyError: 'tasks': this is a bug" in progress.error for progress in news.values())


def test_work_that_is_given_up_ends_its_workers():
    office = Office()
    work = run(SHARDS, office, 2)
    next(work)
    work.close()
    assert office.open == 0
    assert len(office.done) < 6
