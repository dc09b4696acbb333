"""What happens when clients hang up, wait too long or are too many, and when the worker ends."""

import asyncio
import statistics
import threading
import time

import pytest

from seq2seq.serving.app import make_app

SECONDS = 60


class Gate:
    """A task that waits until it may go on."""

    name = "gate"

    def __init__(self):
        self.begun = threading.Event()
        self.open = threading.Event()

    def __call__(self, items):
        self.begun.set()
        assert self.open.wait(SECONDS)
        return items


class End(Gate):
    """A task that ends the worker."""

    def __call__(self, items):
        raise SystemExit


@pytest.fixture
def held(make_service):
    """A function of limits: a service whose worker is held, its application, and the gate that holds it."""
    gates = []

    def make(**options):
        service = make_service(**options)
        gate = Gate()
        gates.append(gate)
        service.queue.submit(gate, [0], [1], time.monotonic() + SECONDS)
        assert gate.begun.wait(SECONDS)
        return service, make_app(service), gate

    yield make
    for gate in gates:
        gate.open.set()


async def until(condition):
    async with asyncio.timeout(SECONDS):
        while not condition():
            await asyncio.sleep(0.002)


def test_client_that_hangs_up_frees_its_place(held, post_json):
    service, app, gate = held(waiting_sentences=3)

    async def story():
        hang_up = asyncio.Event()
        gone = asyncio.create_task(post_json(app, "/translate", hang_up, q=["a.", "b.", "c."], target="fr"))
        await until(lambda: service.queue.waiting == 3)
        refused = await post_json(app, "/translate", q="d.", target="fr")
        hang_up.set()
        await until(lambda: service.queue.waiting == 0)
        waiting = asyncio.create_task(post_json(app, "/translate", q="d.", target="fr"))
        await until(lambda: service.queue.waiting == 1)
        gate.open.set()
        return await gone, refused, await waiting

    gone, refused, answered = asyncio.run(story())
    assert (gone.status, refused.status, answered.status) == (499, 503, 200)


def test_answer_that_is_not_ready_at_the_deadline_is_a_503(held, post_json):
    service, app, _ = held(deadline_seconds=0.2)
    start = time.monotonic()
    answer = asyncio.run(post_json(app, "/translate", q="a.", target="fr"))
    assert time.monotonic() - start < 2
    assert answer.status == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json == {"error": "the answer was not ready in time: try again later"}
    assert service.queue.waiting == 0


def test_full_queue_is_a_503_that_says_when_to_come_again(held, post_json):
    service, app, _ = held(waiting_sentences=2)

    async def story():
        first = asyncio.create_task(post_json(app, "/translate", q="One cat. Two dogs.", target="fr"))
        await until(lambda: service.queue.waiting == 2)
        refused = await post_json(app, "/encode", q="c.")
        first.cancel()
        return refused

    refused = asyncio.run(story())
    assert refused.status == 503
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json == {"error": "the queue is full: try again later"}


def test_ended_worker_is_noticed(make_service, asgi_call, post_json):
    service = make_service()
    app = make_app(service)
    ready = asyncio.run(asgi_call(app, "GET", "/ready"))
    future = service.queue.submit(End(), [1], [1], time.monotonic() + SECONDS)
    assert future.exception(SECONDS)
    answers = [asyncio.run(asgi_call(app, "GET", path)) for path in ("/ready", "/health", "/live")]
    assert [answer.status for answer in (ready, *answers)] == [200, 503, 503, 200]
    assert answers[0].json == {"error": "the server is ending or has lost its worker"}
    refused = asyncio.run(post_json(app, "/translate", q="a.", target="fr"))
    assert (refused.status, refused.headers["retry-after"]) == (503, "30")
    assert b"seq2seq_worker_alive 0.0" in service.metrics.written()


def test_many_more_requests_than_fit_get_their_own_answers_or_a_503(held, asgi_call, post_json, translator):
    service, app, gate = held(waiting_sentences=40)
    texts = [f"The {noun} sees {number}." for noun in ("cat", "dog") for number in range(200)]
    expected = dict(zip(texts, translator.translate(texts), strict=True))
    latencies = []

    async def look():
        while True:
            start = time.monotonic()
            assert (await asgi_call(app, "GET", "/live")).status == 200
            latencies.append(time.monotonic() - start)
            await asyncio.sleep(0.01)

    async def story():
        looking = asyncio.create_task(look())
        asking = [asyncio.create_task(post_json(app, "/translate", q=text, target="fr")) for text in texts]
        await until(lambda: sum(task.done() for task in asking) == len(texts) - 40)
        gate.open.set()
        answers = await asyncio.gather(*asking)
        looking.cancel()
        return answers

    answers = asyncio.run(story())
    assert [answer.status for answer in answers].count(200) == 40
    for text, answer in zip(texts, answers, strict=True):
        if answer.status == 200:
            assert answer.json == {"translatedText": expected[text], "detectedLanguage": ENGLISH}
        else:
            assert answer.status == 503
            assert int(answer.headers["retry-after"]) >= 1
    assert statistics.median(latencies) < 0.1
    assert service.queue.waiting == 0


ENGLISH = {"language": "en", "confidence": 0.0}


def test_keys_are_asked_for_in_the_body_or_in_the_header(make_service, post_json):
    app = make_app(make_service(keys=["secret"]))

    def status(headers=(), **fields):
        return asyncio.run(post_json(app, "/translate", headers=headers, q="", target="fr", **fields)).status

    assert status() == status(api_key="Secret") == status([("authorization", "Basic secret")]) == 403
    assert status(api_key="secret") == status([("authorization", "Bearer secret")]) == 200


def test_too_many_requests_of_a_client_are_a_429(make_service, post_json):
    app = make_app(make_service(requests_per_minute=2))
    answers = [asyncio.run(post_json(app, "/translate", q="", target="fr")) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["retry-after"]) <= 30
    assert "more than 2 requests a minute" in answers[2].json["error"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"q": "a" * 101}, "101 characters are too many: send up to 100 at a time"),
        ({"q": ["a" * 60, "b" * 60]}, "120 characters are too many"),
        ({"q": ["a"] * 4}, "4 texts are too many: send up to 3 at a time"),
        ({"q": "a", "alternatives": 3}, "3 alternatives are too many: ask for up to 2"),
        ({"q": "a\n" * 6}, "6 sentences are too many: send up to 5 at a time"),
    ],
)
def test_limits_are_said(make_service, post_json, fields, message):
    app = make_app(make_service(characters=100, texts=3, alternatives=2, waiting_sentences=5))
    answer = asyncio.run(post_json(app, "/translate", target="fr", **fields))
    assert answer.status == 400
    assert message in answer.json["error"]


def test_texts_are_logged_only_where_asked_for(post, caplog):
    caplog.set_level("INFO")
    post("/translate", q="A secret cat.", target="fr")
    assert "secret" not in caplog.text
    caplog.set_level("DEBUG", "seq2seq.requests")
    post("/translate", q="A secret cat.", target="fr")
    assert "secret" not in caplog.text
    assert "POST /translate 200" in caplog.text
    caplog.set_level("DEBUG", "seq2seq.texts")
    post("/translate", q="A secret cat.", target="fr")
    assert "A secret cat." in caplog.text
