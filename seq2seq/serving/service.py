"""From requests to answers: what every route checks, and the way through the queue."""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any, TypeVar

from starlette.requests import Request

from seq2seq.serving.bodies import read_body
from seq2seq.serving.limits import Keys, Limits, RateLimit
from seq2seq.serving.metrics import Metrics
from seq2seq.serving.pairs import Catalogue
from seq2seq.serving.refusals import BadRequest, Busy, ClientGone, Forbidden, TooMany
from seq2seq.serving.request_models import Body
from seq2seq.serving.work_queue import Task, WorkQueue

Model = TypeVar("Model", bound=Body)
Result = TypeVar("Result")
_BEARER = "bearer "
_texts = logging.getLogger("seq2seq.texts")  # silent unless its level is DEBUG


class Service:
    """What the routes of one server share.

    Args:
        catalogue: the translators, by their pairs of languages.
        limits: what a request may hold, and how many may wait.
        keys: the keys of the clients that may use the server.
    """

    def __init__(self, catalogue: Catalogue, limits: Limits | None = None, keys: Keys | None = None):
        self.catalogue = catalogue
        self.limits = limits or Limits()
        self.keys = keys or Keys()
        self._rate = RateLimit(self.limits.requests_per_minute)
        self.metrics = Metrics(lambda: self.queue.waiting, lambda: self.queue.is_alive)
        self.queue = WorkQueue(self.limits.waiting_sentences, observe=self.metrics.computed)

    async def read(self, request: Request, model: type[Model]) -> Model:
        """The body of a request that may be answered.

        Raises:
            Refusal: it may not, or the body is not what the model describes.
        """
        # A flood is refused before its requests are read, for reading them is most of the work of a refusal.
        self.queue.see_that_there_is_room(1, time.monotonic() + self.limits.deadline_seconds)
        body = await read_body(request, model, self.limits.body_bytes, self.limits.deadline_seconds)
        header = request.headers.get("authorization", "")
        bearer = header[len(_BEARER) :].strip() if header.lower().startswith(_BEARER) else ""
        key = body.api_key or bearer
        if not self.keys.admits(key):
            raise Forbidden("this server asks for a key, and the request has none that it knows: set api_key")
        client = key if self.keys else request.client.host if request.client else ""
        if seconds := self._rate.seconds_to_wait(client):
            number = self.limits.requests_per_minute
            raise TooMany(f"more than {number:,} requests a minute: wait {seconds} seconds", seconds)
        return body

    def check_texts(self, *texts: str | list[str]) -> list[list[str]]:
        """Each argument as a list of texts.

        Raises:
            BadRequest: too many texts or characters.
        """
        lists = [[several] if isinstance(several, str) else several for several in texts]
        _texts.debug("%s", lists)
        number = max(map(len, lists))
        if number > self.limits.texts:
            raise BadRequest(f"{number:,} texts are too many: send up to {self.limits.texts:,} at a time")
        characters = sum(len(text) for several in lists for text in several)
        if characters > self.limits.characters:
            most = self.limits.characters
            raise BadRequest(f"{characters:,} characters are too many: send up to {most:,} at a time")
        return lists

    def check_alternatives(self, alternatives: int) -> None:
        """See that a request asks for a number of alternatives that the server gives.

        Raises:
            BadRequest: it asks for more.
        """
        most = self.limits.alternatives
        if alternatives > most:
            raise BadRequest(f"{alternatives:,} alternatives are too many: ask for up to {most:,}")

    async def compute(self, request: Request, task: Task, items: Sequence[Any], tokens: Sequence[int]) -> list[Any]:
        """What the worker makes of some items.

        Args:
            request: whose client waits; when it hangs up, its items leave the queue.
            task: the function that computes a batch of items.
            items: what the request holds, such as sentences.
            tokens: the length of each item.

        Raises:
            Busy: the queue has no room, or the results are not ready in time.
            ClientGone: nobody waits any more.
        """
        if not items:
            return []
        if len(items) > self.limits.waiting_sentences:
            most = self.limits.waiting_sentences
            raise BadRequest(f"{len(items):,} sentences are too many: send up to {most:,} at a time")
        deadline = time.monotonic() + self.limits.deadline_seconds
        future = self.queue.submit(task, items, tokens, deadline)
        return await _until_gone(request, asyncio.wrap_future(future), self.limits.deadline_seconds)


async def _until_gone(request: Request, work: "asyncio.Future[Result]", seconds: float) -> Result:
    """The result of work, which is cancelled when its client hangs up or its deadline passes."""
    gone = asyncio.ensure_future(_hang_up(request))
    try:
        waited: set[asyncio.Future[Any]] = {work, gone}
        await asyncio.wait(waited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        if gone.done():
            raise ClientGone("the client has gone")
        raise Busy("the answer was not ready in time: try again later", 1)
    finally:
        for future in (work, gone):
            future.cancel()
        await asyncio.gather(work, gone, return_exceptions=True)


async def _hang_up(request: Request) -> None:
    """Wait until the client closes the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
