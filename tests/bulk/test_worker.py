"""One shard: done once, done again when something has changed, and never half done."""

import gzip
import json
import os
from pathlib import Path

import pytest

from seq2seq.bulk import translating
from seq2seq.bulk.parts import Parts, sweep
from seq2seq.bulk.shards import Shard
from seq2seq.bulk.worker import ShardWorker, do
from seq2seq.errors import CheckpointError, ConfigError, DataError
from seq2seq.translator import Translator


def made(job, shard):
    """Do a shard; whether there was something to do."""
    return list(do(job, shard))[-1]["made"]


def test_shard_is_translated_as_the_translator_does_it(run, shards, translate_job):
    [shard] = shards(30)
    lines = Path(shard.inputs[0]).read_text("utf-8").splitlines()
    *_, last = do(translate_job(), shard)
    search = Translator.load(run).search.model_copy(update={"beam_size": 1})
    written = shard.record.with_suffix("").read_text("utf-8").splitlines()
    assert written == Translator.load(run, search).translate(lines)
    assert last["results"]["lines"] == last["results"]["counts"]["sentences"] == 30
    assert json.loads(shard.record.read_bytes())["results"] == last["results"]


def test_second_call_does_nothing_until_something_changes(shards, translate_job, tmp_path):
    [shard] = shards(5)
    job = translate_job()
    source, output = (tmp_path / place / "part1.en" for place in ("corpus", "out"))
    assert made(job, shard)
    number = output.stat().st_ino
    assert not made(job, shard)
    assert not made(translate_job(search={"batch_sentences": 2}, threads=2), shard)  # these change no translation
    assert output.stat().st_ino == number
    output.write_text("Something else.\n", encoding="utf-8")
    assert made(job, shard)
    assert made(translate_job(search={"beam_size": 2}), shard)
    assert made(translate_job(n_best=1, rows=True), shard)
    assert made(job, shard)
    source.write_text(source.read_text(encoding="utf-8") + "I eat.\n", encoding="utf-8")
    assert made(job, shard)
    assert not made(job, shard)


@pytest.mark.parametrize("record", [None, "[" * 100_000, "[]", '{"results": {}, "outputs": [{"name": "part2.en"}]}'])
def test_file_that_no_record_claims_is_not_replaced(shards, translate_job, tmp_path, record):
    [shard] = shards(1)
    mine = tmp_path / "out" / "part1.en"
    mine.write_text("A week of work.\n", encoding="utf-8")
    if record:
        shard.record.write_text(record, encoding="utf-8")
    with pytest.raises(DataError, match=r"would be replaced.* move it away.* or choose another --output"):
        list(do(translate_job(), shard))
    assert mine.read_text(encoding="utf-8") == "A week of work.\n"
    mine.unlink()
    if record:  # nor is a file with the name of the record
        if "name" not in record:
            with pytest.raises(DataError, match=r"part1\.en\.json is no record of this program, or a damaged one"):
                list(do(translate_job(), shard))
        shard.record.unlink()
    assert made(translate_job(), shard)


@pytest.mark.parametrize("before", [False, True])
def test_shard_whose_outputs_did_not_get_their_names_is_done_again(shards, translate_job, monkeypatch, before):
    """A kill between the record and the names: what is there then is claimed, and not taken for the new output."""
    [shard] = shards(5)
    if before:
        assert made(translate_job(search={"beam_size": 2}), shard)

    def killed(parts):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Parts, "put_into_place", killed)
        with pytest.raises(KeyboardInterrupt):
            list(do(translate_job(), shard))
    assert shard.record.exists()
    assert Path(shard.outputs[0]).exists() == before
    assert made(translate_job(), shard)
    assert not made(translate_job(), shard)


def test_rows_have_the_number_of_the_line_across_portions(shards, translate_job, monkeypatch):
    monkeypatch.setattr(translating, "_LINES", 2)
    [shard] = shards(5)
    reports = list(do(translate_job(search={"beam_size": 2}, n_best=2, rows=True), shard))
    assert [report["share"] for report in reports[:-1]] == [0.4, 0.8, 1.0]
    rows = [row.split("\t") for row in shard.record.with_suffix("").read_text("utf-8").splitlines()]
    assert [int(row[0]) for row in rows] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert all(float(best[1]) >= float(second[1]) for best, second in zip(rows[::2], rows[1::2], strict=True))


def test_samples_follow_from_the_seed_and_the_name_of_the_shard(shards, translate_job, tmp_path):
    first, second = shards(5, 5)
    Path(second.inputs[0]).write_bytes(Path(first.inputs[0]).read_bytes())

    def drawn(seed):
        for shard in (first, second):
            list(do(translate_job(sampling={"seed": seed, "temperature": 2.0}), shard))
        return [(tmp_path / "out" / f"part{number}.en").read_text("utf-8") for number in (1, 2)]

    texts = drawn(1)
    assert texts[0] != texts[1]
    assert drawn(2) != texts
    assert drawn(1) == texts


def test_lines_that_are_no_text_are_empty_and_counted(shards, translate_job):
    [shard] = shards(1)
    content = "\ufeffI eat.\n\ncaf\xe9\r\n".encode() + b"caf\xe9 in Latin-1\nA man sleeps."
    Path(shard.inputs[0]).write_bytes(content)
    *_, last = do(translate_job(), shard)
    lines = shard.record.with_suffix("").read_text("utf-8").split("\n")
    assert [bool(line) for line in lines] == [True, False, True, False, True, False]
    assert (last["results"]["lines"], last["results"]["unreadable"]) == (5, 1)
    assert last["results"]["counts"]["empty"] == 2


def test_empty_shard_has_an_empty_output(shards, translate_job):
    [shard] = shards(0)
    assert made(translate_job(), shard)
    assert shard.record.with_suffix("").read_bytes() == b""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "is a picture"),
        (bytes(range(8)) * 64, "is no text"),
        (gzip.compress(b"I eat.\n" * 5000)[:-20], "is compressed, and truncated or damaged"),
    ],
    ids=["picture", "binary", "damaged"],  # gzip writes the time, and all workers must collect the same names
)
def test_shard_that_is_no_text_leaves_nothing(shards, translate_job, tmp_path, content, message):
    [shard] = shards(1)
    (tmp_path / "corpus" / "part1.en").write_bytes(content)
    with pytest.raises(DataError, match=message):
        list(do(translate_job(), shard))
    assert not list((tmp_path / "out").iterdir())


def test_shard_whose_name_is_not_utf_8_is_done_once(shards, translate_job):
    [shard] = shards(2)
    inputs, outputs = (tuple(path.replace("part1", "part\udcff") for path in paths) for paths in shard)
    Path(shard.inputs[0]).rename(inputs[0])
    odd = Shard(inputs, outputs)
    assert made(translate_job(), odd)
    assert not made(translate_job(), odd)


def test_shard_that_changes_while_it_is_read_is_refused(shards, translate_job, tmp_path, monkeypatch):
    monkeypatch.setattr(translating, "_LINES", 2)
    [shard] = shards(5)
    work = do(translate_job(), shard)
    next(work)
    with (tmp_path / "corpus" / "part1.en").open("a", encoding="utf-8") as file:
        file.write("I eat.\n")
    with pytest.raises(DataError, match=r"part1\.en was changed while it was read: wait until it is complete"):
        list(work)
    assert not list((tmp_path / "out").iterdir())


def test_run_that_is_another_one_by_now_is_refused(shards, translate_job):
    [shard] = shards(1)
    description = translate_job().description
    description["translate"]["identity"] = "0" * 64
    [report] = ShardWorker(description, 1).work(*shard)
    assert "plain has changed since the work began" in report["error"]
    with pytest.raises(CheckpointError, match="has changed"):
        list(do(translating.TranslateJob(**description["translate"]), shard))


def test_worker_reports_errors_and_goes_on(shards, translate_job, tmp_path):
    first, second, third = shards(1, 1, 1)
    (tmp_path / "corpus" / "part1.en").unlink()
    (tmp_path / "out" / "part2.en").mkdir()
    worker = ShardWorker(translate_job().description, 1)
    [report] = worker.work(*first)
    assert "part1.en does not exist: did you mean" in report["error"]
    *_, report = worker.work(*second)
    assert "out/part2.en would be replaced" in report["error"]
    *_, report = worker.work(*third)
    assert report["made"]


def test_description_of_no_job_is_refused():
    with pytest.raises(ConfigError, match="a job is to translate or to clean: received 'sing'"):
        ShardWorker({"sing": {}}, 1)


def test_parts_that_killed_processes_left_are_swept(shards, translate_job, tmp_path, monkeypatch):
    monkeypatch.setattr(translating, "_LINES", 2)
    [shard] = shards(5)
    work = do(translate_job(), shard)
    next(work)
    [part] = (tmp_path / "out").iterdir()
    assert part.name.startswith(".part1.en.")
    os.link(part, tmp_path / "out" / "kept.part")  # no part: it is not hidden
    os.link(part, tmp_path / "out" / ".download.part")  # of another program
    (tmp_path / "out" / ".x.01234567.part").mkdir()
    sweep(tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"kept.part", ".download.part", ".x.01234567.part"}
    with pytest.raises(FileNotFoundError):  # whoever still writes to it cannot put it into place
        list(work)
