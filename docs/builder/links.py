"""Links between files of the repository become links between pages of the site."""

import os
import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from page import ROOT, Page, SiteError

# A block of code, or code inside a line that looks like a link.
_CODE = re.compile(r"(^(`{3,}).*?^\2$|`[^`\n]*\]\([^`\n]*`)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)|src=\"(?P<src>[^\"]+)\"")
_PICTURES = (".png", ".svg", ".jpg", ".gif")


def linked(pages: Iterable[Page], pictures: dict[str, str]) -> list[Page]:
    """The pages with all links rewritten.

    Args:
        pages: all pages of the site.
        pictures: the places of pictures by their paths in the repository; pictures that pages show are added to it.

    Raises:
        SiteError: links lead nowhere; names all of them.
    """
    pages = list(pages)
    places = {f"docs/{page.place}": page.place for page in pages}  # as if all pages lay in docs/
    places |= {page.source: page.place for page in pages}
    places |= {str(PurePosixPath(page.source).parent): page.place for page in pages if _is_folder(page)}
    dead: list[str] = []
    rewritten = [page._replace(text=_rewritten(page, places, pictures, dead)) for page in pages]
    if dead:
        raise SiteError("links that lead nowhere:\n" + "\n".join(dead))
    return rewritten


def _is_folder(page: Page) -> bool:
    """Whether a link to the folder of the page's source means the page, as for a recipe's README."""
    return PurePosixPath(page.source).name in ("README.md", "index.md")


def _rewritten(page: Page, places: dict[str, str], pictures: dict[str, str], dead: list[str]) -> str:
    def replace(match: re.Match[str]) -> str:
        target = match["target"] or match["src"]
        if re.match(r"[a-z]+:|#", target):
            return match[0]
        path, _, anchor = target.partition("#")
        file = _in_repository(path, page.source)
        if match["image"] and file.endswith(".ipynb"):  # notebooks/NAME.ipynb#2 is the second picture of the notebook
            place = f"{file.removesuffix('.ipynb')}-{anchor}.png"
            anchor = ""
        elif file.endswith(_PICTURES) and (file in pictures or (ROOT / file).is_file()):
            place = pictures.setdefault(file, f"pictures/{file.replace('/', '-')}")
        elif file in places:
            place = places[file]
        elif match["text"] and (ROOT / file).exists():
            return match["text"]  # a file that is no page: its name remains, and there is nothing to open
        else:
            dead.append(f"{page.source}: {target}")
            return match[0]
        relative = os.path.relpath(place, PurePosixPath(page.place).parent)
        return match[0].replace(target, relative + (f"#{anchor}" if anchor else ""))

    return _outside_code(page.text, lambda text: _LINK.sub(replace, text))


def _in_repository(path: str, source: str) -> str:
    """A link's path from the root of the repository."""
    if path.startswith("/"):
        return os.path.normpath(path[1:])
    return os.path.normpath(PurePosixPath(source).parent / path)


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with `change` applied to all that is not code."""
    kept = []
    end = 0
    for match in _CODE.finditer(text):
        kept += [change(text[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*kept, change(text[end:])])
