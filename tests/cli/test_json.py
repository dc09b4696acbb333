"""`--json OUT`: every command that prints figures writes them the same way."""

import json
import math
import shutil
from pathlib import Path

import pytest

from seq2seq.runs.directory import RunDirectory

STORED = Path(__file__).parents[1] / "stored_runs" / "plain"


@pytest.fixture
def record(command, folder, tmp_path):
    """The object that a command writes, and what it printed."""

    def read(name, *arguments, **options):
        place = tmp_path / f"{name}.json"
        result = command(name, *arguments, "--json", place, cwd=folder, **options)
        assert result.returncode == 0, result.stderr.decode()
        content = place.read_text("utf-8")
        assert content.endswith("}\n")
        return json.loads(content), result.stdout.decode()

    return read


def test_train(record, folder, tmp_path):
    small = ("training.epochs=1", "tokenizer.vocabulary_size=500")
    run = tmp_path / "new"
    written, _ = record("train", "config.toml", *small, "--run", run)
    assert (written["finished"], written["epochs"], written["run"]) == (True, 1, str(run))
    assert written["records"] == RunDirectory(run).log()
    assert written["best"] == written["records"][0]
    assert written["updates"] == written["best"]["step"]
    assert written["seconds"] > 0


def test_score(record):
    written, printed = record("score", "run", "--source", "dev.en", "--target", "dev.fr")
    assert [f"{score['log_prob']:.4f}" for score in written["scores"]] == printed.split()
    assert written["tokens"] == sum(score["tokens"] for score in written["scores"])
    assert written["perplexity"] == pytest.approx(math.exp(-written["log_prob"] / written["tokens"]))


def test_evaluate(record, folder):
    written, printed = record("evaluate", "run", "--source", "dev.en", "--reference", "dev.fr")
    assert all(score["signature"] in printed for score in written["scores"])
    assert len(written["hypotheses"]) == 6


def test_translate(record):
    written, printed = record("translate", "run", "--n-best", 2, input=b"I eat.\nYou sleep.\n")
    assert [sentence["number"] for sentence in written["sentences"]] == [1, 2]
    lines = [
        f"{sentence['number']}\t{hypothesis['score']:.4f}\t{hypothesis['text']}"
        for sentence in written["sentences"]
        for hypothesis in sentence["hypotheses"]
    ]
    assert printed.splitlines() == lines


def test_analyze(record, tmp_path):
    report = tmp_path / "report"
    files = ("--source", "dev.en", "--reference", "dev.fr")
    written, printed = record("analyze", "run", *files, "--output", report, "--only", "usage")
    assert written["report"] == printed.strip()
    assert list(written["analyses"]) == ["usage"]
    assert written["analyses"]["usage"] == json.loads((report / "usage.json").read_bytes())
    words = written["analyses"]["usage"]
    assert words["title"]
    assert words["findings"] or words["warnings"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "config.toml", "--run", "new"),
        ("score", "run", "--source", "dev.en", "--target", "dev.fr"),
        ("translate", "run"),
        ("analyze", "run", "--source", "dev.en", "--reference", "dev.fr", "--output", "report"),
    ],
)
def test_place_that_cannot_be_written_is_refused_first(command, folder, refused, arguments):
    result = command(*arguments, "--json", "no/such.json", cwd=folder)
    refused(result, "--json no/such.json: there is no folder")
    assert not (folder / "new").exists()


@pytest.mark.parametrize(
    ("arguments", "place", "message"),
    [
        (("train", "c.toml", "--run", "new"), "t.en", "would overwrite data.train 1 source"),
        (("train", "c.toml", "--run", "new"), "d.fr", "would overwrite data.dev 1 target"),
        (("finetune", "run", "c.toml", "--run", "new"), "run/config.json", "would overwrite the parent run"),
        (("translate", "en-fr", "run"), "run/config.json", "would overwrite run 2 run"),
        (
            ("analyze", "run", "--source", "t.en", "--reference", "t.fr", "--output", "report"),
            "run/config.json",
            "would overwrite run 1 run",
        ),
    ],
)
def test_file_that_is_read_is_never_overwritten(command, refused, tmp_path, arguments, place, message):
    shutil.copytree(STORED, tmp_path / "run")
    for name in ("t.en", "t.fr", "d.en", "d.fr"):
        (tmp_path / name).write_text("One cat.\n", encoding="utf-8")
    corpora = "".join(
        f'[[data.{split}]]\nsource = "{name}.en"\ntarget = "{name}.fr"\n'
        for split, name in (("train", "t"), ("dev", "d"))
    )
    (tmp_path / "c.toml").write_text(corpora, encoding="utf-8")
    before = (tmp_path / place).read_bytes()
    refused(command(*arguments, "--json", place, cwd=tmp_path, input=b"I eat.\n"), f"--json {place} {message}")
    assert (tmp_path / place).read_bytes() == before
