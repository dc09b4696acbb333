"""Nothing that the caller's environment says changes results or stops a command: processes of their own."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import seq2seq
from seq2seq.phrasebook import phrases

PROGRAM = """
import json, sys
import numpy as np
import seq2seq

folder = sys.argv[1]
config = seq2seq.load_config(f"{folder}/config.toml")
seq2seq.train(config, f"{folder}/{sys.argv[2]}")
translator = seq2seq.Translator.load(f"{folder}/{sys.argv[2]}")
texts = ["A man sleeps.", "I eat."]
found = [translator.translate(texts), translator.score(texts, texts), translator.encode(texts).sum().item()]
from seq2seq.analysis.examination import analyze
analyze([f"{folder}/{sys.argv[2]}"], texts, texts, f"{folder}/report", only=["usage"])
print(json.dumps([found, sorted({"tensorflow", "jax"} & set(sys.modules))]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A few pairs and settings for a tiny network."""
    folder = tmp_path_factory.mktemp("environment")
    for split, count in (("train", 120), ("dev", 4)):
        pairs = phrases(split, count, min_words=3, max_words=6)
        text = "".join(f"{pair.english}\t{pair.french}\n" for pair in pairs)
        (folder / f"{split}.tsv").write_text(text, encoding="utf-8")
    (folder / "config.toml").write_text(
        f'[[data.train]]\npath = "{folder}/train.tsv"\n[[data.dev]]\npath = "{folder}/dev.tsv"\n'
        "[tokenizer]\nvocabulary_size = 450\n[translation]\nmax_length_ratio = 1.0\n"
        "[model]\nembedding = 8\nencoder_units = 8\ndecoder_units = 8\n[training]\nepochs = 1\nsamples = 0\n",
        encoding="utf-8",
    )
    return folder


def everything(folder, name, **environment):
    """What train, translate, score, encode and analyze give in a process, and which backends were imported."""
    root = str(Path(seq2seq.__file__).parents[1])
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("KERAS", "MPL", "TF_"))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), name],
        capture_output=True,
        text=True,
        env={**kept, "PYTHONPATH": root, **environment},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().split("\n")[-1])


@pytest.mark.skipif(not importlib.util.find_spec("jax"), reason="jax is not installed")
def test_tensorflow_is_never_imported_under_jax(folder):
    assert everything(folder, "jax", KERAS_BACKEND="jax")[1] == ["jax"]


@pytest.mark.skipif(not importlib.util.find_spec("tensorflow"), reason="tensorflow is not installed")
def test_hostile_environment_changes_nothing(folder, tmp_path):
    home = tmp_path / "home"
    (home / ".keras").mkdir(parents=True)
    keras = {"floatx": "float16", "epsilon": 1e-2, "backend": "torch", "image_data_format": "channels_first"}
    (home / ".keras" / "keras.json").write_text(json.dumps(keras), encoding="utf-8")
    hostile = {
        "HOME": str(home),
        "TMPDIR": "/nonexistent",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "KERAS_MAX_EPOCHS": "0",
        "KERAS_MAX_STEPS_PER_EPOCH": "1",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
    }
    plain = everything(folder, "plain", KERAS_BACKEND="tensorflow")
    assert everything(folder, "hostile", **hostile) == plain
