"""A set of pairs in a few bytes each, to find those that come again."""

from array import array
from bisect import bisect_left
from hashlib import blake2b


def digest_of(source: str, target: str) -> int:
    """The 48-bit number that stands for a pair."""
    text = f"{len(source)} {source}{target}"  # the length tells ("a", "bc") from ("ab", "c")
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).digest())


class Digests:
    """The digests seen so far, in 65,536 small sorted arrays: the first 16 bits choose the array.

    A Python set of digests would take some 100 bytes a pair, and one big sorted or hashed array three times its size
    whenever it grows; here each array grows by itself, a little at a time: measured, 23 MB for three million pairs. The
    expected number of pairs wrongly taken for duplicates among n is n^2 / 2^49: 0.016 of three million pairs, 18 of a
    hundred million.
    """

    def __init__(self) -> None:
        self._shards: list[array[int] | None] = [None] * (1 << 16)

    def has(self, digest: int) -> bool:
        """Whether a digest is remembered."""
        shard, rest = self._shards[digest >> 32], digest & 0xFFFFFFFF
        place = bisect_left(shard, rest) if shard is not None else 0
        return shard is not None and place < len(shard) and shard[place] == rest

    def add(self, digest: int) -> bool:
        """Remembers a digest; False if it was known."""
        number, rest = digest >> 32, digest & 0xFFFFFFFF
        shard = self._shards[number]
        if shard is None:
            self._shards[number] = array("I", [rest])
            return True
        place = bisect_left(shard, rest)
        if place < len(shard) and shard[place] == rest:
            return False
        shard.insert(place, rest)
        return True
