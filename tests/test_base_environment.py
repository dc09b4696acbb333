"""`pip install seq2seq` without an extra translates, scores, encodes and evaluates, and says what training needs."""

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
STORED = ROOT / "tests" / "stored_runs" / "plain"
EXPECTED = json.loads((STORED.parent / "expected.json").read_text(encoding="utf-8"))["plain"]
ONLY_TRAINING = ("keras", "tensorflow", "jax", "torch", "pyarrow", "datasets", "pandas", "matplotlib", "fontTools")
INSTALL = "run pip install 'seq2seq[cpu]', or 'seq2seq[gpu]' for an NVIDIA GPU, or 'seq2seq[jax]'"
MOST_MEGABYTES = 250

pytestmark = [pytest.mark.slow, pytest.mark.network]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The folder of a virtual environment with this checkout and what it requires; pip itself stays outside."""
    folder = tmp_path_factory.mktemp("base")
    project = folder / "project"  # a copy: building writes beside the sources
    shutil.copytree(ROOT / "seq2seq", project / "seq2seq", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, project)
    venv.create(folder / "environment", symlinks=True)
    python = folder / "environment" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "--retries", "1", "install", "--quiet", project]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if re.search("NewConnectionError|ConnectTimeoutError|NameResolutionError", done.stderr):
        pytest.skip("the packages cannot be fetched: there is no connection to their index")
    assert done.returncode == 0, done.stderr
    return folder / "environment"


@pytest.fixture(scope="module")
def command(environment, tmp_path_factory):
    """A function that runs a command of the environment in a folder of its own, which it has as `folder`."""
    folder = tmp_path_factory.mktemp("work")
    hidden = ("PYTHON", "KERAS", "VIRTUAL_ENV")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}

    def run(*arguments, lines=()):
        program, *rest = arguments
        text = "".join(f"{line}\n" for line in lines)
        return subprocess.run(
            [environment / "bin" / program, *rest],
            input=text, capture_output=True, text=True, encoding="utf-8", cwd=folder, env=variables, check=False,
        )  # fmt: skip

    run.folder = folder
    return run


@pytest.fixture(scope="module", params=["run", "export"])
def model(request, command):
    """A stored run, and an export of it that the environment makes."""
    if request.param == "run":
        return STORED
    done = command("seq2seq", "export", STORED, "exported")
    assert done.returncode == 0, done.stderr
    return command.folder / "exported"


@pytest.fixture(scope="module")
def files(command):
    """Sources, references and translations as files."""
    places = {}
    for name in ("sources", "references", "translations"):
        places[name] = command.folder / f"{name}.txt"
        places[name].write_text("".join(f"{line}\n" for line in EXPECTED[name]), encoding="utf-8")
    return places


@pytest.mark.parametrize("package", ONLY_TRAINING)
def test_package_that_only_training_needs_cannot_be_imported(command, package):
    done = command("python", "-c", f"import {package}")
    assert f"No module named '{package}'" in done.stderr


def test_environment_is_small(environment):
    files = [path.lstat() for path in environment.rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(512 * file.st_blocks for file in files) < MOST_MEGABYTES << 20


def test_translations_are_those_of_the_network(command, model):
    done = command("seq2seq", "translate", model, lines=EXPECTED["sources"])
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == EXPECTED["translations"]


def test_scores_are_those_of_the_network(command, model, files):
    done = command("seq2seq", "score", model, "--source", files["sources"], "--target", files["references"])
    assert done.returncode == 0, done.stderr
    scores = [score for score, _ in EXPECTED["scores"]]
    assert [float(line) for line in done.stdout.splitlines()] == pytest.approx(scores, abs=2e-4)


def test_vectors_are_those_of_the_network(command, model):
    done = command("seq2seq", "encode", model, "--output", "vectors.npy", lines=EXPECTED["sources"])
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(np.load(command.folder / "vectors.npy"), EXPECTED["vectors"], atol=1e-5)


def test_a_test_set_is_scored(command, model, files):
    done = command("seq2seq", "evaluate", model, "--source", files["sources"], "--reference", files["translations"])
    assert done.returncode == 0, done.stderr
    assert re.search(r"BLEU +100\.0", done.stdout)


def test_model_that_ships_translates(command):
    done = command("seq2seq", "translate", "en-fr", lines=["I am happy."])
    assert done.returncode == 0, done.stderr
    assert "Je suis" in done.stdout


def test_training_says_which_extra_to_install(command, files):
    pairs = f'[{{ source = "{files["sources"]}", target = "{files["references"]}" }}]'
    settings = f'[data]\nsource_language = "en"\ntarget_language = "fr"\ntrain = {pairs}\ndev = {pairs}\n'
    (command.folder / "own.toml").write_text(settings, encoding="utf-8")
    done = command("seq2seq", "train", "own.toml", "--run", "new")
    assert done.returncode == 1
    needed = "which training, analyses and the Keras engine need"
    error = f"seq2seq: error: neither tensorflow nor jax is installed, {needed}: {INSTALL}"
    assert done.stderr.splitlines()[-1] == error
    assert not (command.folder / "new").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("translate", STORED, "--engine", "keras"),
        ("analyze", STORED, "--source", "sources.txt", "--reference", "references.txt", "--output", "report"),
    ],
)
def test_command_that_needs_keras_says_which_extra_to_install(command, files, arguments):
    done = command("seq2seq", *arguments, lines=EXPECTED["sources"])
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith(INSTALL)
    assert "Traceback" not in done.stderr


def test_python_says_which_extra_to_install(command):
    done = command("python", "-c", "from seq2seq import train")
    assert done.stderr.splitlines()[-1].startswith("seq2seq.errors.MissingExtraError: neither tensorflow nor jax")
    assert command("python", "-c", "from seq2seq import Translator, evaluate, shrink, train_tokenizer").returncode == 0
