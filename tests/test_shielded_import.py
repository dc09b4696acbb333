"""Keras is imported as if nobody had set anything."""

import subprocess
import sys
from pathlib import Path

import seq2seq


def test_backend_loads_where_nothing_can_be_written():
    program = (
        "import os, sys, tempfile; tempfile._candidate_tempdir_list = lambda: ['/proc/none']; "
        "os.environ['MPLBACKEND'] = 'nonsense'; from seq2seq.backend import open_backend; open_backend(); "
        "import keras; print(keras.config.floatx(), 'matplotlib.pyplot' in sys.modules)"
    )
    environment = {"PYTHONPATH": str(Path(seq2seq.__file__).parents[1]), "HOME": "/proc/none"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout.strip() == "float32 False", done.stderr
