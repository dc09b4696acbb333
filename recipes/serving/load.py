"""Kinds of load: clients that wait for each answer, a flood that does not wait, and clients that hang up."""

import asyncio
import re
import time
from collections import Counter
from typing import Any

import numpy as np
from client import Connection

SENTENCES = 8  # of a request of the flood
OPEN_REQUESTS = 600  # of the flood at the same time: what comes while there are more is counted as not sent
PAUSE_SECONDS = 0.05  # between two looks at /live


def percentiles(seconds: list[float]) -> dict[str, float]:
    """The median, the 99th percentile and the largest of some times, in milliseconds."""
    if not seconds:
        return {}
    p50, p99, most = np.percentile(seconds, [50, 99, 100]) * 1000
    return {"p50_ms": float(p50), "p99_ms": float(p99), "most_ms": float(most)}


async def waiting_clients(
    address: str, expected: dict[str, str], clients: int, seconds: float, texts: int = 1
) -> dict[str, Any]:
    """Clients that send a request as soon as the last one is answered.

    Args:
        address: of the server.
        expected: sentences and their translations.
        clients: how many at the same time.
        seconds: how long.
        texts: sentences of a request.
    """
    sentences = list(expected)
    times: list[float] = []
    outcomes: Counter[str] = Counter()

    async def client(number: int) -> None:
        connection = Connection(address)
        end = time.monotonic() + seconds
        place = number * 37
        while time.monotonic() < end:
            q = [sentences[(place + offset) % len(sentences)] for offset in range(texts)]
            place += texts
            answer = await connection.ask("POST", "/translate", {"q": q, "source": "en", "target": "fr"})
            times.append(answer.seconds)
            outcomes[outcome(answer, [expected[text] for text in q])] += 1
        connection.close()

    start = time.monotonic()
    await asyncio.gather(*map(client, range(clients)))
    elapsed = time.monotonic() - start
    rate = outcomes["right"] * texts / elapsed
    return {"clients": clients, "sentences_per_second": rate, **percentiles(times), "outcomes": dict(outcomes)}


async def flood(address: str, expected: dict[str, str], sentences_per_second: float, seconds: float) -> dict[str, Any]:
    """Requests at fixed times, whether or not the earlier ones are answered.

    Args:
        address: of the server.
        expected: sentences and their translations.
        sentences_per_second: how many are asked for.
        seconds: how long.
    """
    sentences = list(expected)
    times: dict[str, list[float]] = {"right": [], "refused": []}
    outcomes: Counter[str] = Counter()
    spare = [Connection(address) for _ in range(OPEN_REQUESTS)]

    async def request(number: int) -> None:
        connection = spare.pop()
        q = [sentences[(number * SENTENCES + offset) % len(sentences)] for offset in range(SENTENCES)]
        answer = await connection.ask("POST", "/translate", {"q": q, "source": "en", "target": "fr"})
        kind = outcome(answer, [expected[text] for text in q])
        outcomes[kind] += 1
        times.setdefault(kind, []).append(answer.seconds)
        spare.append(connection)

    looking = asyncio.create_task(look(address))
    requests = []
    start = time.monotonic()
    number = 0
    while (now := time.monotonic() - start) < seconds:
        due = int(now * sentences_per_second / SENTENCES)
        for place in range(number, due):
            if spare:
                requests.append(asyncio.create_task(request(place)))
                await asyncio.sleep(0)
            else:
                outcomes["not sent"] += 1
        number = max(number, due)
        await asyncio.sleep(0.002)
    await asyncio.gather(*requests)
    looking.cancel()
    live = (await asyncio.gather(looking, return_exceptions=True))[0]
    for connection in spare:
        connection.close()
    return {
        "asked_per_second": sentences_per_second,
        "outcomes": dict(outcomes),
        "accepted": percentiles(times["right"]),
        "refused": percentiles(times["refused"]),
        "live": live,
    }


async def look(address: str) -> dict[str, float]:
    """Ask /live again and again until cancelled: how long it takes to answer."""
    connection = Connection(address)
    times: list[float] = []
    try:
        while True:
            times.append((await connection.ask("GET", "/live")).seconds)
            await asyncio.sleep(PAUSE_SECONDS)
    except asyncio.CancelledError:
        connection.close()
        return percentiles(times)


async def hang_ups(address: str, expected: dict[str, str], clients: int) -> dict[str, Any]:
    """Clients that ask and close their connection at once: how long until the queue is empty, and a fair client after.

    Args:
        address: of the server.
        expected: sentences and their translations.
        clients: how many hang up.
    """
    sentences = list(expected)
    connections = [Connection(address) for _ in range(clients)]
    for number, connection in enumerate(connections):
        q = [sentences[(number + offset) % len(sentences)] for offset in range(SENTENCES)]
        await connection.send("POST", "/translate", {"q": q, "source": "en", "target": "fr"})
    start = time.monotonic()
    for connection in connections:
        connection.close()
    while await queue_length(address):
        await asyncio.sleep(0.01)
    empty = time.monotonic() - start
    answer = await Connection(address).ask("POST", "/translate", {"q": sentences[0], "source": "en", "target": "fr"})
    return {
        "clients": clients,
        "queue_empty_ms": 1000 * empty,
        "next_client": outcome(answer, expected[sentences[0]]),
        "next_client_ms": 1000 * answer.seconds,
    }


async def queue_length(address: str) -> float:
    """Sentences that wait, as /metrics says."""
    content = (await Connection(address).ask("GET", "/metrics")).content.decode()
    return float(re.search(r"^seq2seq_queue_sentences (\S+)$", content, re.MULTILINE)[1])


def outcome(answer: Any, translation: str | list[str]) -> str:
    """What became of a request: right, wrong, refused (503), or another status."""
    if answer.status == 200:
        return "right" if answer.translation == translation else "wrong"
    return "refused" if answer.status == 503 else f"status {answer.status}"
