"""Texts to ids: normalised, cut into pieces, limited in length, and counted where something is out of the ordinary."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from seq2seq.counts import Counts
from seq2seq.data.familiarity import Familiarity
from seq2seq.data.normalisers import chosen_normalisers, normalise
from seq2seq.data.sentences import split_sentences
from seq2seq.settings.config import Cleaning
from seq2seq.text_lists import check_texts

if TYPE_CHECKING:
    from seq2seq.tokenizer import Tokenizer

_LONGEST_TARGET = 4096  # tokens, the end symbol included
_CHARACTERS = 64  # for each token that is read; no piece has more than 16, so what comes later is cut in any case


class TextReader:
    """Reads texts as training read them.

    Args:
        tokenizers: the vocabularies of source and target.
        cleaning: the settings that name the normalisers to apply to the text.
        max_source_tokens: longer sources are cut.
        familiarity: what training sources look like; where it is not given, only what the vocabulary lacks is strange.
    """

    def __init__(
        self,
        tokenizers: "tuple[Tokenizer, Tokenizer]",
        cleaning: Cleaning,
        max_source_tokens: int,
        familiarity: Familiarity | None = None,
    ):
        self.tokenizers = tokenizers
        self.longest = max_source_tokens - 1
        self.familiarity = familiarity or Familiarity.of_bytes(tokenizers[0])
        self._normalisers = chosen_normalisers(cleaning)

    def sources(self, sentences: Iterable[str], counts: Counts, call: str) -> list[list[int]]:
        """Ids of sources, without end symbols, cut at the longest one.

        Args:
            sentences: the texts to read.
            counts: what was noticed in the texts is added to these.
            call: the method that they were given to, for an error.

        Raises:
            DataError: one text instead of a list of them, or an item that is not text.
        """
        texts = self._normalised(check_texts(sentences, call), self.longest + 1)
        ids = self.tokenizers[0].encode(texts)
        usual = self.familiarity
        counts.sentences += len(ids)
        counts.empty += sum(not sentence for sentence in ids)
        counts.shortened += sum(len(sentence) > self.longest for sentence in ids)
        counts.several += sum(len(split_sentences(text)) > 1 for text in texts)
        counts.strange += sum(map(usual.is_strange, ids))
        counts.longer += sum(len(sentence) > usual.longest for sentence in ids) if usual.longest else 0
        return [sentence[: self.longest] for sentence in ids]

    def targets(self, sentences: Iterable[str], counts: Counts, call: str) -> list[list[int]]:
        """Ids of targets, without end symbols, cut at 4,096 tokens: see `sources`."""
        ids = self.tokenizers[1].encode(self._normalised(check_texts(sentences, call), _LONGEST_TARGET))
        counts.targets += len(ids)
        counts.long_targets += sum(len(sentence) >= _LONGEST_TARGET for sentence in ids)
        return [sentence[: _LONGEST_TARGET - 1] for sentence in ids]

    def _normalised(self, texts: list[str], tokens: int) -> list[str]:
        """Texts as training read them, without what lies far behind the last token that is read."""
        return [self._normalise(text)[: _CHARACTERS * tokens] for text in texts]

    def _normalise(self, text: str) -> str:
        return normalise(text, self._normalisers, set())

    def split(self, text: str) -> list[str]:
        """The sentences of a line."""
        return split_sentences(self._normalise(text))

    def warnings(self, counts: Counts) -> list[str]:
        """What was out of the ordinary in texts and translations."""
        limits = self.longest + 1, _LONGEST_TARGET
        return counts.warnings(*limits, single=self.familiarity.single, known=bool(self.familiarity.longest))
