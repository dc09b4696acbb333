"""Sentences in buckets of about equal size, by their lengths."""

import numpy as np

_MOST = 8  # buckets
_FEWEST_SENTENCES = 20  # in a bucket: fewer join the bucket before


def length_buckets(lengths: np.ndarray) -> list[tuple[int, int]]:
    """The shortest and the longest length of each bucket, from the shortest sentences to the longest.

    Args:
        lengths: the length of each sentence.
    """
    wanted = max(_FEWEST_SENTENCES, len(lengths) // _MOST)
    buckets: list[tuple[int, int]] = []
    low = int(lengths.min())
    count = 0
    for length in range(low, int(lengths.max()) + 1):
        count += int((lengths == length).sum())
        left = int((lengths > length).sum())
        if (count >= wanted and left >= _FEWEST_SENTENCES) or not left:
            buckets.append((low, length))
            low = length + 1
            count = 0
    return buckets
