"""What the tests of the commands share: a way to call them, and a tiny trained run."""

import os
import subprocess
import sys

import pytest

from seq2seq.data.phrasebook import phrases


def run_command(*arguments, **options):
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    line = [sys.executable, "-m", "seq2seq", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, env=environment, timeout=300, check=False, **options)


@pytest.fixture(scope="session")
def command():
    """Runs a command as another tool calls it: a process of its own."""
    return run_command


@pytest.fixture(scope="session")
def folder(tmp_path_factory, command):
    """A run that has been trained for a moment, with its files."""
    folder = tmp_path_factory.mktemp("cli")
    for split, count in (("train", 300), ("dev", 6)):
        pairs = list(phrases(split, count, min_words=3, max_words=8))
        (folder / f"{split}.en").write_text("".join(f"{pair.english}\n" for pair in pairs), encoding="utf-8")
        (folder / f"{split}.fr").write_text("".join(f"{pair.french}\n" for pair in pairs), encoding="utf-8")
    (folder / "config.toml").write_text(
        f'[[data.train]]\nsource = "{folder}/train.en"\ntarget = "{folder}/train.fr"\n'
        f'[[data.dev]]\nsource = "{folder}/dev.en"\ntarget = "{folder}/dev.fr"\n'
        "[tokenizer]\nvocabulary_size = 600\n"
        "[model]\nembedding = 8\nencoder_units = 8\ndecoder_units = 8\n"
        "[translation]\nmax_length_ratio = 1.0\n",
        encoding="utf-8",
    )
    result = command("train", folder / "config.toml", "training.epochs=1", "--run", folder / "run")
    assert result.returncode == 0, result.stderr.decode()
    return folder
