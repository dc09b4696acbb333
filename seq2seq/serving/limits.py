"""What a server takes on: limits of a request, keys, and requests a minute."""

import hmac
import math
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

_MOST_CLIENTS = 10_000  # remembered by the rate limit; the one that was seen least recently is forgotten first


@dataclass(frozen=True)
class Limits:
    """Bounds that keep one request, or many, from taking the whole server.

    Attributes:
        characters: the most characters of a request, in all its texts together.
        texts: the most texts of a request.
        alternatives: the most translations that a request may ask for beside the best one.
        waiting_sentences: the most sentences in the queue, of all requests together; more are refused.
        deadline_seconds: the time from the arrival of a request to its answer.
        requests_per_minute: the most requests of one client in a minute; 0 is no limit.
    """

    characters: int = 10_000
    texts: int = 64
    alternatives: int = 9
    waiting_sentences: int = 512
    deadline_seconds: float = 10.0
    requests_per_minute: int = 0

    @property
    def body_bytes(self) -> int:
        """The most that the body of a request may have: JSON may write a character in twelve bytes."""
        return 12 * self.characters + (1 << 16)


class Keys:
    """The keys that clients may use; without any, everybody may.

    Args:
        keys: the keys, as text.
    """

    def __init__(self, keys: Iterable[str] = ()):
        self._keys = [key.encode() for key in keys]

    def __bool__(self) -> bool:
        return bool(self._keys)

    def admits(self, key: str) -> bool:
        """Whether a client with this key may use the server. The time that it takes does not depend on the key."""
        given = key.encode("utf-8", "replace")
        equal = [hmac.compare_digest(given, known) for known in self._keys]
        return any(equal) or not self._keys


class RateLimit:
    """A bucket of tokens for each client: a request takes one, and time fills it again.

    Args:
        requests_per_minute: the size of a bucket, and what flows into it in a minute; 0 is no limit.
    """

    def __init__(self, requests_per_minute: int):
        self._size = float(requests_per_minute)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens at a time

    def seconds_to_wait(self, client: str) -> int:
        """Take one request of a client.

        Args:
            client: the key or the address that it goes by.

        Returns:
            0 if the request may be answered, else whole seconds until the next one may.
        """
        if not self._size:
            return 0
        now = time.monotonic()
        tokens, then = self._buckets.pop(client, (self._size, now))
        tokens = min(self._size, tokens + (now - then) * self._size / 60)
        allowed = tokens >= 1
        self._buckets[client] = (tokens - allowed, now)
        if len(self._buckets) > _MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return 0 if allowed else math.ceil((1 - tokens) * 60 / self._size)
