import importlib.util
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

import seq2seq
from seq2seq import backend
from seq2seq.errors import ConfigError, MissingExtraError


@pytest.fixture
def installed(monkeypatch):
    """Makes believe that only Keras and some libraries are installed; the chosen backend does not outlive the test."""

    def only(*names):
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: name if name in ("keras", *names) else None)
        monkeypatch.setattr("seq2seq.shielded_import._import_quietly", lambda name: None)

    monkeypatch.setenv("KERAS_BACKEND", keras.backend.backend())
    return only


def run_python(code, **environment):
    """What a fresh Python prints."""
    root = str(Path(seq2seq.__file__).parents[1])
    paths = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    kept = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**kept, "PYTHONPATH": paths, **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", ["torch", "Tensorflow", "numpy"])
def test_unknown_backend_is_refused(monkeypatch, name):
    monkeypatch.setenv("KERAS_BACKEND", name)
    with pytest.raises(ConfigError, match=f"KERAS_BACKEND={name}: seq2seq runs on tensorflow or jax"):
        backend.open_backend()


@pytest.mark.parametrize(("name", "extra"), [("tensorflow", "cpu"), ("jax", "jax")])
def test_missing_backend_names_its_extra(monkeypatch, installed, name, extra):
    installed()
    monkeypatch.setenv("KERAS_BACKEND", name)
    message = rf"KERAS_BACKEND={name} needs {name}: run pip install 'seq2seq\[{extra}\]'$"
    with pytest.raises(MissingExtraError, match=message):
        backend.open_backend()


def test_no_backend_at_all_names_all_extras(monkeypatch, installed):
    installed()
    monkeypatch.delenv("KERAS_BACKEND")
    message = (
        "neither tensorflow nor jax is installed, which training, analyses and the Keras engine need: "
        r"run pip install 'seq2seq\[cpu\]', or 'seq2seq\[gpu\]' for an NVIDIA GPU, or 'seq2seq\[jax\]'$"
    )
    with pytest.raises(MissingExtraError, match=message):
        backend.open_backend()


@pytest.mark.parametrize(
    ("found", "chosen"), [(["tensorflow", "jax"], "tensorflow"), (["jax"], "jax"), (["tensorflow"], "tensorflow")]
)
def test_first_backend_installed_is_taken_and_told_to_keras(monkeypatch, installed, found, chosen):
    installed(*found)
    monkeypatch.delenv("KERAS_BACKEND")
    assert backend.open_backend() == chosen
    assert os.environ["KERAS_BACKEND"] == chosen


def test_chosen_backend_wins_over_the_first(monkeypatch, installed):
    installed("tensorflow", "jax")
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert backend.open_backend() == "jax"


@pytest.mark.skipif(not importlib.util.find_spec("jax"), reason="jax is not installed")
def test_tensorflow_is_never_imported_under_jax():
    code = (
        "import sys; from seq2seq.backend import open_backend; open_backend(); import seq2seq.training.loop, "
        "seq2seq.translator, keras; print(keras.backend.backend(), 'tensorflow' in sys.modules)"
    )
    assert run_python(code, KERAS_BACKEND="jax") == "jax False"


def test_importing_seq2seq_imports_neither_keras_nor_its_backend():
    code = "import sys, seq2seq; seq2seq.load_config; print({'keras', 'tensorflow', 'jax'} & set(sys.modules))"
    assert run_python(code) == "set()"


def test_compiled_function_follows_the_weights():
    class Model:
        def __init__(self):
            self.weight = keras.Variable([1.0, 2.0])
            self.variables = [self.weight]

    model = Model()
    double = backend.compiled(lambda x: {"sum": ops.sum(x * model.weight), "all": x * model.weight}, model)
    x = np.array([[3.0, 4.0]], np.float32)
    assert float(double(x)["sum"]) == 11
    model.weight.assign([10.0, 0.0])
    assert float(double(x)["sum"]) == 30
    assert ops.convert_to_numpy(double(np.ones((3, 2), np.float32))["all"]).tolist() == [[10, 0]] * 3


def test_feed_hands_over_the_batches_as_they_are():
    def batches():
        for rows, width in ((2, 3), (4, 5), (2, 3)):
            ids = np.arange(rows * width, dtype=np.int32).reshape(rows, width)
            yield {"source": ids, "target_in": ids + 1}, ids + 2, np.full((rows, width), 0.5, np.float32)

    fed = list(backend.feed(batches))
    assert len(fed) == 3
    for (inputs, out, weights), expected in zip(fed, batches(), strict=True):
        for one, other in zip((*inputs.values(), out, weights), (*expected[0].values(), *expected[1:]), strict=True):
            np.testing.assert_array_equal(ops.convert_to_numpy(one), other)


def test_feed_passes_on_what_goes_wrong():
    def batches():
        raise OSError("the disk is gone")
        yield

    with pytest.raises(Exception, match="the disk is gone"):
        list(backend.feed(batches))


def test_only_jax_wants_few_shapes():
    assert backend.wants_few_shapes() == (keras.backend.backend() == "jax")


def test_cores_are_those_that_the_process_may_use():
    assert 1 <= backend.cores() <= os.cpu_count()


class TestBatchesMadeAhead:
    def test_come_in_order_and_end(self):
        assert list(backend._made_ahead(lambda: iter(range(20)))) == list(range(20))

    def test_are_made_while_the_reader_works(self):
        made = []

        def batches():
            for number in range(20):
                made.append(number)
                yield number

        reader = backend._made_ahead(batches, ahead=3)
        assert next(reader) == 0
        deadline = time.monotonic() + 10
        while len(made) < 5 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(made) == 5  # the one that was read, three that wait, and the next one in hand
        reader.close()

    def test_an_error_reaches_the_reader_behind_what_was_made_before(self):
        def batches():
            yield 1
            raise ValueError("damaged")

        reader = backend._made_ahead(batches)
        assert next(reader) == 1
        with pytest.raises(ValueError, match="damaged"):
            next(reader)

    def test_stop_when_nobody_reads(self):
        def endless():
            while True:
                yield 1

        reader = backend._made_ahead(endless)
        next(reader)
        reader.close()
        deadline = time.monotonic() + 10
        while any(thread.name == "batches" for thread in threading.enumerate()) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not any(thread.name == "batches" for thread in threading.enumerate())
