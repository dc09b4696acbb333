"""Shows the doctests of docstrings as examples: mkdocstrings takes them for text unless a heading stands above them."""

import re
from typing import Any

import griffe

_DOCTEST = re.compile(r"(?:^>>> .*\n?(?:^(?!\s*$).*\n?)*)", re.MULTILINE)


class DocstringExamples(griffe.Extension):
    """Puts the heading "Examples:" above each doctest of a docstring."""

    def on_instance(self, *, obj: griffe.Object, **arguments: Any) -> None:
        """Change the docstring of a module, a class, a function or an attribute, after it was read."""
        if obj.docstring:
            obj.docstring.value = _DOCTEST.sub(_example, obj.docstring.value)


def _example(match: re.Match[str]) -> str:
    lines = match[0].rstrip("\n").split("\n")
    return "\n".join(["Examples:", *(f"    {line}" for line in lines), ""])
