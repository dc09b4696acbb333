"""Texts of several lines and sentences: taken apart for the translator, and put together again around its output."""

import html
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from seq2seq.data.sentences import join_sentences

_LINE_BREAKS = re.compile(r"(\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])")


class Line(NamedTuple):
    """The place of a line that is translated.

    Attributes:
        first: the number of its first sentence in the document.
        sentences: how many it has.
        escaped: whether its translation is text of an HTML document.
    """

    first: int
    sentences: int
    escaped: bool


class Document:
    """A text as what stays as it is (line breaks, spaces around a line, markup) and sentences to translate.

    Args:
        split: parts a line into its sentences.
    """

    def __init__(self, split: Callable[[str], list[str]]):
        self.sentences: list[str] = []
        self._split = split
        self._parts: list[str | Line] = []

    def keep(self, text: str) -> None:
        """Add what is not translated."""
        self._parts.append(text)

    def add_text(self, text: str, *, escaped: bool = False) -> None:
        """Add text of any number of lines.

        Args:
            text: what is to be translated, as a reader sees it.
            escaped: whether HTML has to be written for it.
        """
        for line in _LINE_BREAKS.split(text):
            words = line.strip()
            if not words:
                self.keep(line)
                continue
            begin = line.index(words)
            sentences = self._split(words)
            self.keep(line[:begin])
            self._parts.append(Line(len(self.sentences), len(sentences), escaped))
            self.sentences += sentences
            self.keep(line[begin + len(words) :])

    def joined(self, translations: Sequence[str]) -> str:
        """The document in the other language.

        Args:
            translations: of each sentence, in order.
        """
        return "".join(self._written(translations))

    def _written(self, translations: Sequence[str]) -> Iterator[str]:
        for part in self._parts:
            if isinstance(part, str):
                yield part
                continue
            text = join_sentences(translations[part.first : part.first + part.sentences])
            yield html.escape(text, quote=False) if part.escaped else text


def text_document(text: str, split: Callable[[str], list[str]]) -> Document:
    r"""A plain text as a document.

    >>> document = text_document("A cat. A dog.\n\n  Two birds.", lambda line: line.split(". "))
    >>> document.sentences
    ['A cat', 'A dog.', 'Two birds.']
    >>> document.joined(["Un chat.", "Un chien.", "Deux oiseaux."])
    'Un chat. Un chien.\n\n  Deux oiseaux.'

    Args:
        text: of any number of lines.
        split: parts a line into its sentences.
    """
    document = Document(split)
    document.add_text(text)
    return document
