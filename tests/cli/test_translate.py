"""The command that translates: line by line, with several hypotheses, by sampling, and in a terminal."""

import os
import pty
import signal
import subprocess
import sys

import pytest


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


def test_text_in_the_place_of_a_run_is_told_apart(command, folder, refused):
    result = command("translate", folder / "run", "dev.en", cwd=folder)
    refused(result, "dev.en is a file, not a run: to translate it, write < dev.en")


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


def test_translate_keeps_lines_and_counts_what_is_wrong(command, folder):
    lines = b"A man sleeps.\n\nA caf\xe9 in Latin-1.\nShe is happy.\r\nno newline at the end"
    result = command("translate", folder / "run", input=lines)
    assert result.returncode == 0, result.stderr
    out = result.stdout.decode().split("\n")
    assert len(out) == 6
    assert out[1] == out[2] == out[5] == ""
    assert out[0]
    assert b"warning: 2 of 5 lines were empty or unreadable" in result.stderr


def test_translate_answers_line_by_line_while_the_pipe_stays_open(folder):
    line = [sys.executable, "-m", "seq2seq", "translate", str(folder / "run"), "--beam-size", "1"]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        for text in (b"A man sleeps.\n", b"I am a man.\n"):
            process.stdin.write(text)
            process.stdin.flush()
            assert process.stdout.readline().endswith(b"\n")  # hangs if the answer waits for the end of the input
        process.stdin.close()


def test_translate_n_best_prints_number_score_and_text(command, folder):
    result = command("translate", folder / "run", "--n-best", "2", "--beam-size", "3", input=b"A man sleeps.\nI eat.\n")
    rows = [row.split("\t") for row in result.stdout.decode().split("\n")[:-1]]
    assert [row[0] for row in rows] == ["1", "1", "2", "2"]
    assert float(rows[0][1]) >= float(rows[1][1])


def test_translate_sample_depends_on_the_seed_alone(command, folder):
    outputs = [
        command("translate", folder / "run", "--sample", "--seed", seed, input=b"A man sleeps.\nI eat.\n").stdout
        for seed in (1, 1, 2)
    ]
    assert outputs[0] == outputs[1] != outputs[2]


def test_translate_n_best_of_samples_is_refused(command, folder):
    result = command("translate", folder / "run", "--n-best", "2", "--sample", input=b"")
    assert result.returncode == 1
    assert b"--n-best is for searching: with --sample, draw again with another --seed" in result.stderr


def test_translate_n_best_wider_than_the_beam_is_refused(command, folder):
    result = command("translate", folder / "run", "--n-best", "5", "--beam-size", "3", input=b"")
    assert result.returncode == 1
    assert b"--n-best 5 needs --beam-size 5 or more, received 3" in result.stderr


def test_n_best_of_an_empty_line_has_n_rows(command, folder):
    result = command("translate", folder / "run", "--n-best", "2", input=b"\nI eat.\n")
    assert [row.split(b"\t")[0] for row in result.stdout.split(b"\n")[:-1]] == [b"1", b"1", b"2", b"2"]
