"""The command that translates many files."""

import gzip
from pathlib import Path

import pytest

RUN = Path(__file__).parents[1] / "stored_runs" / "plain"


@pytest.fixture
def corpus(tmp_path):
    """A folder with three files of text, the last one compressed."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "1.en").write_text("I am a man.\nShe sleeps.\n", encoding="utf-8")
    (folder / "2.en").write_text("I eat.\n\n", encoding="utf-8")
    (folder / "3.en.gz").write_bytes(gzip.compress(b"She eats.\n"))
    return folder


def test_every_file_is_translated_as_translate_does_it(command, corpus, tmp_path):
    result = command("bulk", RUN, "--input", corpus, "--output", tmp_path / "out", "--workers", "1")
    assert result.returncode == 0, result.stderr.decode()
    assert result.stdout == b""
    assert b"3 of 3 shards are done" in result.stderr
    assert b"warning: 1 of 5 lines were empty or unreadable" in result.stderr
    for name, text in (("1.en", (corpus / "1.en").read_bytes()), ("3.en", b"She eats.\n")):
        assert (tmp_path / "out" / name).read_bytes() == command("translate", RUN, input=text).stdout
    again = command("bulk", RUN, "--input", corpus, "--output", tmp_path / "out")
    assert b"3 of 3 shards are done in" in again.stderr
    assert b", 3 of them before" in again.stderr
    assert b"warning: 1 of 5 lines were empty" in again.stderr
    assert b"0.00B" not in again.stderr.split(b"\r")[-1]


def test_rows_of_n_best_are_those_of_translate(command, corpus, tmp_path):
    options = ("--n-best", "2", "--beam-size", "3")
    result = command("bulk", RUN, "--input", corpus / "1.en", "--output", tmp_path / "out", *options)
    assert result.returncode == 0, result.stderr.decode()
    rows = command("translate", RUN, *options, input=(corpus / "1.en").read_bytes()).stdout
    assert (tmp_path / "out" / "1.en").read_bytes() == rows
    assert rows.count(b"\n") == 4


def test_shards_that_cannot_be_done_are_named_and_the_others_are_done(command, corpus, tmp_path):
    (corpus / "0.en").write_bytes(b"\x1f\x8b" + bytes(20))
    (corpus / "4.en").symlink_to(corpus / "nowhere")
    call = ("bulk", RUN, "--input", corpus, "--output", tmp_path / "out", "--sample", "--seed", "3", "--workers", "2")
    result = command(*call)
    said = result.stderr.decode()
    assert result.returncode == 1
    assert "failed: 0.en: " in said
    assert "failed: 4.en: " in said
    assert "4.en is a link to" in said
    assert "3 of 5 shards are done" in said
    assert said.splitlines()[-1].startswith("seq2seq: error: 2 of 5 shards could not be done (")
    assert "Traceback" not in said
    for name in ("0.en", "4.en"):
        (corpus / name).unlink()
        (corpus / name).write_text("I eat.\n", encoding="utf-8")
    mended = command(*call)
    assert mended.returncode == 0
    assert b"5 of 5 shards are done in" in mended.stderr
    assert b", 3 of them before" in mended.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--input", "missing.en"], "missing.en does not exist"),
        (["--input", "1.en", "--top-k", "5"], "--top-k would do nothing: only --sample draws"),
        (["--input", "1.en", "--beam-size", "1", "--length-penalty", "0"], "--length-penalty would do nothing"),
        (["--input", "1.en", "--target", "de"], "translates into fr: received 'de'"),
        (["--input", "1.en", "--output", str(RUN)], "belongs to the run"),
        (["--input", "1.en", "--output", "."], "--output would replace the input"),
        (["--input", "2.en", "--output", "mine"], "2.en would be replaced, but nothing says that it was written here"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_written(command, corpus, refused, options, message):
    (corpus / "mine").mkdir()
    (corpus / "mine" / "2.en").write_text("A week of work.\n", encoding="utf-8")
    before = sorted(corpus.iterdir())
    refused(command("bulk", RUN, "--output", "out", *options, cwd=corpus), message)
    assert sorted(corpus.iterdir()) == before
    assert (corpus / "mine" / "2.en").read_text(encoding="utf-8") == "A week of work.\n"
