"""The training pairs of a run."""

import json
import shutil

import pytest

from seq2seq.errors import CheckpointError
from seq2seq.runs.pair_files import read_pairs, write_pairs

PIECES = (300, 300)
LIMITS = (128, 128)


@pytest.fixture
def encoded(run):
    """A file of encoded pairs in the folder where a run makes them."""
    return shutil.copy(run.encoded / "train.arrow", run.encoded / "new.part")


def test_pairs_get_their_name_and_are_listed_with_what_was_counted(run, encoded):
    before = read_pairs(run.path, PIECES, LIMITS)
    write_pairs(run.path, run.encoded / "new.part", {"cleaning.json": {"kept": 1}})
    after = read_pairs(run.path, PIECES, LIMITS)
    assert len(after) == len(before) > 0
    assert [ids.tolist() for ids in after[0]] == [ids.tolist() for ids in before[0]]
    assert not (run.encoded / "new.part").exists()
    assert json.loads((run.path / "cleaning.json").read_text()) == {"kept": 1}
    files = json.loads((run.path / "manifest.json").read_text())["files"]
    for name in ("cleaning.json", "encoded/train.arrow"):
        assert files[name]["bytes"] == (run.path / name).stat().st_size


@pytest.mark.parametrize(
    ("pieces", "limits", "message"),
    [((5, 300), LIMITS, "source ids from"), ((300, 5), LIMITS, "target ids from"), (PIECES, (2, 128), "a source of")],
)
def test_pairs_that_do_not_fit_the_run_are_refused(run, pieces, limits, message):
    with pytest.raises(CheckpointError, match=rf"train\.arrow is damaged or .*{message}"):
        read_pairs(run.path, pieces, limits)


def test_missing_pairs_are_named(run):
    (run.encoded / "train.arrow").unlink()
    with pytest.raises(CheckpointError, match=r"cannot read .*train\.arrow: No such file"):
        read_pairs(run.path, PIECES, LIMITS)
