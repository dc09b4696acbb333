"""What is wrong with inputs, outputs and options is said before anything is loaded, in one line."""

import os
import pty
import shutil
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from seq2seq.cli import interrupt_on_signals
from seq2seq.errors import DataError
from seq2seq.standard_streams import ready_lines


def refused(result, *parts):
    """One line of error that has these parts, and no work before it."""
    text = result.stderr.decode()
    assert result.returncode == 1, text
    assert text.startswith("seq2seq: error: ")
    assert text.count("\n") == 1, text
    assert all(part in text for part in parts), text
    assert result.stdout == b""


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"--json": "no/such/s.json"}, "--json no/such/s.json: there is no folder"),
        ({"--json": "-"}, "--json - is not stdout here: write --json /dev/stdout"),
        ({"--hypotheses": "no/h.fr"}, "--hypotheses no/h.fr: there is no folder"),
        ({"--hypotheses": "dev.fr"}, "--hypotheses dev.fr would overwrite --reference dev.fr"),
        ({"--json": "run/config.json"}, "--json run/config.json would overwrite the run run"),
        ({"--json": "x", "--hypotheses": "x"}, "--hypotheses x would overwrite --json x"),
        ({"--baseline": "nofile"}, "nofile does not exist"),
        ({"--baseline": "train.fr"}, "train.fr and dev.fr have different lengths (300 and 6 lines)"),
        ({"--baseline": "."}, "is not a run"),
        ({"--source": "nofile"}, "nofile does not exist"),
        ({"--reference": "train.fr"}, "have different lengths"),
        ({"--beam-size": "1000000000"}, "translation.beam_size"),
        ({"--length-penalty": "nan"}, "translation.length_penalty"),
        ({"--length-penalty": "0", "--beam-size": "1"}, "--length-penalty would do nothing: a beam of 1"),
    ],
)
def test_evaluate_looks_first(command, folder, wrong, message):
    options = {"--source": "dev.en", "--reference": "dev.fr"} | wrong
    result = command("evaluate", "run", *(part for option in options.items() for part in option), cwd=folder)
    assert message in result.stderr.decode()
    assert result.returncode == 1
    assert b"loading" not in result.stderr
    assert (folder / "dev.fr").read_text(encoding="utf-8").count("\n") == 6


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("no/v.npy", "--output no/v.npy: there is no folder"),
        ("run", "--output run is a folder"),
        ("run/about.json", "would overwrite the run run"),
    ],
)
def test_encode_looks_first(command, folder, output, message):
    refused(command("encode", "run", "--output", output, input=b"I eat.\n", cwd=folder), message)


def test_encode_over_its_own_input_is_refused(command, folder, tmp_path):
    text = tmp_path / "text.en"
    text.write_bytes(b"I eat.\n")
    program = [sys.executable, "-m", "seq2seq", "encode", str(folder / "run"), "--output", str(text)]
    with text.open("rb") as stdin:
        result = subprocess.run(program, stdin=stdin, capture_output=True, check=False)
    refused(result, "would overwrite stdin")
    assert text.read_bytes() == b"I eat.\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--output", "dev.en"], "--output dev.en: dev.en is not a folder"),
        (["--output", "run"], "--output run belongs to the run run"),
        (["--output", "new", "--only", "usag"], "there is no analysis 'usag'"),
        (["--output", "new", "--reference", "train.fr"], "have different lengths"),
        (
            ["--output", "new", "--quick", "--sentences", "201"],
            "--sentences 201 would do nothing: --quick looks at",
        ),
    ],
)
def test_analyze_looks_first(command, folder, options, message):
    refused(command("analyze", "run", "--source", "dev.en", "--reference", "dev.fr", *options, cwd=folder), message)
    assert not (folder / "new").exists()


def test_analyze_of_a_folder_that_is_no_run_is_refused_first(command, folder):
    options = ("--source", "dev.en", "--reference", "dev.fr", "--output", "new")
    refused(command("analyze", "run", "no_run", *options, cwd=folder), "no_run is not a run")
    assert not (folder / "new").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--temperature", "1"], "--temperature would do nothing: only --sample draws"),
        (["--top-k", "5", "--seed", "1"], "--top-k, --seed would do nothing: only --sample draws"),
        (["--sample", "--beam-size", "3"], "--beam-size would do nothing: --sample does not search"),
        (["--sample", "--shortlist", "5", "--no-repeat-ngram", "2"], "--no-repeat-ngram, --shortlist would do nothing"),
        (["--sample", "--length-penalty", "0"], "--length-penalty would do nothing"),
        (["--beam-size", "1", "--length-penalty", "0"], "--length-penalty would do nothing: a beam of 1 has nothing"),
        (["--sample", "--temperature", "1e-20"], "sampling needs temperature to be 0.001 to 100: received 1e-20"),
        (["--sample", "--top-p", "nan"], "sampling needs top_p to be"),
        (["--no-repeat-ngram", str(2**31)], "translation.no_repeat_ngram"),
    ],
)
def test_translate_refuses_options_that_would_do_nothing_or_harm(command, folder, options, message):
    result = command("translate", folder / "run", *options, input=b"I eat.\n")
    assert result.returncode == 1
    assert message in result.stderr.decode()
    assert b"loading" not in result.stderr


def test_text_in_the_place_of_a_run_is_told_apart(command, folder):
    result = command("translate", folder / "run", "dev.en", cwd=folder)
    refused(result, "dev.en is a file, not a run: to translate it, write < dev.en")


@pytest.mark.parametrize("place", ["before", "behind"])
def test_quiet_may_stand_before_the_command_or_behind_it(command, folder, place):
    words = ["translate", folder / "run"]
    words = ["--quiet", *words] if place == "before" else [*words, "--quiet"]
    result = command(*words, input=b"I eat.\n")
    assert result.returncode == 0
    assert b"loading" not in result.stderr


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("dev.en", "dev.en cannot be made, for"),
        ("dev.en/new", "dev.en/new cannot be made, for"),
        ("run/new", "run/new lies inside the run"),
    ],
)
def test_train_into_a_place_that_is_none_is_refused_first(command, folder, place, message):
    refused(command("train", "config.toml", "--run", place, cwd=folder), message)
    refused(command("finetune", "run", "config.toml", "--run", place, cwd=folder), message)


def test_finetune_into_the_parent_by_another_name_is_refused_first(command, folder):
    (folder / "linked").mkdir()
    (folder / "linked" / "run").symlink_to(folder / "run")
    result = command("finetune", "linked/run", "config.toml", "--run", "run", cwd=folder)
    refused(result, "already holds a run")


def test_train_into_a_run_that_is_trained_is_refused_first(command, folder):
    result = command("train", folder / "config.toml", "--run", folder / "run")
    refused(result, "run already holds a run: add --resume to go on with it")


def test_run_is_resumed_where_its_dev_files_are_not(command, folder, tmp_path):
    shutil.copytree(folder / "run", tmp_path / "run")
    settings = (
        (folder / "config.toml").read_text(encoding="utf-8").replace("dev.", "gone.").replace("train.en", "no.en")
    )
    (tmp_path / "moved.toml").write_text(settings, encoding="utf-8")
    result = command("train", "moved.toml", "training.epochs=1", "--run", "run", "--resume", cwd=tmp_path)
    assert result.returncode == 0, result.stderr.decode()
    assert b"finished" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "work"),
    [
        (["translate"], "translating"),
        (["encode", "--output", "/dev/null"], "encoding"),
        (["score", "--source", "dev.en", "--target", "dev.fr"], "scoring"),
    ],
)
def test_loading_and_working_are_said(command, folder, arguments, work):
    result = command(*arguments, "run", input=b"", cwd=folder)
    assert result.stderr.decode() == f"loading run\n{work}\n"


@pytest.mark.parametrize(
    ("redirection", "message"),
    [("<&-", "stdin is closed: give it text, as in < sentences.txt"), (">&-", "stdout is closed: send the output")],
)
def test_closed_stream_is_one_line(folder, redirection, message):
    line = f"{sys.executable} -m seq2seq translate {folder / 'run'} {redirection}"
    refused(subprocess.run(line, shell=True, capture_output=True, check=False), message)  # noqa: S602


def test_closed_stderr_is_silence_and_a_status():
    line = f"{sys.executable} -m seq2seq translate no_run 2>&- < /dev/null"
    result = subprocess.run(line, shell=True, capture_output=True, check=False)  # noqa: S602
    assert (result.returncode, result.stdout) == (1, b"")


def test_stdin_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    descriptor = os.open(tmp_path, os.O_RDONLY)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(fileno=lambda: descriptor))
    with pytest.raises(DataError, match="stdin cannot be read: Is a directory: give it text"):
        list(ready_lines())
    os.close(descriptor)


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


def test_translate_in_a_terminal_says_when_it_is_ready_and_leaves_at_ctrl_c(folder):
    ours, theirs = pty.openpty()
    line = [sys.executable, "-m", "seq2seq", "translate", str(folder / "run")]
    # A shell that starts the tests in the background lets them ignore Ctrl-C.
    options = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), "text": True}
    process = subprocess.Popen(line, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, **options)
    try:
        os.close(theirs)
        seen = b""
        while b"ends\r\n" not in seen:
            seen += os.read(ours, 1000)
        assert seen.replace(b"\r", b"") == f"loading {folder / 'run'}\nready: type a sentence, Ctrl-D ends\n".encode()
        os.write(ours, b"I eat.\n")
        assert process.stdout.readline().endswith("\n")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    finally:
        process.kill()
        process.communicate()
        os.close(ours)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["translate", ""], "runs"),
        (["translate", "run", "--target", ""], "target-language"),
        (["encode", "run", "--output", ""], "output"),
        (["evaluate", "run", "--source", "dev.en", "--reference", "dev.fr", "--baseline", ""], "baseline"),
        (["train", "c.toml", "--run", ""], "directory"),
    ],
)
def test_empty_argument_is_refused(command, folder, arguments, name):
    """Of a shell's variable that is not set: an empty path would be the current folder, other values nothing at all."""
    result = command(*arguments, cwd=folder)
    assert result.returncode == 2
    assert f"{name} is empty, received '': is a variable of the shell not set?" in result.stderr.decode()


def test_finetune_looks_for_its_parent_first(command, folder):
    (folder / "own.toml").write_text('data.train = [{ source = "train.en", target = "train.fr" }]')
    refused(command("finetune", "nowhere", "own.toml", "--run", "new", cwd=folder), "nowhere is not a run of seq2seq")
