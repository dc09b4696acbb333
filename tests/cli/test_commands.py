"""The commands on a tiny trained run; processes of their own only where streams, imports or time are tested."""

import json
import os
import re
import resource
import subprocess
import sys

import numpy as np
import pytest

from seq2seq.cli import main


@pytest.mark.parametrize(
    "name", ["train", "finetune", "translate", "evaluate", "score", "encode", "analyze", "shrink", "phrasebook"]
)
def test_help_of_every_command(command, name):
    result = command(name, "--help")
    assert result.returncode == 0
    assert b"usage: seq2seq " + name.encode() in result.stdout


def test_help_imports_nothing_heavy_and_is_quick():
    heavy = ("tensorflow", "keras", "jax", "numpy", "pydantic", "datasets", "sacrebleu")
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


def test_run_directory_is_complete_and_says_how_it_went(folder):
    run = folder / "run"
    names = {path.name for path in run.iterdir()}
    assert {"config.json", "about.json", "cleaning.json", "metrics.jsonl", "learning_curve.png", "tokenizer"} <= names
    record = json.loads((run / "metrics.jsonl").read_text(encoding="utf-8"))
    assert {"epoch", "step", "loss", "tokens_per_second", "dev_loss", "dev_bleu", "dev_bleu_signature"} <= record.keys()
    assert not list(run.rglob("*.pkl")) + list(run.rglob("*.keras")) + list(run.rglob("*.part"))


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


def test_evaluate_against_a_file_and_a_run(command, folder):
    out, hypotheses = folder / "scores.json", folder / "hypotheses.fr"
    files = ("--source", folder / "dev.en", "--reference", folder / "dev.fr")
    result = command(
        "evaluate", folder / "run", *files, "--baseline", folder / "dev.fr", "--json", out, "--hypotheses", hypotheses
    )
    assert result.returncode == 0, result.stderr.decode()
    record = json.loads(out.read_text(encoding="utf-8"))
    assert [score["name"] for score in record["scores"]] == ["BLEU", "chrF2", "TER"]
    assert all("version:" in score["signature"] and score["low"] <= score["high"] for score in record["scores"])
    assert record["comparisons"][0]["difference"] < 0
    assert len(hypotheses.read_text(encoding="utf-8").split("\n")) == 7
    again = command("evaluate", folder / "run", *files, "--baseline", folder / "run", "--tokenize", "char")
    assert "+0.00" in again.stdout.decode()
    assert "tok:13a" in record["scores"][0]["signature"]
    assert "tok:char" in again.stdout.decode()


def test_evaluate_says_what_it_is_doing(command, folder):
    files = ("--source", folder / "dev.en", "--reference", folder / "dev.fr")
    result = command("evaluate", folder / "run", *files, "--baseline", folder / "run", "--beam-size", "1")
    said = [line.split()[0] for line in result.stderr.decode().split("\n") if line and "warning" not in line]
    assert said == ["loading", "translating", "loading", "translating", "scoring"]


def test_evaluate_with_an_unknown_tokenizer_is_refused_before_the_work(capsys):
    files = ("--source", "nothing.en", "--reference", "nothing.fr")
    assert main(["evaluate", "no/run", *files, "--tokenize", "moses"]) == 1
    assert "sacreBLEU has no tokenizer 'moses': it has none, zh, 13a" in capsys.readouterr().err


def test_evaluate_of_different_lengths_is_refused(command, folder):
    result = command("evaluate", folder / "run", "--source", folder / "dev.en", "--reference", folder / "train.fr")
    assert result.returncode == 1
    assert b"have different lengths (6 and 300 lines): " in result.stderr


def test_score_prints_a_log_probability_a_line(command, folder):
    result = command("score", folder / "run", "--source", folder / "dev.en", "--target", folder / "dev.fr")
    values = [float(line) for line in result.stdout.split()]
    assert len(values) == 6
    assert all(value < 0 for value in values)


def test_encode_writes_a_row_a_line(command, folder):
    result = command("encode", folder / "run", "--output", folder / "vectors.npy", input=b"I eat.\n\nI sleep.\n")
    assert result.returncode == 0, result.stderr.decode()
    vectors = np.load(folder / "vectors.npy", allow_pickle=False)
    assert vectors.shape == (3, 16)
    assert vectors.dtype == np.float32
    assert not vectors[1].any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "missing.toml", "--run", "new"), "cannot read the settings missing.toml"),
        (("translate", "missing"), "missing is not a run of seq2seq train: it has no config.json"),
        (("phrasebook", "5", "--min-words", "9", "--max-words", "4"), "4"),
    ],
)
def test_errors_are_one_line_without_a_traceback(command, tmp_path, arguments, message):
    result = command(*arguments, input=b"", cwd=tmp_path)
    assert result.returncode == 1
    assert message in result.stderr.decode()
    assert b"Traceback" not in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("data.train=[]", "data.train is empty"),
        ("tokenizer.vocabulary_size=60000", "tokenizer.vocabulary_size to"),
        ("training.epoch=3", "training.epoch: unknown key; did you mean 'epochs'?"),
        ('data.train=[{source="nowhere.en", target="nowhere.fr"}]', "nowhere.en"),
    ],
)
def test_settings_that_cannot_be_used_leave_nothing_behind(command, folder, tmp_path, override, message):
    result = command("train", folder / "config.toml", override, "--run", tmp_path / "run")
    assert result.returncode == 1
    assert message in result.stderr.decode()
    assert not list(tmp_path.iterdir())


def test_analyze_leaves_a_report_and_says_where(command, folder, tmp_path):
    files = ("--source", folder / "dev.en", "--reference", folder / "dev.fr", "--output", tmp_path / "out")
    result = command("analyze", folder / "run", *files, "--only", "usage", "lengths")
    assert result.returncode == 0, result.stderr.decode()
    assert result.stdout.decode().strip() == str(tmp_path / "out" / "report.html")
    assert b"lengths, run" in result.stderr  # the progress bar names what runs
    assert "Is the summary used?" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_shrink_makes_a_copy_that_translates_and_is_not_trained(command, folder, tmp_path):
    small = tmp_path / "small"
    result = command("shrink", folder / "run", "--run", small)
    assert result.returncode == 0, result.stderr.decode()
    assert re.fullmatch(rf"{small} has 0\.\d MB\n", result.stderr.decode())
    assert command("translate", small, input=b"I am a man.\n").stdout.count(b"\n") == 1
    for more in ([], ["--resume"]):
        result = command("train", folder / "config.toml", "--run", small, *more)
        assert result.returncode == 1
        assert b"cannot be trained further" in result.stderr
        assert b"loading" not in result.stderr
    result = command("shrink", folder / "run", "--run", small)
    assert result.returncode == 1
    assert b"is there already" in result.stderr


def test_finetune_makes_a_run_with_both_decoders(command, folder, tmp_path):
    corpora = (folder / "config.toml").read_text(encoding="utf-8").split("[tokenizer]")[0]
    (tmp_path / "new.toml").write_text(
        f'{corpora}[data]\nsource_language = "en"\ntarget_language = "it"\n[tokenizer]\nvocabulary_size = 500\n'
        "[finetune.rates]\nencoder = 0.0\nsource_embedding = 0.0\n",
        encoding="utf-8",
    )
    run = tmp_path / "run"
    result = command("finetune", folder / "run", tmp_path / "new.toml", "training.epochs=1", "--run", run)
    assert result.returncode == 0, result.stderr.decode()
    assert b"are known to the parent" in result.stderr
    assert b"and the encoder does not run" in result.stderr
    lines = b"I am a man.\n"
    french = command("translate", run, "--target", "fr", input=lines)
    assert french.stdout == command("translate", folder / "run", input=lines).stdout
    assert command("translate", run, input=lines).returncode == 0
    unknown = command("translate", run, "--target", "cs", input=lines)
    assert unknown.returncode == 1
    assert f"{run} translates into it, fr: received 'cs'" in unknown.stderr.decode()


def test_phrasebook_prints_pairs(command):
    rows = [row.split("\t") for row in command("phrasebook", 5, "--seed", 3).stdout.decode().split("\n")[:-1]]
    assert len(rows) == 5
    assert all(len(row) == 2 and all(row) for row in rows)


def test_overrides_may_come_behind_the_options(command, tmp_path):
    result = command("train", "no.toml", "--run", tmp_path / "run", "training.epochs=5", cwd=tmp_path)
    assert b"cannot read the settings no.toml" in result.stderr
    result = command("train", "no.toml", "--run", tmp_path / "run", "--epochs", "5", cwd=tmp_path)
    assert result.returncode == 2
    assert b"unrecognized arguments: --epochs 5" in result.stderr


@pytest.mark.parametrize("number", ["0", "-3", "x"])
def test_n_best_is_a_number_from_one_up(command, number):
    result = command("translate", "run", f"--n-best={number}", input=b"")
    assert result.returncode == 2
    assert f"'{number}' is not a number from 1 up".encode() in result.stderr


def test_n_best_of_an_empty_line_has_n_rows(command, folder):
    result = command("translate", folder / "run", "--n-best", "2", input=b"\nI eat.\n")
    assert [row.split(b"\t")[0] for row in result.stdout.split(b"\n")[:-1]] == [b"1", b"1", b"2", b"2"]


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


def test_output_into_a_device_does_not_replace_it(command, folder):
    result = command("encode", folder / "run", "--output", "/dev/null", input=b"I eat.\n")
    assert result.returncode == 0
    assert not os.path.isfile("/dev/null")  # noqa: PTH113
