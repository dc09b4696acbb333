"""Exports of a stored run."""

import shutil
from pathlib import Path

import pytest

from seq2seq.export.writing import export
from seq2seq.runs.directory import RunDirectory

STORED = Path(__file__).parents[1] / "stored_runs" / "plain"


@pytest.fixture(scope="session", params=["float32", "int8"])
def kind(request):
    return request.param


@pytest.fixture(scope="session")
def stored():
    return RunDirectory(STORED)


@pytest.fixture(scope="session")
def exported(kind, tmp_path_factory):
    """An export that tests only read."""
    return export(STORED, tmp_path_factory.mktemp("exports") / kind, int8=kind == "int8")


@pytest.fixture
def made_run_copy(tmp_path):
    """A copy of the run, to be changed."""
    return Path(shutil.copytree(STORED, tmp_path / "run"))


@pytest.fixture
def copied(exported, tmp_path):
    """A copy of an export, to be spoilt."""
    return Path(shutil.copytree(exported, tmp_path / "export"))
