"""Weights are of one run, and of one network."""

import shutil

import pytest

from seq2seq.errors import CheckpointError
from seq2seq.translator import Translator


def test_checkpoint_of_another_run_is_refused(run, runs):
    shutil.rmtree(run.checkpoints)
    shutil.copytree(runs[1].checkpoints, run.checkpoints)
    with pytest.raises(CheckpointError, match=r"a checkpoint in .* is not of this run: it was copied from an"):
        Translator.load(run.path)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ("tokenizer/target.model", r"it was trained with another tokenizer/target\.model"),
        ("config.json", r"it was trained with model\.cell = 'gru', config\.json says 'rnn'"),
    ],
)
def test_weights_know_what_they_were_trained_with_where_the_manifest_is_gone(run, runs, other, message):
    (run.path / "manifest.json").unlink()
    shutil.copy(runs[1].path / other, run.path / other)
    with pytest.raises(CheckpointError, match=message):
        Translator.load(run.path)
