"""Law 6: several devices, and several processes, make the updates of one (to rounding) and the same translations."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from seq2seq.data.batching import Shape, teacher_forcing
from seq2seq.errors import ConfigError
from seq2seq.phrasebook import phrases
from seq2seq.runs.checkpoint import only_weights
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import parse_config
from seq2seq.training import devices, processes
from seq2seq.translator import Translator

only_jax = pytest.mark.skipif(keras.backend.backend() != "jax", reason="only JAX shares batches among devices")
EPOCHS = 6
SOURCES = ["The kings thanked her.", "Emma had seen these cats."]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with text and settings of a training of few updates, with dropout and methods of training."""
    place = tmp_path_factory.mktemp("several")
    corpora = {}
    for split, count in (("train", 150), ("dev", 7)):
        pairs = list(phrases(split, count, min_words=5, max_words=5))
        corpora[split] = [{side: str(place / f"{split}.{side}") for side in ("source", "target")}]
        (place / f"{split}.source").write_text("".join(f"{pair.english}\n" for pair in pairs), encoding="utf-8")
        (place / f"{split}.target").write_text("".join(f"{pair.french}\n" for pair in pairs), encoding="utf-8")
    settings = {
        "data": corpora,
        "tokenizer": {"vocabulary_size": 400, "sampling": 0.1},
        "model": {"embedding": 8, "encoder_units": 8, "decoder_units": 8, "word_dropout": 0.1}
        | {"weight_drop": 0.1, "variational_dropout": True},
        "training": {"epochs": EPOCHS, "batch_tokens": 384, "warmup_steps": 2, "samples": 0, "precision": "float32"}
        | {"patience": 0, "checkpoint_seconds": 0.0, "evaluate_every_epochs": 3}
        | {"averaging": 0.9, "r_drop": 1.0, "curriculum_epochs": 2},
    }
    (place / "config.json").write_text(parse_config(settings).to_json(), encoding="utf-8")
    return place


def environment(virtual_devices=1):
    flags = f"--xla_force_host_platform_device_count={virtual_devices}"
    return os.environ | {"KERAS_BACKEND": "jax", "XLA_FLAGS": flags, "CUDA_VISIBLE_DEVICES": ""}


@pytest.fixture(scope="module")
def runs(folder):
    """A function of a number of devices: the run that was trained on so many of four virtual ones."""
    program = Path(__file__).with_name("several.py")
    command = [sys.executable, str(program), "devices", str(folder), "1", "2", "3", "4"]
    result = subprocess.run(command, env=environment(4), capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return lambda number: folder / f"run{number}"


def log_of(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]


def assert_same_training(run, reference, *, padded=False, epochs=EPOCHS):
    mine, theirs = (RunDirectory(path).load("last") for path in (run, reference))
    assert mine.step == theirs.step > epochs
    assert mine.arrays.keys() == theirs.arrays.keys()
    for name, array in theirs.arrays.items():
        if not (padded and name.startswith("metrics/")):  # the mean loss weighs a batch by its rows, with the padding
            np.testing.assert_allclose(mine.arrays[name], array, rtol=1e-3, atol=2e-6, err_msg=name)
    for ours, other in zip(log_of(run), log_of(reference), strict=True):
        assert ours.get("dev_bleu") == pytest.approx(other.get("dev_bleu"))
        assert ours.get("dev_loss") == pytest.approx(other.get("dev_loss"), abs=1e-5)
        assert ours["loss"] == pytest.approx(other["loss"], abs=2e-2 if padded else 1e-5)
    ours, others = (Translator.load(path).translate(SOURCES) for path in (run, reference))
    assert ours == others


@only_jax
@pytest.mark.parametrize("number", [2, 3, 4])
def test_several_devices_train_as_one_does(runs, number):
    assert_same_training(runs(number), runs(1), padded=number == 3)  # eight rows do not divide among three


@only_jax
def test_several_devices_fine_tune_as_one_does(folder, runs):
    """A new decoder on the stored summaries of a frozen encoder, mixed with the old one in the end."""
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    sections = {name: settings[name] for name in ("data", "training")} | {
        "finetune": {"rates": {"encoder": 0.0, "source_embedding": 0.0}, "watch_parent": True, "interpolate": True}
    }
    sections["training"] |= {"epochs": 2, "evaluate_every_epochs": 1, "learning_rate": 0.05}
    (folder / "tuned.json").write_text(json.dumps(sections), encoding="utf-8")
    runs(1)  # the parent
    command = [sys.executable, str(Path(__file__).with_name("several.py")), "finetune", str(folder), "1", "2"]
    result = subprocess.run(command, env=environment(2), capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    one, two = folder / "tuned1", folder / "tuned2"
    assert_same_training(two, one, epochs=2)
    old, new = (only_weights(RunDirectory(two).load(kind).arrays, origin="") for kind in ("parent", "last"))
    still = {name for name in new if np.array_equal(old[name], new[name])}
    assert still == {name for name in new if "/encoder/" in name or "/source_embedding/" in name}
    points = [json.loads((path / "tradeoff.json").read_text(encoding="utf-8")) for path in (one, two)]
    for ours, theirs in zip(*points, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5)
    stored = [sum(len(np.load(path)) for path in run.glob("encoded/summaries/*/*.keys.npy")) for run in (one, two)]
    assert stored[0] == stored[1] > 100


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def start(folder, run, *arguments):
    """Two processes that train a run together, each through the command line."""
    program = str(Path(__file__).with_name("several.py"))
    shared = ["--processes", "2", "--coordinator", f"127.0.0.1:{free_port()}"]
    command = [sys.executable, program, "train", str(folder / "config.json"), "--run", str(run), *shared]
    pair = []
    for number in range(2):
        with (folder / f"{run.name}.{number}").open("w") as messages:
            mine = [*command, "--process-id", str(number), *arguments]
            pair.append(subprocess.Popen(mine, env=environment(), stdout=subprocess.DEVNULL, stderr=messages))
    return pair


def said(folder, run, number):
    return (folder / f"{run.name}.{number}").read_text(encoding="utf-8")


def stopped(folder, run, number, sent, *arguments):
    """Start two processes and send one of them a signal after its first update: the exit status of both."""
    before = sorted((run / "checkpoints").glob("last-*"))
    pair = start(folder, run, *arguments)
    while sorted((run / "checkpoints").glob("last-*")) == before:
        time.sleep(0.02)
        assert all(process.poll() is None for process in pair), said(folder, run, 0) + said(folder, run, 1)
    pair[number].send_signal(sent)
    return [process.wait(120) for process in pair]  # half a minute where nothing else runs


@only_jax
@pytest.mark.slow
def test_several_processes_train_as_one_does_and_resuming_is_exact_whatever_ended_them(folder, runs):
    together, run = folder / "together", folder / "ended"
    assert [process.wait() for process in start(folder, together)] == [0, 0], said(folder, together, 1)
    assert "shared among 2 devices of 2 processes" in said(folder, together, 0)
    assert "epoch 1" not in said(folder, together, 1)  # only the first one talks
    assert_same_training(together, runs(1))

    assert stopped(folder, run, 1, signal.SIGTERM) == [130, 130]
    assert "stopped and saved at step" in said(folder, run, 0)
    for killed in (1, 0):
        assert stopped(folder, run, killed, signal.SIGKILL, "--resume")[1 - killed] not in (0, 130)
        time.sleep(1)  # for what speaks for a process that was ended
        words = "another process.* has ended or cannot be reached.*start all processes again with --resume"
        assert re.search(words, said(folder, run, 1 - killed))
    assert [process.wait() for process in start(folder, run, "--resume")] == [0, 0], said(folder, run, 1)
    mine, theirs = (RunDirectory(path).load("last") for path in (run, together))
    assert mine.step == theirs.step
    for name, array in theirs.arrays.items():
        np.testing.assert_array_equal(mine.arrays[name], array, err_msg=name)


def test_more_devices_than_there_are_is_refused():
    with pytest.raises(ConfigError, match=r"training.devices=999"), devices.shared_among(999):
        pass


@only_jax
def test_one_device_is_trained_on_as_before():
    with devices.shared_among(1):
        assert keras.distribution.distribution() is None
        assert devices.count() == 1


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow leaves GPUs unused")
def test_tensorflow_with_several_gpus_says_who_would_share(monkeypatch, caplog):
    import tensorflow as tf

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["GPU:0", "GPU:1"])
    with caplog.at_level("INFO", logger="seq2seq"), devices.shared_among(0):
        pass
    assert "TensorFlow trains on one of the 2 GPUs here: KERAS_BACKEND=jax shares each batch among all" in caplog.text


def test_each_process_computes_its_rows(monkeypatch):
    batch = teacher_forcing([([5], [6]), ([7], [8])], Shape(4, 2, 2))
    monkeypatch.setattr(devices, "processes", SimpleNamespace(count=lambda: 2, index=lambda: 1))
    inputs, target, weights = devices.share(batch)
    assert inputs["source"].shape == target.shape == weights.shape == (2, 2)
    assert not weights.any()  # the last two rows are padding


def test_alone_a_process_is_the_first_and_shares_with_nobody():
    assert processes.is_first()
    assert processes.count() == 1
    assert processes.gathered({"a": 1}) == [{"a": 1}]
    assert processes.shared([1, 2, 3], lambda part: [-number for number in part]) == [-1, -2, -3]
    processes.wait("nothing")


def test_shares_come_back_in_order(monkeypatch):
    monkeypatch.setattr(processes, "index", lambda: 1)
    monkeypatch.setattr(processes, "count", lambda: 2)
    monkeypatch.setattr(processes, "gathered", lambda mine: [[0, 20, 40], mine])
    assert processes.shared([0, 1, 2, 3, 4], lambda part: [10 * number for number in part]) == [0, 10, 20, 30, 40]


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX joins processes")
def test_processes_are_joined_only_on_jax():
    with pytest.raises(ConfigError, match=r"only on JAX: set KERAS_BACKEND=jax"), processes.joined("a:1", 2, 0):
        pass
