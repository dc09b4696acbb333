"""Law 5: a training that is killed and resumed ends with the same weights, to the bit, as one that is not."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.phrasebook import phrases
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import parse_config
from seq2seq.training.loop import train

# Each is a process to start; by hand, SEQ2SEQ_KILLS=100 tries more.
KILLS = int(os.environ.get("SEQ2SEQ_KILLS", "3" if keras.backend.backend() == "tensorflow" else "2"))
PAIRS, EPOCHS = 400, 4


def settings(folder: Path, **training):
    for split, count in (("train", PAIRS), ("dev", 8)):
        if not (folder / f"{split}.fr").exists():
            pairs = list(phrases(split, count, min_words=5, max_words=5))
            (folder / f"{split}.en").write_text("".join(f"{pair.english}\n" for pair in pairs), encoding="utf-8")
            (folder / f"{split}.fr").write_text("".join(f"{pair.french}\n" for pair in pairs), encoding="utf-8")
    corpora = {
        split: [{"source": str(folder / f"{split}.en"), "target": str(folder / f"{split}.fr")}]
        for split in ("train", "dev")
    }
    return {
        "data": corpora,
        "tokenizer": {"model": "bpe", "vocabulary_size": 1400},
        "model": {"embedding": 8, "encoder_units": 8, "decoder_units": 8, "word_dropout": 0.1}
        | {"weight_drop": 0.1, "variational_dropout": True},
        "training": {"epochs": EPOCHS, "batch_tokens": 384, "warmup_steps": 5, "samples": 0, "checkpoint_seconds": 0.2}
        | {"precision": "float32", "patience": 0, "average_last": 2}
        | training,
    }


def final_state(run, kind="last"):
    return RunDirectory(run).load(kind)


def assert_same_end(run, reference):
    for kind in ("last", "best"):
        mine, theirs = final_state(run, kind), final_state(reference, kind)
        assert mine.step == theirs.step
        assert mine.arrays.keys() == theirs.arrays.keys()
        for name, array in theirs.arrays.items():
            np.testing.assert_array_equal(mine.arrays[name], array, err_msg=name)
    assert not list((Path(run) / "checkpoints").glob("recent*"))
    keep = ("epoch", "step", "loss", "learning_rate", "dev_loss", "dev_bleu")
    figures = [
        [
            {key: json.loads(line)[key] for key in keep}
            for line in (Path(each) / "metrics.jsonl").read_text().split("\n")[:-1]
        ]
        for each in (run, reference)
    ]
    assert figures[0] == figures[1]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uninterrupted")
    config = parse_config(settings(folder))
    assert train(config, folder / "run").finished
    return folder


class Killed(BaseException):
    """Stands in for a death that no handler sees."""


@pytest.mark.parametrize(("epoch", "batch"), [(0, 1), (0, 3), (2, 3), (1, -1)])
def test_training_killed_after_any_batch_resumes_to_the_bit(uninterrupted, tmp_path, monkeypatch, epoch, batch):
    config = parse_config(settings(uninterrupted))
    per_epoch = final_state(uninterrupted / "run").step // EPOCHS
    train_killed_after(epoch * per_epoch + batch % per_epoch + 1, config, tmp_path / "run", monkeypatch)
    assert train(config, tmp_path / "run", resume=True).finished
    assert_same_end(tmp_path / "run", uninterrupted / "run")


def test_training_with_methods_resumes_to_the_bit(tmp_path, monkeypatch):
    """Killed between two batches of an epoch whose pairs were cut anew, with guesses, and with a moving average."""
    methods = {"curriculum_epochs": 2, "scheduled_sampling": 0.5, "r_drop": 1.0, "averaging": 0.9, "average_last": 0}
    values = settings(tmp_path, epochs=3, **methods)
    values["tokenizer"]["sampling"] = 0.1
    config = parse_config(values)
    outcome = train(config, tmp_path / "reference")
    train_killed_after(outcome.position.step * 2 // 3 - 1, config, tmp_path / "run", monkeypatch)
    assert train(config, tmp_path / "run", resume=True).finished
    assert_same_end(tmp_path / "run", tmp_path / "reference")
    assert not list((tmp_path / "run" / "encoded").glob("*sampled*"))


def train_killed_after(batches, config, run, monkeypatch):
    """Train, and die behind so many batches; a checkpoint is there of every second one."""
    from seq2seq.training import callbacks

    original = callbacks.Guard.on_train_batch_end
    done = {"batches": 0}

    def dies(self, index, logs=None):
        self._seconds = 0.0 if done["batches"] % 2 else 1e9  # a checkpoint after every second batch only
        original(self, index, logs)
        done["batches"] += 1
        if done["batches"] == batches:
            raise Killed

    monkeypatch.setattr(callbacks.Guard, "on_train_batch_end", dies)
    with pytest.raises(Killed):
        train(config, run)
    monkeypatch.setattr(callbacks.Guard, "on_train_batch_end", original)


PROGRAM = """
import sys
from seq2seq.backend import open_backend
open_backend()
from seq2seq.settings.config import load_config
from seq2seq.training.loop import train
train(load_config(sys.argv[1]), sys.argv[2], resume=True)
"""


def start(config, run):
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", PROGRAM, str(config), str(run)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.slow
def test_training_killed_by_sigkill_at_random_moments_resumes_to_the_bit(uninterrupted, tmp_path):
    """Each process is killed at a random moment after it has begun to train, until one comes through."""
    config = tmp_path / "config.json"
    config.write_text(
        parse_config(settings(uninterrupted, checkpoint_seconds=0.05, epochs=10 * KILLS)).to_json(), encoding="utf-8"
    )
    reference = tmp_path / "reference"
    assert start(config, reference).wait() == 0
    run, draw, kills = tmp_path / "run", random.Random(7), 0
    while kills < KILLS:
        before = sorted((run / "checkpoints").glob("last-*"))
        process = start(config, run)
        while process.poll() is None and sorted((run / "checkpoints").glob("last-*")) == before:
            time.sleep(0.01)
        time.sleep(draw.uniform(0.0, 0.1))
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
    assert start(config, run).wait() == 0
    assert kills >= KILLS, f"training ended after {kills} kills: make it longer"
    assert_same_end(run, reference)


def test_sigterm_saves_and_says_how_to_go_on(uninterrupted, tmp_path, monkeypatch, caplog):
    from seq2seq.training import callbacks

    config = parse_config(settings(uninterrupted, checkpoint_seconds=1e6))
    original = callbacks.Guard.on_train_batch_end

    def signalled(self, index, logs=None):
        if index == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        original(self, index, logs)

    handler = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(callbacks.Guard, "on_train_batch_end", signalled)
    with caplog.at_level("INFO", logger="seq2seq"):
        outcome = train(config, tmp_path / "run")
    assert not outcome.finished
    assert outcome.position.batch == 3
    assert (
        "stopping after this batch or evaluation and saving: please wait (a second signal stops at once)" in caplog.text
    )
    assert "stopped and saved at step 3: run the same command with --resume to go on" in caplog.text
    assert signal.getsignal(signal.SIGTERM) is handler
    monkeypatch.setattr(callbacks.Guard, "on_train_batch_end", original)
    caplog.clear()
    with caplog.at_level("INFO", logger="seq2seq"):
        assert train(config, tmp_path / "run", resume=True).finished
    assert "resuming at epoch 1, batch 3" in caplog.text
    assert_same_end(tmp_path / "run", uninterrupted / "run")


def test_epoch_begins_again_where_its_batches_are_others(uninterrupted, tmp_path, monkeypatch, caplog):
    from seq2seq.training import building, callbacks

    config = parse_config(settings(uninterrupted, checkpoint_seconds=1e6, warmup_steps=200))
    original = callbacks.Guard.on_train_batch_end

    def dies(self, index, logs=None):
        self._seconds = 0.0 if index == 2 else 1e9
        original(self, index, logs)
        if index == 2:
            raise Killed

    monkeypatch.setattr(callbacks.Guard, "on_train_batch_end", dies)
    with pytest.raises(Killed):
        train(config, tmp_path / "run")
    monkeypatch.setattr(callbacks.Guard, "on_train_batch_end", original)
    monkeypatch.setattr(building.backend, "wants_few_shapes", lambda: True)  # as on another backend
    monkeypatch.setattr(building, "_MOST_COMPILED_SHAPES", 1)
    with caplog.at_level("INFO", logger="seq2seq"):
        assert train(config, tmp_path / "run", resume=True).finished
    assert "this epoch was begun with other batches, by another backend or version: epoch 1 begins again" in caplog.text
    assert "training.warmup_steps=200 is more than a fifth of them, which is the limit" in caplog.text


def test_run_is_not_overwritten_without_resume(uninterrupted):
    config = parse_config(settings(uninterrupted))
    with pytest.raises(CheckpointError, match=r"run already holds a run: add --resume to go on with it"):
        train(config, uninterrupted / "run")


def test_resume_with_other_settings_is_refused(uninterrupted):
    config = parse_config(settings(uninterrupted, learning_rate=0.5))
    with pytest.raises(ConfigError, match=r"begun with other settings:\n  training.learning_rate is 0.5, was 0.001\n"):
        train(config, uninterrupted / "run", resume=True)


def test_finished_run_is_not_trained_again(uninterrupted, capsys):
    before = (uninterrupted / "run" / "metrics.jsonl").read_bytes()
    assert train(parse_config(settings(uninterrupted)), uninterrupted / "run", resume=True).finished
    assert "batch/s" not in capsys.readouterr().err  # no bar that is full at once
    assert (uninterrupted / "run" / "metrics.jsonl").read_bytes() == before
