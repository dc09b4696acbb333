"""Whether a run can be trained."""

import shutil
from pathlib import Path

import pytest

from seq2seq.errors import CheckpointError
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.small_run import shrink
from seq2seq.runs.trained import is_small, refuse_if_small, refuse_if_trained
from seq2seq.settings.config import parse_config

STORED = Path(__file__).parents[1] / "stored_runs" / "plain"


def test_place_without_a_run_and_run_without_weights_may_be_trained(tmp_path):
    run = RunDirectory(tmp_path / "run")
    refuse_if_trained(run)
    run.create(parse_config({}), {})
    refuse_if_trained(run)
    refuse_if_small(run)


@pytest.mark.parametrize("kind", ["best", "last"])
def test_run_with_any_weights_is_not_overwritten(tmp_path, kind):
    run = RunDirectory(shutil.copytree(STORED, tmp_path / "run"))
    for path in run.checkpoints.iterdir():
        if not path.name.startswith(kind):
            shutil.rmtree(path)
    with pytest.raises(CheckpointError, match=r"run already holds a run: add --resume to go on with it, or choose"):
        refuse_if_trained(run)


def test_owner_of_a_run_is_named_first(tmp_path):
    run = RunDirectory(shutil.copytree(STORED, tmp_path / "run"))
    with run.owned("training"), pytest.raises(CheckpointError, match=r"process \d+ is training in .*: wait for it"):
        refuse_if_trained(run)


def test_small_run_goes_on_in_a_new_one(tmp_path):
    run = RunDirectory(shrink(STORED, tmp_path / "small run"))
    assert is_small(run)
    assert not is_small(RunDirectory(STORED))
    with pytest.raises(CheckpointError, match=r"seq2seq finetune '.*small run' CONFIG\.toml --run NEW_RUN"):
        refuse_if_small(run)
