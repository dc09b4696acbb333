"""HTML: its text is translated, its markup stays as it is, and what could not be put together again is refused."""

import html
import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser

from seq2seq.serving.documents import Document
from seq2seq.serving.refusals import BadRequest

_NOT_PROSE = frozenset({"script", "style", "code", "pre", "kbd", "samp", "textarea", "svg", "math", "template"})
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
})  # fmt: skip

_MARKUP = re.compile(r"<[a-zA-Z!/?]")


def html_document(text: str, split: Callable[[str], list[str]]) -> Document:
    """An HTML text or fragment as a document.

    The text between two tags is translated by itself. What stands in an element such as ``code``, or in one with
    ``translate="no"``, stays as it is, and so do attributes.

    >>> html_document("<p>A cat &amp; a dog.</p>", lambda line: [line]).joined(["Un chat < un chien."])
    '<p>Un chat &lt; un chien.</p>'

    Args:
        text: a page or a part of one, as the client sent it.
        split: parts a line into its sentences.

    Raises:
        BadRequest: an element is not closed, or is closed without being open: the HTML is not well-formed.
    """
    parser = _Parser(text)
    document = Document(split)
    for kind, raw in parser.segments():
        if kind == "text":
            document.add_text(html.unescape(raw), escaped=True)
        else:
            document.keep(raw)
    return document


def see_that_markup_stayed(before: str, after: str) -> None:
    """See that a translated HTML text has the markup of the text that it was made from.

    Raises:
        BadRequest: the markup has changed.
    """
    if _Parser(before).markup() != _Parser(after).markup():
        raise BadRequest("this HTML cannot be translated without changing its markup: send format=text instead")


class _Parser(HTMLParser):
    """Notes where text, markup and text that is not translated begin.

    Args:
        text: the HTML, which is read at once.
    """

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self._text = text
        self._lines = [0]  # where each line begins
        for line in text.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._open: list[tuple[str, bool]] = []  # elements, and whether each keeps its text as it is
        self._begins: list[tuple[int, str]] = []
        try:
            self.feed(text)
            self.close()
        except AssertionError as error:  # of declarations that it does not know
            raise BadRequest("the HTML is not well-formed: it has a declaration that cannot be read") from error
        if any(kind == "text" and _MARKUP.search(raw) for kind, raw in self.segments()):
            raise BadRequest("the HTML is not well-formed: a tag or a comment does not end")
        if self._open:
            raise BadRequest(f"the HTML is not well-formed: <{self._open[-1][0]}> is not closed")

    def segments(self) -> list[tuple[str, str]]:
        """The parts of the text in order, each of one kind: ``text``, ``kept`` or ``markup``."""
        merged: list[tuple[int, str]] = []
        for begin, kind in self._begins:
            if kind != "text" or not merged or merged[-1][1] != "text":
                merged.append((begin, kind))
        ends = [*(begin for begin, _ in merged[1:]), len(self._text)]
        return [(kind, self._text[begin:end]) for (begin, kind), end in zip(merged, ends, strict=False)]

    def markup(self) -> list[str]:
        """Everything but the text that is translated, in order."""
        return [raw for kind, raw in self.segments() if kind != "text"]

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """See `HTMLParser.handle_starttag`."""
        self._begin("markup")
        if tag not in _VOID:
            self._open.append((tag, tag in _NOT_PROSE or dict(attrs).get("translate") == "no"))

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """See `HTMLParser.handle_startendtag`."""
        self._begin("markup")

    def handle_endtag(self, tag: str) -> None:
        """See `HTMLParser.handle_endtag`."""
        self._begin("markup")
        if not self._open or self._open.pop()[0] != tag:
            raise BadRequest(f"the HTML is not well-formed: </{tag[:40]}> closes nothing that is open there")

    def handle_data(self, data: str) -> None:
        """See `HTMLParser.handle_data`."""
        self._begin("kept" if any(keeps for _, keeps in self._open) else "text")

    def handle_comment(self, data: str) -> None:
        """See `HTMLParser.handle_comment`."""
        self._begin("markup")

    def handle_decl(self, decl: str) -> None:
        """See `HTMLParser.handle_decl`."""
        self._begin("markup")

    def handle_pi(self, data: str) -> None:
        """See `HTMLParser.handle_pi`."""
        self._begin("markup")

    def unknown_decl(self, data: str) -> None:
        """See `HTMLParser.unknown_decl`."""
        self._begin("markup")

    def _begin(self, kind: str) -> None:
        line, column = self.getpos()
        self._begins.append((self._lines[line - 1] + column, kind))
