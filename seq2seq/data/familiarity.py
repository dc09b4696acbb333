"""What a run's training sources look like, to tell the sentences that are unlike all of them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from seq2seq.data.sentences import split_sentences
from seq2seq.tokenizer import Tokenizer

if TYPE_CHECKING:
    from seq2seq.data.encoded import EncodedPairs

_SAMPLE = 5000  # sources that are looked at, evenly spread
_USUAL = 0.999  # share of the training sources, of which none counts as strange
_BYTES = 0.25  # share of single bytes that makes a sentence strange where the training sources are not at hand
_HARDLY_ANY = 0.01  # share of training sources with several sentences, under which a line with several is unfamiliar


class Familiarity:
    """How usual sentences are, by the pieces that training had.

    A sentence's rarity is the information of its pieces, -log of each one's share of the training text, for each of its
    characters: unseen words are rare pieces, or are spelled in many small ones.

    Args:
        information: (V,), of each source piece, in nats.
        characters: (V,), of each source piece.
        strange_from: rarity that (nearly) no training source exceeds.
        longest: pieces of the longest training source; 0 where it is unknown.
        several: share of training sources that hold several sentences; none where it is unknown.
    """

    def __init__(
        self,
        information: np.ndarray,
        characters: np.ndarray,
        strange_from: float,
        longest: int = 0,
        several: float | None = None,
    ):
        self._information = information
        self._characters = characters
        self._strange_from = strange_from
        self.longest = longest
        self.several = several

    @classmethod
    def from_training(cls, pairs: "EncodedPairs", tokenizer: Tokenizer) -> "Familiarity":
        """Look at a sample of the training sources."""
        chosen = np.linspace(0, len(pairs) - 1, min(len(pairs), _SAMPLE)).astype(np.int64)
        sources = [pairs[int(index)][0].astype(np.int64) for index in chosen]
        pairs.release()
        counts = np.bincount(np.concatenate(sources), minlength=tokenizer.size)
        information = -np.log((counts + 0.5) / (counts.sum() + 0.5 * len(counts)))
        pieces = tokenizer.pieces
        characters = np.array([1 if tokenizer.is_byte(index) else len(piece) for index, piece in enumerate(pieces)])
        rarities = [_rarity(information, characters, ids) for ids in sources if len(ids)]
        several = np.mean([len(split_sentences(tokenizer.decode(ids))) > 1 for ids in sources])
        return cls(
            information,
            characters,
            float(np.quantile(rarities, _USUAL)) if rarities else np.inf,
            int(pairs.source_lengths.max()) - 1,
            float(several),
        )

    @classmethod
    def of_bytes(cls, tokenizer: Tokenizer) -> "Familiarity":
        """Where the training sources are not at hand: only single bytes, which write unseen characters, are strange."""
        is_byte = np.array([float(tokenizer.is_byte(index)) for index in range(tokenizer.size)])
        return cls(is_byte, np.ones_like(is_byte), _BYTES)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """All that it knows, as arrays by name."""
        several = np.nan if self.several is None else self.several
        return {
            "information": self._information.astype(np.float32),
            "characters": self._characters.astype(np.int32),
            "limits": np.array([self._strange_from, self.longest, several], np.float32),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray], pieces: int) -> "Familiarity":
        """From what `to_arrays` returned.

        Args:
            arrays: by name.
            pieces: V, the size of the source vocabulary.

        Raises:
            KeyError: one is missing.
            ValueError: one has another shape, or holds what it cannot; says which.
        """
        shapes = {"information": ("f", (pieces,)), "characters": ("i", (pieces,)), "limits": ("f", (3,))}
        for name, (kind, shape) in shapes.items():
            if arrays[name].dtype.kind != kind or arrays[name].shape != shape:
                raise ValueError(f"{name} has shape {arrays[name].shape} of {arrays[name].dtype}, expected {shape}")
        information, characters = arrays["information"], arrays["characters"]
        strange_from, longest, several = arrays["limits"].tolist()
        if not np.isfinite(information).all() or (characters < 1).any() or not 0 <= longest < 2**31:
            raise ValueError("it holds numbers that no training text gives")
        return cls(information, characters, strange_from, int(longest), None if np.isnan(several) else several)

    def is_strange(self, ids: Sequence[int] | np.ndarray) -> bool:
        """Whether a source is rarer than nearly all training sources."""
        return len(ids) > 0 and _rarity(self._information, self._characters, np.asarray(ids)) > self._strange_from

    @property
    def single(self) -> bool:
        """Whether training is known to have had hardly any line with several sentences."""
        return self.several is not None and self.several < _HARDLY_ANY


def _rarity(information: np.ndarray, characters: np.ndarray, ids: np.ndarray) -> float:
    """Without the rarest piece: one unusual word makes no sentence strange, however short it is."""
    rarities = information[ids]
    return float((rarities.sum() - rarities.max()) / characters[ids].sum())
