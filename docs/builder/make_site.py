"""Make the documentation site from the repository: `make docs`.

Pages that people wrote, READMEs, docstrings, the command line's help and pictures that the network's own code draws
become one folder of static files. Any warning and any dead link stops the build.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

from dead_links import faults
from generated import generated_pages
from links import linked
from notebook_pages import NOTEBOOKS, notebook_pages, write_notebook_pictures
from page import ROOT, Page, SiteError, read, with_readme_sections
from settings_page import settings_page

_WRITTEN = ROOT / "docs"
_MORE = "More"
_COMPLETED = ("analyses.md", "notebooks.md")  # pages to which code adds something
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_CONCEPTS = ("sharing", "gates", "teacher_forcing", "through_time", "summary")
# The chapters. A page that is in none of them comes under "More".
_CHAPTERS = {
    "Start": ["index.md", "start.md", "languages.md", "serving.md", "containers.md", "shards.md", "hub.md"],
    "Concepts": ["concepts/index.md", *(f"concepts/{name}.md" for name in _CONCEPTS)],
    "Notebooks": ["notebooks/index.md", *(f"notebooks/{name}.md" for name in NOTEBOOKS)],
    "Reference": [
        *("commands.md", "shell.md", "settings.md", "analyses.md", "scores.md", "metrics.md", "trackers.md"),
        *("files.md", "errors.md"),
    ],
    "API": [f"api/{name}.md" for name in ("translating", "training", "settings", "errors", "network", "analysis")],
    "Recipes": ["recipes/index.md", "recipes/*"],
    "Models": ["models/*"],
    "Project": ["architecture.md", "contributing.md", "changelog.md"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "docs", help="the folder to make (build/docs)")
    folder = parser.parse_args().output.resolve()
    begun = time.monotonic()
    try:
        site = build(folder)
    except SiteError as error:
        sys.exit(f"docs: {error}")
    pages = len(list(site.rglob("*.html")))
    print(f"{pages} pages in {time.monotonic() - begun:.0f} seconds")
    print(how_to_open(site))


def how_to_open(site: Path) -> str:
    """What to do to read the site: browsers let no page that was opened as a file read the index of the search."""
    serve = f"python3 -m http.server --bind 127.0.0.1 --directory {shlex.quote(_shown(site))} 8000"
    return f"To read it with its search, run this, and open http://127.0.0.1:8000/ in a browser:\n  {serve}"


def build(folder: Path) -> Path:
    """Make the site in a folder.

    Args:
        folder: what is in its `pages` and `site` is replaced.

    Returns:
        the folder of the site.

    Raises:
        SiteError: a link is dead, a page loads something from another host, or zensical warned of something.
    """
    print("collecting the pages and drawing their pictures")
    pages = [*_written(), *_from_repository(), *generated_pages(), settings_page(), *notebook_pages()]
    pictures: dict[str, str] = {}
    pages = linked(pages, pictures)
    _write(folder, pages, pictures)
    print("building the site")
    _zensical(folder)
    print("looking for dead links")
    found = list(faults(folder / "site"))
    if found:
        raise SiteError("\n".join([f"{len(found)} faults in the site:", *found]))
    return folder / "site"


def _written() -> list[Page]:
    """The pages in docs/; a page that is completed by code is left to `generated_pages`."""
    pages = []
    for path in sorted(_WRITTEN.rglob("*.md")):
        place = path.relative_to(_WRITTEN).as_posix()
        if place not in _COMPLETED:
            source = f"docs/{place}"
            pages.append(Page(place, source, with_readme_sections(read(source), source)))
    return pages


def _from_repository() -> list[Page]:
    """Files of the repository that are pages as they are."""
    sources = {f"{name.upper()}.md": f"{name}.md" for name in ("architecture", "contributing", "changelog")}
    sources["recipes/README.md"] = "recipes/index.md"
    for path in sorted((ROOT / "recipes").glob("*/README.md")):
        sources[path.relative_to(ROOT).as_posix()] = f"recipes/{path.parent.name}.md"
    for path in sorted((ROOT / "seq2seq" / "models").glob("*/MODEL_CARD.md")):
        sources[path.relative_to(ROOT).as_posix()] = f"models/{path.parent.name}.md"
    return [Page(place, source, read(source)) for source, place in sources.items()]


def _write(folder: Path, pages: list[Page], pictures: dict[str, str]) -> None:
    """All that zensical reads."""
    staged = folder / "pages"
    shutil.rmtree(staged, ignore_errors=True)
    shutil.rmtree(folder / "site", ignore_errors=True)
    for page in pages:
        path = staged / page.place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page.text, encoding="utf-8")
    for source, place in pictures.items():
        path = staged / place
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / source, path)
    write_notebook_pictures(staged / "notebooks")
    shutil.copyfile(_WRITTEN / "style.css", staged / "style.css")
    settings = read("docs/zensical.toml").replace("nav = []", f"nav = {_navigation([page.place for page in pages])}")
    settings = settings.replace('"docs/builder/', f'"{_WRITTEN.as_posix()}/builder/')
    (folder / "zensical.toml").write_text(settings, encoding="utf-8")


def _navigation(places: list[str]) -> str:
    """The chapters and their pages, as TOML.

    Raises:
        SiteError: a chapter names a page that does not exist.
    """
    left = dict.fromkeys(sorted(places))
    chapters = {}
    for chapter, names in _CHAPTERS.items():
        chapters[chapter] = []
        for name in names:
            chosen = [place for place in left if re.fullmatch(name.replace("*", "[^/]+"), place)]
            if not chosen:
                raise SiteError(f"the chapter {chapter!r} of docs/builder/make_site.py names {name}, which is no page")
            chapters[chapter] += chosen
            for place in chosen:
                del left[place]
    if left:
        chapters[_MORE] = list(left)
    return f"[{', '.join(f'{{ {json.dumps(name)} = {json.dumps(pages)} }}' for name, pages in chapters.items())}]"


def _zensical(folder: Path) -> None:
    """Run zensical, which must have nothing to say."""
    line = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    environment = os.environ | {"NO_COLOR": "1"}
    result = subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    said = _COLOUR.sub("", result.stderr.split("Traceback")[0])
    warnings = [line for line in said.split("\n") if line.strip() and "No issues found" not in line]
    if result.returncode or warnings:
        raise SiteError("\n".join(["zensical warns:", *warnings]))


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    main()
