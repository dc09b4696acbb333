"""What the tests of publishing share: runs that are kept, and an export of one."""

from pathlib import Path

import pytest

STORED = Path(__file__).parents[1] / "stored_runs"


@pytest.fixture(scope="session")
def stored():
    """The folder of runs that are kept for tests."""
    return STORED


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """An export of a kept run."""
    from seq2seq.export.writing import export

    return export(STORED / "plain", tmp_path_factory.mktemp("exports") / "plain", int8=True)
