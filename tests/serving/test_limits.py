"""Limits: who is admitted, how often, and that what is remembered of clients stays small."""

import pytest

from seq2seq.serving import limits
from seq2seq.serving.limits import Keys, Limits, RateLimit


@pytest.fixture
def clock(monkeypatch):
    """A list with the time, in seconds, that tests set."""
    now = [1000.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: now[0])
    return now


def test_keys_admit_only_themselves_and_everybody_where_there_are_none():
    assert Keys().admits("")
    assert not Keys()
    keys = Keys(["first", "clé"])
    assert keys
    assert [keys.admits(key) for key in ("first", "clé", "", "firs", "first ", "\ud800")] == [True, True, *[False] * 4]


def test_rate_limit_fills_again_with_time(clock):
    rate = RateLimit(2)
    assert [rate.seconds_to_wait("a") for _ in range(3)] == [0, 0, 30]
    assert rate.seconds_to_wait("b") == 0
    clock[0] += 29
    assert rate.seconds_to_wait("a") == 1
    clock[0] += 1
    assert rate.seconds_to_wait("a") == 0
    assert rate.seconds_to_wait("a") == 30
    clock[0] += 3600  # no more than a bucket full
    assert [rate.seconds_to_wait("a") for _ in range(3)] == [0, 0, 30]


def test_rate_limit_of_nothing_is_no_limit():
    rate = RateLimit(0)
    assert not any(rate.seconds_to_wait("a") for _ in range(1000))


def test_rate_limit_forgets_the_client_that_it_saw_least_recently(monkeypatch, clock):
    monkeypatch.setattr(limits, "_MOST_CLIENTS", 2)
    rate = RateLimit(1)
    assert [rate.seconds_to_wait(client) for client in ("a", "b", "a", "c")] == [0, 0, 60, 0]
    assert rate.seconds_to_wait("a") == 60
    assert rate.seconds_to_wait("b") == 0  # forgotten, so it may


def test_largest_body_holds_the_most_characters_in_their_longest_form():
    assert Limits(characters=100).body_bytes >= 100 * len(r"\ud83d\ude00")
