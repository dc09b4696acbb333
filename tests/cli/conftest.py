"""What the tests of the commands share: a way to call them, and a tiny trained run."""

import logging
import os
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from seq2seq.cli import main
from seq2seq.phrasebook import phrases


class Called(NamedTuple):
    """What a command left: exit status and output."""

    returncode: int
    stdout: bytes
    stderr: bytes


@pytest.fixture(scope="session")
def command(tmp_path_factory):
    """Runs a command in this process, on streams of its own: Keras is loaded once for all of them."""
    streams = tmp_path_factory.mktemp("streams")

    def call(*arguments, input=b"", cwd=None):  # noqa: A002
        kept = [os.dup(number) for number in (0, 1, 2)]
        before = sys.stdin, sys.stdout, sys.stderr, dict(os.environ), Path.cwd(), logging.root.handlers
        (streams / "0").write_bytes(input)
        modes = ("r", "w", "w")
        files = [(streams / str(number)).open(mode, encoding="utf-8") for number, mode in enumerate(modes)]
        try:
            for number, file in enumerate(files):
                os.dup2(file.fileno(), number)
            sys.stdin, sys.stdout, sys.stderr = files
            logging.root.handlers = []
            os.chdir(cwd or before[4])
            try:
                status = main([str(argument) for argument in arguments])
            except SystemExit as end:
                status = end.code
        finally:
            sys.stdin, sys.stdout, sys.stderr = before[:3]
            os.environ.clear()
            os.environ.update(before[3])
            os.chdir(before[4])
            logging.root.handlers = before[5]
            for file in files:
                file.close()
            for number, descriptor in enumerate(kept):
                os.dup2(descriptor, number)
                os.close(descriptor)
        return Called(status or 0, (streams / "1").read_bytes(), (streams / "2").read_bytes())

    return call


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


@pytest.fixture(scope="session")
def refused():
    """A function of a called command and of parts: it left one line of error that has these parts, and nothing else."""

    def check(result, *parts):
        text = result.stderr.decode()
        assert result.returncode == 1, text
        assert text.startswith("seq2seq: error: ")
        assert text.count("\n") == 1, text
        assert all(part in text for part in parts), text
        assert result.stdout == b""

    return check
