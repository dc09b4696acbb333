"""Decoders of other languages beside a run, as small runs of their own."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from seq2seq.runs.directory import RunDirectory
from seq2seq.training.decoders import copy_decoders

STORED = Path(__file__).parents[1] / "stored_runs"


@pytest.fixture
def run(tmp_path):
    """A run that translates English to French, to be changed."""
    run = RunDirectory(shutil.copytree(STORED / "plain", tmp_path / "run"))
    assert run.own_targets() == ["fr"]
    return run


def test_other_decoders_are_copied_with_what_translating_needs(run):
    other = RunDirectory(STORED / "finetuned")
    copy_decoders(run, other)
    assert run.targets() == ["fr", "de"]
    decoder = run.for_target("de")
    assert decoder.config() == other.config()
    before, after = (place.load("best").arrays for place in (other, decoder))
    assert after.keys() <= before.keys()
    assert not any(name.startswith("optimizer/") for name in after)
    for name, array in after.items():
        np.testing.assert_array_equal(array, before[name], err_msg=name)
    assert not decoder.has_pairs()


def test_language_of_the_run_itself_and_of_a_decoder_that_is_there_stay(run):
    copy_decoders(run, RunDirectory(STORED / "plain"))
    assert run.targets() == ["fr"]
    copy_decoders(run, RunDirectory(STORED / "finetuned"))
    before = run.for_target("de").load("best")
    copy_decoders(run, RunDirectory(STORED / "finetuned"))
    assert run.for_target("de").load("best").step == before.step
    assert not list((run.path / "decoders").glob(".*.part"))


def test_copy_that_was_cut_off_is_made_anew(run):
    part = run.path / "decoders" / ".de.part"
    part.mkdir(parents=True)
    (part / "config.json").write_text("half")
    copy_decoders(run, RunDirectory(STORED / "finetuned"))
    assert run.for_target("de").config() == RunDirectory(STORED / "finetuned").config()
