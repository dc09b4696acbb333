"""Pages of the executed notebooks: their text, their code, what it printed, and their pictures."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from page import ROOT, Page, SiteError, read

# In the order in which they are best read, with what a reader learns.
NOTEBOOKS = {
    "one_sentence": "one sentence, step by step, through a trained network",
    "shared_weights": "why every step uses the same weights, and what happens without",
    "vanishing_gradient": "how far back learning reaches in a simple cell, a GRU and an LSTM",
    "teacher_forcing": "what differs between training and translation",
    "forgetting": "what h(T) forgets: Nepal in 2009",
    "own_language_pair": "from two files to a score",
    "reading_bleu": "signature, interval, significance",
}


def notebook_pages() -> Iterator[Page]:
    """The list of notebooks, and a page for each.

    Raises:
        SiteError: a notebook is missing, or the list above does not name it.
    """
    made = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    if made != set(NOTEBOOKS):
        raise SiteError(f"notebooks/ has {', '.join(sorted(made))}; docs/builder/notebook_pages.py lists others")
    listed = "\n".join(f"| [{_title(name)}]({name}.md) | {about} |" for name, about in NOTEBOOKS.items())
    yield Page(
        "notebooks/index.md", "docs/notebooks/index.md", read("docs/notebooks.md").replace("<!-- list -->", listed)
    )
    for name in NOTEBOOKS:
        yield Page(f"notebooks/{name}.md", f"notebooks/{name}.ipynb", _text(name))


def _cells(name: str) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(read(f"notebooks/{name}.ipynb"))["cells"]
    return cells


def _joined(lines: str | list[str]) -> str:
    return lines if isinstance(lines, str) else "".join(lines)


def _title(name: str) -> str:
    return _joined(_cells(name)[0]["source"]).split("\n")[0].removeprefix("# ")


def write_notebook_pictures(folder: Path) -> None:
    """Write the pictures of all notebooks, as NAME-1.png and so on, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NOTEBOOKS:
        outputs = [output for cell in _cells(name) for output in cell.get("outputs", [])]
        pictures = [output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", {})]
        for number, picture in enumerate(pictures, 1):
            (folder / f"{name}-{number}.png").write_bytes(base64.b64decode(_joined(picture)))


def _text(name: str) -> str:
    parts = []
    number = 0
    for cell in _cells(name):
        source = _joined(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        for output in cell["outputs"]:
            if "text" in output:
                parts.append(f"```text\n{_joined(output['text']).rstrip()}\n```")
            elif "image/png" in output.get("data", {}):
                number += 1
                parts.append(f"![What the code above draws](/notebooks/{name}.ipynb#{number})")
    parts[1:1] = [
        f"*This page is made from `notebooks/{name}.ipynb`. Open that file to change the code and to run it.*"
    ]
    return "\n\n".join(parts) + "\n"
