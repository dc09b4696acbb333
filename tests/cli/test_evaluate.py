"""The command that scores a test set: what it refuses first, and what it writes."""

import json

import pytest

from seq2seq.cli import main


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
