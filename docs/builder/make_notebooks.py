"""Make the executed notebooks from their sources: `make notebooks`.

notebooks/NAME.py has cells (`# %%`); notebooks/NAME.ipynb has the same cells, with what they printed and drew. A
notebook is only executed again if its source has changed.
"""

import argparse
import configparser
import copy
import hashlib
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import jupytext
import nbformat

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
_MOST_BYTES = 500_000
_SECONDS = 600  # for one cell, on a busy machine
_KEY = "source_sha256"
_SOURCE_OF_BADGES = "https://colab.research.google.com/assets/colab-badge.svg"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--check", action="store_true", help="execute nothing: compare the notebooks with their sources"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="notebooks, without .py (default: all)")
    options = parser.parse_args()
    sources = [FOLDER / f"{name}.py" for name in options.names] or sorted(FOLDER.glob("*.py"))
    if options.check:
        found = [fault for source in sources for fault in faults(source)]
        if found:
            sys.exit("\n".join([*found, "run make notebooks"]))
        return
    if not repository():
        print("setup.cfg names no repository (project_urls = Source = https://github.com/OWNER/NAME): no badges")
    for source in sources:
        if faults(source):
            print(f"{source.name}: executing", end="", flush=True)
            begun = time.monotonic()
            _execute(source)
            print(f", {time.monotonic() - begun:.0f} seconds")
        else:
            print(f"{source.name}: unchanged")


def repository() -> str:
    """The address of the repository on GitHub, as OWNER/NAME; empty where setup.cfg has none."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    addresses = settings["metadata"].get("url", "") + "\n" + settings["metadata"].get("project_urls", "")
    found = re.search(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?\s*$", addresses, re.MULTILINE)
    return found[1] if found else ""


def unexecuted(source: Path) -> Any:
    """The notebook of a source, without outputs; with a badge and a cell that installs, if the repository is known."""
    notebook = jupytext.read(source)
    if name := repository():
        place = f"https://colab.research.google.com/github/{name}/blob/main/notebooks/{source.stem}.ipynb"
        notebook.cells[0].source += f"\n\n[![Open in Colab]({_SOURCE_OF_BADGES})]({place})"
        install = (
            "# In a hosted notebook, install seq2seq first: remove the # of the next line.\n"
            f"# %pip install 'seq2seq[cpu] @ git+https://github.com/{name}'"
        )
        notebook.cells.insert(1, nbformat.v4.new_code_cell(install))
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number}"
        cell.metadata = nbformat.NotebookNode()
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    notebook.metadata = nbformat.from_dict({"kernelspec": kernel, "seq2seq": {_KEY: digest}})
    return notebook


def faults(source: Path) -> list[str]:
    """In what the executed notebook is not that of its source, as sentences."""
    path = source.with_suffix(".ipynb")
    if not path.is_file():
        return [f"{path.name} is missing"]
    wanted = unexecuted(source)
    notebook = nbformat.read(path, as_version=4)
    if notebook.metadata.get("seq2seq") != wanted.metadata["seq2seq"] or _cells(notebook) != _cells(wanted):
        return [f"{path.name} is not made from the present {source.name}"]
    if path.stat().st_size > _MOST_BYTES:
        return [f"{path.name} has {path.stat().st_size:,} bytes, and at most {_MOST_BYTES:,} are allowed"]
    left_out = [cell for cell in notebook.cells if cell.cell_type == "code" and not cell.execution_count]
    return [f"{path.name} has cells that were not executed"] if left_out else []


def _cells(notebook: Any) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def _execute(source: Path) -> None:
    """Run a notebook and write it with its outputs.

    A notebook may leave files: its working folder is temporary, so that nothing remains in the repository.
    """
    import tempfile

    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TQDM_DISABLE": "1"}
    os.environ["PYTHONPATH"] = str(ROOT)
    notebook = unexecuted(source)
    metadata = copy.deepcopy(notebook.metadata)
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        kernel = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=f"{folder}/socket")  # no open port
        client = NotebookClient(notebook, km=kernel, timeout=_SECONDS, record_timing=False, resources=resources)
        executed = copy.deepcopy(client.execute())
    for cell in executed.cells:
        cell.metadata = nbformat.NotebookNode()
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    executed.metadata = metadata
    text = nbformat.writes(executed) + "\n"
    for private in (str(ROOT), folder, str(Path.home())):
        if private in text:
            sys.exit(f"{source.name} shows {private}, a path of this machine: let it print relative paths")
    part = source.with_suffix(".ipynb.part")
    part.write_text(text, encoding="utf-8")
    part.replace(source.with_suffix(".ipynb"))


if __name__ == "__main__":
    main()
