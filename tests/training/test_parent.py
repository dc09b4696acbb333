"""What a fine-tuned run takes from its parent: read once, and as the parent noted it."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from seq2seq.errors import CheckpointError
from seq2seq.runs.checkpoint import weights_of
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import parse_config
from seq2seq.training.parent import Parent

STORED = Path(__file__).parents[1] / "stored_runs"


@pytest.fixture
def parent(tmp_path):
    """A run that an earlier version trained, to be changed."""
    return Parent(shutil.copytree(STORED / "plain", tmp_path / "plain"))


def test_description_is_what_a_fine_tuned_run_noted(parent):
    child = RunDirectory(STORED / "finetuned")
    noted, now = child.parent(), parent.description()
    assert now.keys() == noted.keys()
    for key in ("seq2seq", "checkpoint", "step", "updates"):
        assert now[key] == noted[key]
    assert parse_config(now["config"]) == child.parent_config()
    parent.see_that_it_is_as_noted(child)


def test_weights_and_moments_stay_those_that_were_read_first(parent):
    before = parent.description()
    best, last = parent.run.load("best"), parent.run.load("last")
    parent.run.save("best", best._replace(step=best.step + 1))
    without_moments = {name: array for name, array in last.arrays.items() if not name.startswith("optimizer/")}
    parent.run.save("last", last._replace(arrays=without_moments))
    assert parent.description() == before
    assert parent.weights.step == best.step
    assert parent.moments
    with pytest.raises(CheckpointError, match=r"plain was trained further, to step 1,176, since .*finetuned was begun"):
        Parent(parent.path).see_that_it_is_as_noted(RunDirectory(STORED / "finetuned"))


def test_what_was_released_is_read_anew(parent):
    weights = parent.weights
    parent.release()
    assert parent.weights is not weights
    assert parent.weights.step == weights.step


def test_every_weight_has_two_moments_of_its_shape(parent):
    for name, array in weights_of(parent.run.model()).items():
        for moment in ("momentum", "velocity"):
            assert parent.moments[f"{name.replace('/', '_')}_{moment}"].shape == array.shape
    assert parent.updates == 1880


def test_without_a_last_checkpoint_there_are_no_moments(parent):
    for folder in (parent.path / "checkpoints").glob("last-*"):
        shutil.rmtree(folder)
    assert (parent.moments, parent.updates) == ({}, 0)


@pytest.mark.parametrize("iteration", [np.array([1, 2]), np.array(1.5)])
def test_number_of_updates_that_is_none_is_refused(parent, iteration):
    last = parent.run.load("last")
    parent.run.save("last", last._replace(arrays=dict(last.arrays) | {"optimizer/iteration": iteration}))
    with pytest.raises(CheckpointError, match=r"optimizer/iteration is not a number of updates: copy the run again"):
        _ = parent.updates


def test_replay_is_the_training_text(parent):
    replay = parent.replay()
    (pairs,) = (list(corpus) for corpus in replay.corpora)
    assert len(pairs) == 500
    assert (pairs[0].source, pairs[0].target) == ("Alice will invite us.", "Alice nous invitera.")
    assert (replay.weights, len(replay.starts)) == ([1.0], 1)


def test_dev_set_that_an_older_version_did_not_keep_is_asked_for(parent, tmp_path):
    command = r"seq2seq train .*plain/config\.json --run .*plain --resume"
    with pytest.raises(CheckpointError, match=rf"does not keep its dev set.*where its corpora are: {command}"):
        parent.dev()
    with pytest.raises(CheckpointError, match=r"gone is no run, and its dev set is not kept here either: put"):
        Parent(tmp_path / "gone").dev()
