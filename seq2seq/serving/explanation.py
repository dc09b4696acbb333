"""What a translation depends on: how sure the network was of each word, and what it loses without a source word.

Occlusion (Zeiler and Fergus 2014, arXiv:1311.2901): a word matters as much as the log-probability of the translation
falls when the encoder reads the sentence without it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from seq2seq.engine import batches
from seq2seq.hypothesis import Hypothesis
from seq2seq.serving.tasks import with_beam
from seq2seq.translator import Translator


class Explained(NamedTuple):
    """A sentence with its translations and what they depend on.

    Attributes:
        source: the sentence as it is read.
        summary: h(T), (S,).
        hypotheses: translations, best first.
        pieces: of the best translation, each with its log-probability; the last one is the end, without text.
        source_words: each with what the log-probability of the best translation loses without it.
    """

    source: str
    summary: np.ndarray
    hypotheses: list[Hypothesis]
    pieces: list[tuple[str, float]]
    source_words: list[tuple[str, float]]


@dataclass(eq=False)
class Explaining:
    """Explains sentences. All sources without a word are scored together.

    Args:
        translator: of one network, with or without attention.
        n_best: translations of each sentence.
    """

    translator: Translator
    n_best: int = 1
    name: str = "explain"

    def __post_init__(self) -> None:
        self.translator = with_beam(self.translator, self.n_best)

    def __call__(self, items: Sequence[str]) -> list[Explained]:
        """An explanation of each sentence, as `Translator.sentences` gives it."""
        translator = self.translator
        sources = list(items)
        hypotheses = translator.hypotheses(sources, n_best=self.n_best)
        words = [source.split(" ") for source in sources]
        without = [list(_without_each(of_source)) for of_source in words]
        texts = [text for source, others in zip(sources, without, strict=True) for text in (source, *others)]
        targets = [
            list(n_best[0].ids) for n_best, others in zip(hypotheses, without, strict=True) for _ in (0, *others)
        ]
        pairs = list(zip(translator.source_ids(texts), targets, strict=True))
        losses = iter(batches.token_losses(translator.engine, pairs, start_symbol=translator.start_symbol))
        explanations = []
        for source, vector, n_best, of_source in zip(
            sources, translator.encode(sources), hypotheses, words, strict=True
        ):
            log_probs = -next(losses)
            effects = [float(log_probs.sum() + next(losses).sum()) for _ in of_source]
            pieces = translator.pieces_with(n_best[0].ids, log_probs)
            explanations.append(Explained(source, vector, n_best, pieces, list(zip(of_source, effects, strict=True))))
        return explanations


def _without_each(words: Sequence[str]) -> Iterator[str]:
    """The sentence without each of its words."""
    for place in range(len(words)):
        yield " ".join([*words[:place], *words[place + 1 :]])


def words_of(pieces: Sequence[tuple[str, float]]) -> list[list[tuple[str, float]]]:
    """Pieces by words: a new word begins at a space.

    >>> words_of([(" Un", -0.1), (" ch", -0.5), ("at", -0.2)])
    [[(' Un', -0.1)], [(' ch', -0.5), ('at', -0.2)]]
    """
    words: list[list[tuple[str, float]]] = []
    for piece in pieces:
        if not words or piece[0].startswith(" "):
            words.append([])
        words[-1].append(piece)
    return words
