"""An engine does what the interface says, and the interface needs no Keras."""

import inspect
import subprocess
import sys

import pytest

from seq2seq.engine.interface import Engine
from seq2seq.engine.keras import KerasEngine
from seq2seq.engine.onnx import OnnxEngine


@pytest.mark.parametrize("engine", [KerasEngine, OnnxEngine])
def test_engine_has_every_method_with_the_same_arguments(engine):
    members = {name: member for name, member in vars(Engine).items() if not name.startswith("_")}
    assert {"encode", "search", "sample", "token_losses", "summary_size"} <= members.keys()
    for name, member in members.items():
        if inspect.isfunction(member):
            assert inspect.signature(getattr(engine, name)).parameters == inspect.signature(member).parameters


@pytest.mark.parametrize("module", ["interface", "onnx", "batches"])
def test_importing_a_module_that_translates_needs_no_keras(module):
    code = f"import sys, seq2seq.engine.{module}; print({{'keras', 'tensorflow', 'jax'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "set()", done.stderr
