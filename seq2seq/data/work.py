"""What is done to a portion of pairs by itself, in this process or in another one."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from seq2seq.data.filters import Filters
from seq2seq.data.ids import Ids, Sides, ids_of_texts
from seq2seq.settings.config import Cleaning
from seq2seq.tokenizer import Tokenizer

Stored = tuple[tuple[bytes, bytes], tuple[bytes, bytes]]


class PairError(Exception):
    """One pair of a portion cannot be worked on.

    Args:
        number: which pair, from 0.
        cause: why.
    """

    def __init__(self, number: int, cause: str):
        super().__init__(number, cause)
        self.number = number
        self.cause = cause


class Done(NamedTuple):
    """A portion that was worked on: plain values, which can be sent to another process.

    Attributes:
        changed, reasons, digests: of each pair, as `Filters.apply` returns them.
        texts: the normalised sources and targets; empty if they were encoded.
        stored: the ids and lengths (as `Ids` has them, in bytes) of the sources and targets of those pairs that no
            filter drops; empty if the pairs were not encoded.
    """

    changed: list[set[str]]
    reasons: list[str | None]
    digests: list[int]
    texts: tuple[list[str], list[str]]
    stored: Stored

    def sides(self) -> Sides:
        """The ids of those pairs that no filter drops."""
        source, target = (
            Ids(np.frombuffer(ids, np.uint16), np.frombuffer(lengths, np.uint32)) for ids, lengths in self.stored
        )
        return source, target


class Work:
    """Cleans portions of pairs, and encodes them if there are vocabularies.

    Args:
        settings: which normalisers, filters and limits to apply.
        models: the serialised vocabularies of sources and targets; none, to clean only.
    """

    def __init__(self, settings: Cleaning, models: tuple[bytes, ...] = ()):
        self._filters = Filters(settings)
        self._tokenizers = [Tokenizer(model, threads=1) for model in models]

    def __call__(self, sources: Sequence[str], targets: Sequence[str]) -> Done:
        """Work on some pairs.

        Raises:
            PairError: something that no text should cause; says which pair did.
        """
        done = Done([], [], [], ([], []), ((b"", b""), (b"", b"")))
        for number, pair in enumerate(zip(sources, targets, strict=True)):
            try:
                filtered = self._filters.apply(*pair)
            except Exception as error:
                raise PairError(number, f"{type(error).__name__}: {error}") from error
            done.changed.append(filtered.changed)
            done.reasons.append(filtered.reason)
            done.digests.append(filtered.digest)
            done.texts[0].append(filtered.source)
            done.texts[1].append(filtered.target)
        return self._encoded(done) if self._tokenizers else done

    def _encoded(self, done: Done) -> Done:
        kept = [[text for text, reason in zip(side, done.reasons, strict=True) if not reason] for side in done.texts]
        sides = [ids_of_texts(tokenizer, texts) for tokenizer, texts in zip(self._tokenizers, kept, strict=True)]
        source, target = ((side.ids.tobytes(), side.lengths.tobytes()) for side in sides)
        return done._replace(texts=([], []), stored=(source, target))
