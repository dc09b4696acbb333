"""Text cut into pieces at random: the same pieces for the same seed, in every process.

SentencePiece samples too, but what it draws differs from process to process, whatever its seed (0.2.3), and a training
could not be resumed to the bit. Pieces do not cross words, so each word is cut by itself.
"""

import math
import re
from bisect import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

SPACE = "\u2581"  # how SentencePiece writes the space before a word
_WORD = re.compile(f"{SPACE}[^{SPACE}]*|[^{SPACE}]+")
_MOST_WORDS = 100_000  # whose ways to be cut are kept
_DRAWN = 4096  # random numbers at a time
_UNKNOWN = -10.0  # of a character that is no piece: its log-probability below that of the rarest piece


class Vocabulary(NamedTuple):
    """What cutting needs of a vocabulary.

    Attributes:
        pieces: the id and the score of each piece of text: its log-probability (unigram), or minus the number of the
            merge that makes it (BPE).
        spell: gives the ids of the bytes of a character that is no piece.
    """

    pieces: Mapping[str, tuple[int, float]]
    spell: Callable[[str], list[int]]


class UnigramCuts:
    """Cuts drawn from a unigram model whose probabilities are raised to a power (Kudo 2018, arXiv:1804.10959).

    A word's cut has the probability of its pieces' product, to the power `strength`, among all cuts of the word.

    Args:
        vocabulary: of a unigram model.
        strength: the exponent; at 1 cuts are as probable as the model says, near 0 all are alike.
    """

    def __init__(self, vocabulary: Vocabulary, strength: float):
        self._pieces, self._spell = vocabulary
        self._strength = strength
        self._longest = max(map(len, self._pieces))
        self._unknown = min(score for _, score in self._pieces.values()) + _UNKNOWN
        self._words: dict[str, list[_Ends]] = {}

    def cut(self, word: str, draws: Iterator[float]) -> list[int]:
        """The ids of a word's pieces, drawn from its end to its beginning."""
        ends = self._words.get(word) or self._ends_of(word)
        parts: list[Sequence[int]] = []
        end = len(word)
        while end:
            ways = ends[end]
            chosen = bisect(ways.sums, next(draws) * ways.sums[-1], hi=len(ways.sums) - 1)
            parts.append(ways.ids[chosen])
            end = ways.starts[chosen]
        return [index for ids in reversed(parts) for index in ids]

    def _ends_of(self, word: str) -> list["_Ends"]:
        """The pieces that end behind each character, with the weight of all cuts of what comes before them."""
        ends = [_Ends([], [], [])]
        log_sums = [0.0]
        for end in range(1, len(word) + 1):
            ways = []
            for start in range(max(0, end - self._longest), end):
                piece = self._pieces.get(word[start:end])
                if piece:
                    ways.append((log_sums[start] + self._strength * piece[1], start, [piece[0]]))
                elif start == end - 1:
                    spelled = self._spell(word[start])
                    ways.append((log_sums[start] + self._strength * self._unknown, start, spelled))
            largest = max(ways)[0]
            sums = np.cumsum([math.exp(weight - largest) for weight, _, _ in ways]).tolist()
            log_sums.append(largest + math.log(sums[-1]))
            ends.append(_Ends(sums, [start for _, start, _ in ways], [ids for _, _, ids in ways]))
        if len(self._words) >= _MOST_WORDS:
            self._words.clear()
        self._words[word] = ends
        return ends


class _Ends(NamedTuple):
    """The pieces that end at one place: sums of their weights so far, where they start, and their ids."""

    sums: list[float]
    starts: list[int]
    ids: list[list[int]]


class BpeCuts:
    """BPE-dropout: before each merge, each possible merge is left out with a probability (Provilkov et al. 2020).

    Args:
        vocabulary: of a BPE model.
        strength: the probability. See arXiv:1910.13267, algorithm 1.
    """

    def __init__(self, vocabulary: Vocabulary, strength: float):
        self._pieces, self._spell = vocabulary
        self._strength = strength

    def cut(self, word: str, draws: Iterator[float]) -> list[int]:
        """The ids of a word's pieces, merged from its characters."""
        parts = list(word)
        while True:
            merges = []
            for index in range(len(parts) - 1):
                piece = self._pieces.get(parts[index] + parts[index + 1])
                if piece and next(draws) >= self._strength:
                    merges.append((-piece[1], index))
            if not merges:
                break
            _, index = min(merges)
            parts[index : index + 2] = [parts[index] + parts[index + 1]]
        return [index for text in parts for index in self._ids(text)]

    def _ids(self, text: str) -> list[int]:
        return [self._pieces[text][0]] if text in self._pieces else self._spell(text)


def sampled(texts: Sequence[str], cuts: UnigramCuts | BpeCuts, seed: int) -> list[list[int]]:
    """The ids of each text, whose words are cut at random.

    Args:
        texts: sentences as `Tokenizer.normalise` leaves them, with single spaces.
        cuts: how a word is cut.
        seed: the same texts and seed give the same ids.
    """
    draws = _uniform(seed)
    return [
        [index for word in _WORD.findall(SPACE + text.replace(" ", SPACE)) for index in cuts.cut(word, draws)]
        if text
        else []
        for text in texts
    ]


def _uniform(seed: int) -> Iterator[float]:
    random = np.random.default_rng(seed)
    while True:
        yield from random.random(_DRAWN).tolist()
