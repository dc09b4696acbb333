"""An engine does what the interface says, and the interface needs no Keras."""

import inspect
import subprocess
import sys

from seq2seq.engine.interface import Engine
from seq2seq.engine.keras import KerasEngine


def test_engine_has_every_method_with_the_same_arguments():
    members = {name: member for name, member in vars(Engine).items() if not name.startswith("_")}
    assert {"encode", "search", "sample", "token_losses", "summary_size"} <= members.keys()
    for name, member in members.items():
        if inspect.isfunction(member):
            assert inspect.signature(getattr(KerasEngine, name)).parameters == inspect.signature(member).parameters


def test_importing_the_interface_needs_no_keras():
    code = "import sys, seq2seq.engine.interface; print({'keras', 'tensorflow', 'jax'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "set()", done.stderr
