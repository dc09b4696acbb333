"""The command that writes summaries: what it refuses first, and the file that it makes."""

import os
import subprocess
import sys

import numpy as np
import pytest


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("no/v.npy", "--output no/v.npy: there is no folder"),
        ("run", "--output run is a folder"),
        ("run/about.json", "would overwrite the run run"),
    ],
)
def test_encode_looks_first(command, folder, output, message, refused):
    refused(command("encode", "run", "--output", output, input=b"I eat.\n", cwd=folder), message)


def test_encode_over_its_own_input_is_refused(command, folder, tmp_path, refused):
    text = tmp_path / "text.en"
    text.write_bytes(b"I eat.\n")
    program = [sys.executable, "-m", "seq2seq", "encode", str(folder / "run"), "--output", str(text)]
    with text.open("rb") as stdin:
        result = subprocess.run(program, stdin=stdin, capture_output=True, check=False)
    refused(result, "would overwrite stdin")
    assert text.read_bytes() == b"I eat.\n"


def test_encode_writes_a_row_a_line(command, folder):
    result = command("encode", folder / "run", "--output", folder / "vectors.npy", input=b"I eat.\n\nI sleep.\n")
    assert result.returncode == 0, result.stderr.decode()
    vectors = np.load(folder / "vectors.npy", allow_pickle=False)
    assert vectors.shape == (3, 16)
    assert vectors.dtype == np.float32
    assert not vectors[1].any()


def test_output_into_a_device_does_not_replace_it(command, folder):
    result = command("encode", folder / "run", "--output", "/dev/null", input=b"I eat.\n")
    assert result.returncode == 0
    assert not os.path.isfile("/dev/null")  # noqa: PTH113
