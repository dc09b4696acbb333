"""What the tests of the server share: one tiny run behind one application, and ways to call it."""

import asyncio
import contextlib
import json
import threading
from pathlib import Path

import pytest
import uvicorn

from seq2seq.serving.app import make_app
from seq2seq.serving.limits import Keys, Limits
from seq2seq.serving.pairs import Catalogue, open_pairs
from seq2seq.serving.service import Service

STORED = Path(__file__).parents[1] / "stored_runs"


class Answer:
    """An HTTP answer: status, headers and content."""

    def __init__(self, messages):
        start, *parts = messages
        self.status = start["status"]
        self.headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        self.content = b"".join(part.get("body", b"") for part in parts)

    @property
    def json(self):
        return json.loads(self.content)


async def _asgi_call(app, method, path, body=b"", headers=(), hang_up=None, query=b""):
    """Call an application as a server does.

    Args:
        app: the ASGI application.
        method, path, body, headers, query: of the request.
        hang_up: an event after which the client has closed its connection.
    """
    messages = []
    sent = False
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
        "raw_path": path.encode("utf-8", "replace"), "query_string": query, "root_path": "", "scheme": "http",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip

    async def receive():
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}
        await (hang_up or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    async def send(message):
        messages.append(message)

    await app(scope, receive, send)
    return Answer(messages)


async def _post_json(app, path, hang_up=None, headers=(), **fields):
    """Send JSON."""
    headers = [("content-type", "application/json"), *headers]
    return await _asgi_call(app, "POST", path, json.dumps(fields).encode(), headers, hang_up)


@pytest.fixture(scope="session")
def asgi_call():
    """The function that calls an application as a server does: see `_asgi_call`."""
    return _asgi_call


@pytest.fixture(scope="session")
def post_json():
    """The function that sends JSON to an application: see `_post_json`."""
    return _post_json


@pytest.fixture(scope="session")
def catalogue():
    """The tiny stored runs: English to French, and to French written backwards, called German."""
    return Catalogue(open_pairs([STORED / "plain", STORED / "finetuned"]))


@pytest.fixture(scope="session")
def translator(catalogue):
    return catalogue.find("en", "fr").translator


@pytest.fixture(scope="session")
def service(catalogue):
    service = Service(catalogue, Limits(deadline_seconds=120))  # the first calls compile
    yield service
    service.queue.close()


@pytest.fixture(scope="session")
def app(service):
    return make_app(service)


@pytest.fixture(scope="session")
def post(app):
    """A function of a path and of fields: the answer to a request in JSON."""
    return lambda path, headers=(), **fields: asyncio.run(_post_json(app, path, headers=headers, **fields))


@pytest.fixture(scope="session")
def get(app):
    """A function of a path: the answer."""
    return lambda path, **options: asyncio.run(_asgi_call(app, "GET", path, **options))


@pytest.fixture
def make_service(catalogue):
    """A function of limits and keys: another service for the same networks."""
    with contextlib.ExitStack() as stack:

        def make(keys=(), **limits):
            service = Service(catalogue, Limits(**{"deadline_seconds": 60} | limits), Keys(keys))
            stack.callback(service.queue.close)
            return service

        yield make


@pytest.fixture(scope="session")
def address(app):
    """The address of a real server with the same application."""
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "the server has ended before it began"
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)
