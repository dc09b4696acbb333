"""Fine-tuning from beginning to end: what becomes of a parent that is gone, changed or not one at all."""

import json
import logging
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from seq2seq.errors import CheckpointError, DataError
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import load_config, parse_config
from seq2seq.training.loop import finetune, train
from seq2seq.translator import Translator

ENGLISH_TO = {"source_language": "en", "target_language": "de"}


def test_run_is_like_any_other_and_knows_its_parent(parent, child, log_of):
    directory = RunDirectory(child)
    before = directory.parent()
    assert before["path"] == str(parent)
    assert before["step"] == RunDirectory(parent).load("best").step
    assert before["updates"] == RunDirectory(parent).load("last").step
    assert directory.config().data.target_language == "de"
    assert directory.config().model == RunDirectory(parent).config().model
    assert RunDirectory(parent).parent() is None
    assert len(Translator.load(child).translate(["the cat sees a dog."])) == 1
    assert log_of(child)[1]["loss"] < log_of(child)[0]["loss"]


def test_wrong_language_in_a_column_warns(parent, made_up_sentences, tmp_path, caplog, text_files, in_script):
    pairs = [(in_script(0x0430)(source), target) for source, target in made_up_sentences(60)]
    data = {"train": [text_files(tmp_path, "train", pairs)], "source_language": "en", "target_language": "de"}
    with caplog.at_level(logging.WARNING, logger="seq2seq"):
        finetune(parent, parse_config({"data": data, "tokenizer": {"vocabulary_size": 305}}), tmp_path / "run")
    assert "100 % of the source lines are not in Latn, the script of 'en'" in caplog.text


def test_empty_corpus_leaves_nothing_behind(parent, tmp_path, text_files):
    data = {"train": [text_files(tmp_path, "train", [])], **ENGLISH_TO}
    with pytest.raises(DataError, match="are empty: check how they were made"):
        finetune(parent, parse_config({"data": data}), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_parent_of_another_format_is_refused(parent, tmp_path, german):
    shutil.copytree(parent, tmp_path / "parent")
    about = tmp_path / "parent" / "about.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"format": 99, "seq2seq": "9.0"}))
    with pytest.raises(CheckpointError, match=r"has format 99 \(seq2seq 9.0\), this reads 1"):
        finetune(tmp_path / "parent", german(), tmp_path / "run")
    with pytest.raises(CheckpointError, match="is not a run"):
        finetune(tmp_path / "nothing", german(), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_parents_dev_set_comes_from_the_parent_and_never_from_its_files(
    parent, tmp_path, monkeypatch, german, start_only, log_of
):
    shutil.copytree(parent, tmp_path / "parent")
    config = german(finetune={"watch_parent": True}, training={"epochs": 1})
    file = Path(RunDirectory(parent).config().data.dev[0].source)
    hidden = file.rename(file.with_suffix(".hidden"))
    try:
        with monkeypatch.context() as stopped:
            start_only(stopped)
            finetune(tmp_path / "parent", config, tmp_path / "run")
    finally:
        hidden.rename(file)
    kept = RunDirectory(tmp_path / "run").dev(of_parent=True)
    assert [pair.source for pair in kept] == file.read_text(encoding="utf-8").split("\n")[:-1]
    shutil.rmtree(tmp_path / "parent")
    finetune(tmp_path / "parent", config, tmp_path / "run", resume=True)
    assert "parent_dev_bleu" in log_of(tmp_path / "run")[-1]


def test_parent_that_keeps_no_dev_set_is_refused_until_it_has_one(parent, tmp_path, monkeypatch, german, start_only):
    """A run of an older version; the advice in the message helps."""
    shutil.copytree(parent, tmp_path / "parent")
    (tmp_path / "parent" / "dev.json").unlink()
    config = german(finetune={"replay": 0.1})
    message = r"parent does not keep its dev set.* run where its corpora are: seq2seq train (\S+) --run (\S+) --resume"
    with pytest.raises(CheckpointError, match=message) as refused:
        finetune(tmp_path / "parent", config, tmp_path / "run")
    assert not (tmp_path / "run").exists()
    settings, run = re.search(message, str(refused.value)).groups()
    assert train(load_config(settings), run, resume=True).finished
    start_only(monkeypatch)
    finetune(tmp_path / "parent", config, tmp_path / "run")


def test_killed_run_resumes_without_its_parent(parent, tmp_path, german, newest_weights):
    """Once it has begun, a run needs its parent no more; and it ends as if nothing had happened."""
    shutil.copytree(parent, tmp_path / "parent")
    finetune(tmp_path / "parent", german(), tmp_path / "whole")
    stop_after_one_epoch(tmp_path / "parent", german(), tmp_path / "killed")
    shutil.rmtree(tmp_path / "parent")
    finetune(tmp_path / "parent", german(), tmp_path / "killed", resume=True)
    whole, resumed = newest_weights(tmp_path / "whole"), newest_weights(tmp_path / "killed")
    for name in whole:
        np.testing.assert_array_equal(resumed[name], whole[name], err_msg=name)


def stop_after_one_epoch(parent, config, run):
    """A run that a signal ends in its second epoch."""
    from seq2seq.training import loop

    original, epochs = loop.Trainer.epoch, []

    def once(self, bar):
        epochs.append(0)
        return original(self, bar) if len(epochs) == 1 else False

    loop.Trainer.epoch = once
    try:
        assert not finetune(parent, config, run).finished
    finally:
        loop.Trainer.epoch = original


def train_further(run):
    """What somebody else does to a parent meanwhile."""
    best = run.load("best")
    run.save("best", best._replace(step=best.step + 1))


def test_parent_that_is_trained_further_meanwhile_changes_nothing(parent, tmp_path, monkeypatch, german, start_only):
    """The weights are those that the run noted when it was begun."""
    from seq2seq.training import loop

    shutil.copytree(parent, tmp_path / "parent")
    prepare = loop.prepare

    def slow(*arguments):
        train_further(RunDirectory(tmp_path / "parent"))
        return prepare(*arguments)

    monkeypatch.setattr(loop, "prepare", slow)
    start_only(monkeypatch)
    finetune(tmp_path / "parent", german(), tmp_path / "run")
    assert RunDirectory(tmp_path / "run").parent()["step"] == RunDirectory(parent).load("best").step


def test_parent_that_was_trained_further_before_its_weights_were_taken_is_said(parent, tmp_path, monkeypatch, german):
    from seq2seq.training import loop

    class Killed(BaseException):
        """Stands in for a death that no handler sees."""

    def dies(*_):
        raise Killed

    shutil.copytree(parent, tmp_path / "parent")
    with monkeypatch.context() as killed:
        killed.setattr(loop, "prepare", dies)
        killed.setattr(RunDirectory, "discard", lambda run: None)
        with pytest.raises(Killed):
            finetune(tmp_path / "parent", german(), tmp_path / "run")
    train_further(RunDirectory(tmp_path / "parent"))
    with pytest.raises(CheckpointError, match=r"parent was trained further, to step \d+, since .*run was begun"):
        finetune(tmp_path / "parent", german(), tmp_path / "run", resume=True)
