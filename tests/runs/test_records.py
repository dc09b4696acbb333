"""What a run notes of itself."""

import pytest

from seq2seq.errors import CheckpointError
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.training_text import figures_of
from seq2seq.settings.config import Config, parse_config


def test_edited_settings_are_refused_with_advice(run):
    path = run.path / "config.json"
    path.write_text(path.read_text().replace('"beam_size": 5', '"beam_size": 2'))
    with pytest.raises(CheckpointError, match=r"settings of the search belong on the command line, such as --beam-s"):
        run.config()


def test_fine_tuned_run_without_its_parents_record_is_refused(tmp_path):
    run = RunDirectory(tmp_path / "run")
    run.create(parse_config({}), {"seq2seq": "0.1.0"}, {"config": parse_config({}).model_dump(), "updates": 9})
    assert run.parent_config() == parse_config({})
    (run.path / "parent.json").unlink()
    with pytest.raises(CheckpointError, match=r"cannot read .*parent\.json: .*: copy the run again"):
        run.parent_config()


@pytest.mark.parametrize("content", [None, "{", "[]", "3"])
def test_damaged_about_is_refused(tmp_path, content):
    run = RunDirectory(tmp_path / "run")
    run.create(Config(), {})
    (run.path / "about.json").unlink()
    if content is not None:
        (run.path / "about.json").write_text(content, encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"about\.json: No such file|about\.json is damaged|has format None"):
        run.config()


@pytest.mark.parametrize("text", [3, {"pairs": -1}, {"pairs": True}, {"longest_source": "long"}])
def test_figures_of_the_training_text_that_are_no_counts_are_refused(tmp_path, text):
    run = RunDirectory(tmp_path / "run")
    run.create(Config(), {"training_text": text})
    with pytest.raises(CheckpointError, match=r"about\.json.*training_text"):
        figures_of(run)


def test_run_without_pairs_knows_nothing_of_its_training_text(tmp_path):
    run = RunDirectory(tmp_path / "run")
    run.create(Config(), {})
    assert figures_of(run) == {}
