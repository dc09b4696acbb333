"""A page of the site before it is written, and the sections of README.md that pages are made of."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
_INCLUDED = re.compile(r"^<!-- README: (.+) -->$", re.MULTILINE)


class Page(NamedTuple):
    """A page.

    Attributes:
        place: the path of the page in the site, such as ``concepts/gates.md``.
        source: the path in the repository that the page stands for; its links are read relative to this path.
        text: Markdown.
    """

    place: str
    source: str
    text: str


class SiteError(Exception):
    """Something that would make a wrong site: the message says where and what to do."""


def read(path: str) -> str:
    """The text of a file of the repository."""
    return (ROOT / path).read_text(encoding="utf-8")


def with_readme_sections(text: str, source: str) -> str:
    """A page's text, with sections of README.md in the places of its lines ``<!-- README: HEADING -->``.

    Raises:
        SiteError: README.md has no section of that name.
    """
    sections = _sections(read("README.md"))

    def section(match: re.Match[str]) -> str:
        heading = match[1]
        if heading not in sections:
            raise SiteError(f"{source} asks for the section {heading!r} of README.md, which has {', '.join(sections)}")
        return from_root(sections[heading]).strip()

    return _INCLUDED.sub(section, text)


def _sections(text: str) -> dict[str, str]:
    """The text below each heading of the second level."""
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def from_root(text: str) -> str:
    """The same text with links that begin at the repository's root ("/"), so that they hold on any page."""
    return re.sub(r'(\]\(|src=")(?![a-z]+:|[#/])', r"\1/", text)
