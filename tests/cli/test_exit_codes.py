"""The exit codes that docs/shell.md promises."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "shell.md"


@pytest.fixture(scope="module")
def documented():
    return [int(code) for code in re.findall(r"^\| (\d+) \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)]


def test_every_code_is_documented_and_in_the_help(command, documented):
    assert documented == [0, 1, 2, 130]
    text = " ".join(command("--help").stdout.decode().split())
    assert "0 success, 1 error (message on stderr), 2 wrong options, 130 interrupted" in text


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("phrasebook", "1"), 0),
        (("--version",), 0),
        (("translate", "no_such_run"), 1),
        (("train", "no_such.toml", "--run", "new"), 1),
        (("phrasebook", "one"), 2),
        (("no_such_command",), 2),
        ((), 2),
    ],
)
def test_code_of_a_command(command, tmp_path, arguments, code):
    result = command(*arguments, cwd=tmp_path)
    assert result.returncode == code
    assert (result.stderr == b"") == (code == 0)


def test_reader_that_leaves_and_a_signal(folder):
    line = f"{sys.executable} -m seq2seq phrasebook 20000 | head -n 1 > /dev/null; exit ${{PIPESTATUS[0]}}"
    assert subprocess.run(["bash", "-c", line], check=False).returncode == 0
    waiting = subprocess.Popen(
        [sys.executable, "-m", "seq2seq", "translate", "en-fr"], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert waiting.stderr is not None
    while b"translating" not in waiting.stderr.readline():
        assert waiting.poll() is None
    waiting.send_signal(signal.SIGINT)
    waiting.communicate(timeout=60)
    assert waiting.returncode == 130
