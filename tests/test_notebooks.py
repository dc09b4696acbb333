"""The executed notebooks are those of their sources, the sources run as programs, and their exercises can be solved."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "docs" / "builder"))  # the builder is no package
import make_notebooks  # noqa: E402
from notebook_pages import NOTEBOOKS  # noqa: E402

sys.path.remove(str(ROOT / "docs" / "builder"))

# The answers to the exercises, as code.
ANSWERS = {
    "one_sentence": ("1280", "3 * 640**2", '"My sister did not buy a small blue car yesterday."'),
    "shared_weights": ("4704", "40", "range(10)"),
    "vanishing_gradient": ("0.9**20", "0.5**0.1", "5.0"),
    "teacher_forcing": ('"BOS"', "lambda pieces: pieces - 1", "0"),
    "forgetting": (
        "1 / 8",
        '"My brother and I went to Nepal in 2009."',
        '"Nepal lost 2009 of its 3456 soldiers in 1857."',
    ),
    "own_language_pair": (
        "sum(ours == theirs for ours, theirs in zip(translations, references))",
        "False",
        '"tokenizer.vocabulary_size"',
    ),
    "reading_bleu": ("36.8", "2000", '"the old man sold his boat to my brother last week ."'),
}

# What would take long in a test, and what takes its place.
SMALLER = {"own_language_pair": (('"train", 10000', '"train", 500'), ("epochs = 6", "epochs = 2"))}


def source_of(name):
    return ROOT / "notebooks" / f"{name}.py"


def test_every_notebook_is_known():
    sources = {path.stem for path in (ROOT / "notebooks").glob("*.py")}
    assert sources == set(NOTEBOOKS) == set(ANSWERS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_is_made_from_its_source(name):
    assert make_notebooks.faults(source_of(name)) == [], "run make notebooks"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_runs_and_takes_the_right_answers(name, tmp_path):
    text = source_of(name).read_text(encoding="utf-8")
    for number, answer in enumerate(ANSWERS[name], 1):
        assert text.count(f"answer_{number} = None\n") == 1
        text = text.replace(f"answer_{number} = None\n", f"answer_{number} = {answer}\n")
    for large, small in SMALLER.get(name, ()):
        assert large in text
        text = text.replace(large, small)
    program = tmp_path / "notebook.py"
    program.write_text(text, encoding="utf-8")
    environment = os.environ | {"MPLBACKEND": "agg", "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    line = [sys.executable, "-W", "ignore", str(program)]
    result = subprocess.run(
        line, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert result.returncode == 0, result.stderr[-2000:]
    verdicts = re.findall(r"^(right|not yet: .*|no answer yet)$", result.stdout, re.MULTILINE)
    assert verdicts == ["right"] * len(ANSWERS[name])
    differences = [float(line.split(":")[1]) for line in result.stdout.split("\n") if "largest difference" in line]
    assert max(differences, default=0.0) < 1e-4


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A function that makes a notebook of one cell, without executing it, and returns the path of its source."""
    monkeypatch.setattr(make_notebooks, "repository", lambda: "")

    def make(code, executed=1):
        source = tmp_path / "example.py"
        source.write_text(f"# %% [markdown]\n# # Example\n\n# %%\n{code}\n", encoding="utf-8")
        notebook = make_notebooks.unexecuted(source)
        notebook.cells[-1].execution_count = executed
        make_notebooks.nbformat.write(notebook, source.with_suffix(".ipynb"))
        return source

    return make


def test_changed_source_is_noticed(made):
    source = made("print(1)")
    assert make_notebooks.faults(source) == []
    source.write_text(source.read_text(encoding="utf-8").replace("print(1)", "print(2)"), encoding="utf-8")
    assert make_notebooks.faults(source) == ["example.ipynb is not made from the present example.py"]


def test_changed_notebook_is_noticed(made):
    source = made("print(1)")
    path = source.with_suffix(".ipynb")
    path.write_text(path.read_text(encoding="utf-8").replace("print(1)", "print(2)"), encoding="utf-8")
    assert make_notebooks.faults(source) == ["example.ipynb is not made from the present example.py"]


def test_notebook_that_was_not_executed_is_noticed(made):
    assert make_notebooks.faults(made("print(1)", executed=None)) == ["example.ipynb has cells that were not executed"]


def test_missing_notebook_is_noticed(made):
    source = made("print(1)")
    source.with_suffix(".ipynb").unlink()
    assert make_notebooks.faults(source) == ["example.ipynb is missing"]


def test_large_notebook_is_noticed(made, monkeypatch):
    monkeypatch.setattr(make_notebooks, "_MOST_BYTES", 100)
    assert re.match(r"example.ipynb has \d+ bytes, and at most 100 are allowed", make_notebooks.faults(made("1"))[0])


def test_badge_and_installation_come_with_the_repository(made, monkeypatch):
    source = made("print(1)")
    monkeypatch.setattr(make_notebooks, "repository", lambda: "somebody/seq2seq")
    title, install, _ = make_notebooks.unexecuted(source).cells
    assert "colab.research.google.com/github/somebody/seq2seq/blob/main/notebooks/example.ipynb" in title.source
    assert "%pip install 'seq2seq[cpu] @ git+https://github.com/somebody/seq2seq'" in install.source


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ("", ""),
        ("url = https://github.com/somebody/seq2seq\n", "somebody/seq2seq"),
        ("project_urls =\n    Source = https://github.com/somebody/seq2seq.git\n", "somebody/seq2seq"),
        ("url = https://example.org\n", ""),
    ],
)
def test_repository_is_read_from_setup_cfg(lines, name, tmp_path, monkeypatch):
    (tmp_path / "setup.cfg").write_text(f"[metadata]\nname = seq2seq\n{lines}", encoding="utf-8")
    monkeypatch.setattr(make_notebooks, "ROOT", tmp_path)
    assert make_notebooks.repository() == name
