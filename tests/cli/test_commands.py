"""All commands: help, errors, streams and signals; processes of their own only where these are tested."""

import os
import resource
import signal
import subprocess
import sys

import pytest

from seq2seq.cli import interrupt_on_signals


@pytest.mark.parametrize(
    "name",
    [
        *("train", "finetune", "translate", "bulk", "evaluate", "score", "encode", "serve", "analyze", "export"),
        *("shrink", "clean", "phrasebook", "settings", "init", "info", "push", "pull", "completion"),
    ],
)
def test_help_of_every_command(command, name):
    result = command(name, "--help")
    assert result.returncode == 0
    assert b"usage: seq2seq " + name.encode() in result.stdout


def test_help_imports_nothing_heavy_and_is_quick():
    heavy = ("tensorflow", "keras", "jax", "numpy", "pydantic", "datasets", "sacrebleu", "dataclasses", "tempfile")
    shown = "from seq2seq.cli import make_parser; make_parser().format_help()"
    program = f"import sys; {shown}; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
    seconds = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "seq2seq", "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)  # processor time: a busy machine does not change it
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(seconds) < 0.3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "missing.toml", "--run", "new"), "cannot read the settings missing.toml"),
        (("translate", "missing"), "missing is not a run: there is no such folder: give the folder of a run"),
        (("phrasebook", "5", "--min-words", "9", "--max-words", "4"), "4"),
    ],
)
def test_errors_are_one_line_without_a_traceback(command, tmp_path, arguments, message):
    result = command(*arguments, input=b"", cwd=tmp_path)
    assert result.returncode == 1
    assert message in result.stderr.decode()
    assert b"Traceback" not in result.stderr
    assert not list(tmp_path.iterdir())


def test_output_is_utf8_whatever_the_locale():
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    line = [sys.executable, "-m", "seq2seq", "phrasebook", "50"]
    result = subprocess.run(line, capture_output=True, env=environment, check=True)
    assert "é" in result.stdout.decode("utf-8")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")  # noqa: PTH110
def test_full_disk_is_an_error_without_a_traceback():
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        line = [sys.executable, "-m", "seq2seq", "phrasebook", "5"]
        result = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, check=False)
    assert result.returncode == 1
    assert b"No space left on device" in result.stderr
    assert b"Traceback" not in result.stderr
    assert b"Exception ignored" not in result.stderr


def test_reader_that_leaves_early_is_no_error():
    line = f"{sys.executable} -m seq2seq phrasebook 20000 | head -n 1"
    result = subprocess.run(line, shell=True, capture_output=True, check=True)  # noqa: S602
    assert result.stdout.count(b"\n") == 1
    assert result.stderr == b""


@pytest.mark.parametrize(
    ("redirection", "message"),
    [("<&-", "stdin is closed: give it text, as in < sentences.txt"), (">&-", "stdout is closed: send the output")],
)
def test_closed_stream_is_one_line(folder, redirection, message, refused):
    line = f"{sys.executable} -m seq2seq translate {folder / 'run'} {redirection}"
    refused(subprocess.run(line, shell=True, capture_output=True, check=False), message)  # noqa: S602


def test_closed_stderr_is_silence_and_a_status():
    line = f"{sys.executable} -m seq2seq translate no_run 2>&- < /dev/null"
    result = subprocess.run(line, shell=True, capture_output=True, check=False)  # noqa: S602
    assert (result.returncode, result.stdout) == (1, b"")


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_signal_that_ends_a_command_is_an_interruption(name):
    number = getattr(signal, name)
    before = signal.signal(number, signal.SIG_DFL)
    try:
        interrupt_on_signals()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        signal.signal(number, signal.SIG_IGN)
        interrupt_on_signals()
        os.kill(os.getpid(), number)  # nohup: ignored
    finally:
        signal.signal(number, before)
