"""The short-list of a run."""

import numpy as np
import pytest

from seq2seq.data.shortlist import Shortlist
from seq2seq.errors import CheckpointError


class TestShortlist:
    def test_comes_back_as_it_was(self, run):
        likeliest = np.full((run.tokenizers()[0].size, 2), 6, np.uint16)
        run.save_shortlist(Shortlist(likeliest, np.array([7], np.uint16)))
        stored = run.shortlist()
        assert (stored.likeliest.tolist(), stored.frequent.tolist()) == (likeliest.tolist(), [7])

    def test_that_is_missing_is_named(self, run):
        (run.path / "shortlist.npz").unlink()
        assert not run.has_shortlist()
        with pytest.raises(CheckpointError, match=r"has no shortlist\.npz: translate without a short-list, or train"):
            run.shortlist()

    @pytest.mark.parametrize(
        ("arrays", "message"),
        [
            ({"other": np.zeros(1)}, "is not a short-list: it has no 'likeliest'"),
            ({"likeliest": np.zeros((3, 2), int), "frequent": np.zeros(2, int)}, "it is for 3 source pieces, the voc"),
            ({"likeliest": np.full((300, 2), 300), "frequent": np.zeros(2, int)}, "ids from 300 to 300, of 300"),
            ({"likeliest": np.zeros((300, 2)), "frequent": np.zeros(2, int)}, "likeliest has shape .* of float64"),
        ],
    )
    def test_of_something_else_is_refused(self, run, arrays, message):
        (run.path / "manifest.json").unlink()
        np.savez(run.path / "shortlist.npz", **arrays)
        with pytest.raises(CheckpointError, match=message):
            run.shortlist()
