"""A small HTTP client for measuring: one request at a time on a connection that stays open."""

import asyncio
import json
import time
from typing import Any, NamedTuple
from urllib.parse import urlsplit


class Answer(NamedTuple):
    """What came back, and after how many seconds; status 0 where nothing did."""

    status: int
    content: bytes
    seconds: float

    @property
    def translation(self) -> Any:
        """The translations of a request to /translate."""
        return json.loads(self.content)["translatedText"]


class Connection:
    """A connection to a server; it is opened at the first request, and again when the server has closed it.

    Args:
        address: such as http://127.0.0.1:5000.
    """

    def __init__(self, address: str):
        self._parts = urlsplit(address)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, fields: dict[str, Any] | None = None) -> Answer:
        """Send a request and wait for its answer."""
        start = time.monotonic()
        try:
            await self.send(method, path, fields)
            status, content = await self._receive()
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            return Answer(0, b"", time.monotonic() - start)
        return Answer(status, content, time.monotonic() - start)

    async def send(self, method: str, path: str, fields: dict[str, Any] | None = None) -> None:
        """Send a request only."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        body = json.dumps(fields or {}).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._parts.netloc}\r\nContent-Type: application/json\r\n"
        self._streams[1].write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await self._streams[1].drain()

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _receive(self) -> tuple[int, bytes]:
        reader = self._streams[0]
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if line)
        content = await reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            self.close()
        return int(first.split(" ")[1]), content
