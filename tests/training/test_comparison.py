"""What differs between a run and the settings that it is to be resumed with."""

import pytest

from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import parse_config
from seq2seq.training.comparison import corpora_fingerprints, differences


@pytest.fixture
def settings(tmp_path):
    """A function of names of corpora and of sections: settings with these corpora, which are made."""

    def make(*names, **sections):
        corpora = [{"source": str(tmp_path / f"{name}.en"), "target": str(tmp_path / f"{name}.fr")} for name in names]
        for path in (path for corpus in corpora for path in corpus.values()):
            with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123
                file.write(f"one sentence of {path[-4:]}\n")
        return parse_config({"data": {"train": corpora}, **sections})

    return make


@pytest.fixture
def run(settings, tmp_path):
    """A run that has begun, with the corpus a."""
    directory = RunDirectory(tmp_path / "run")
    config = settings("a")
    directory.create(config, {"corpora": corpora_fingerprints(config)})
    return directory


def test_fingerprints_are_of_each_corpus_on_its_side(settings):
    known = corpora_fingerprints(settings("a", "b"))
    assert known["dev"] == []
    assert len(set(known["train"])) == 2


def test_the_same_settings_differ_in_nothing(run, settings):
    assert differences(run, settings("a")) == []
    assert differences(run, settings("a", translation={"beam_size": 2}, training={"samples": 1})) == []


def test_every_setting_that_decides_is_named_with_both_values(run, settings):
    assert differences(run, settings("a", training={"epochs": 50}, model={"cell": "lstm"})) == [
        "model.cell is 'lstm', was 'gru'",
        "training.epochs is 50, was 20",
    ]


def test_other_corpora_are_named(run, settings):
    assert differences(run, settings("a", "b")) == ["data.train has 2 corpora, had 1"]
    (line,) = differences(run, settings("b"))
    assert line.startswith("data.train.0 (")
    assert line.endswith(" holds other text than when the run was begun")


def test_parent_where_there_was_none_is_a_difference(run, settings):
    assert differences(run, settings("a", finetune={"parent": "elsewhere"})) == [
        "finetune.parent is 'elsewhere', was ''"
    ]


def test_run_from_before_fingerprints_is_compared_by_the_places_of_its_corpora(settings, tmp_path, caplog):
    old = RunDirectory(tmp_path / "old")
    old.create(settings("a"), {})
    with caplog.at_level("INFO", logger="seq2seq"):
        assert differences(old, settings("a")) == []
    assert "old does not say what its corpora held: whether they are the same cannot be checked" in caplog.text
    (line,) = differences(old, settings("b"))
    assert "b.en and " in line
    assert ", was " in line
