"""The manifest of a run: files that are damaged, exchanged or not listed are named."""

import json
import logging

import pytest

from seq2seq.errors import CheckpointError
from seq2seq.runs.directory import RunDirectory

OPENED = ("config.json", "about.json", "tokenizer/source.model", "tokenizer/target.model", "shortlist.npz")


def test_copy_of_a_run_is_whole(run, open_all):
    open_all(run)
    manifest = json.loads((run.path / "manifest.json").read_text())
    assert sorted(manifest["files"]) == sorted([*OPENED, "cleaning.json", "encoded/train.arrow"])
    assert manifest["files"]["cleaning.json"]["bytes"] == (run.path / "cleaning.json").stat().st_size


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        (name, damage)
        for name in [*OPENED, "encoded/train.arrow"]
        for damage in ("flip", "cut", "other run")
        if (name, damage) != ("about.json", "other run")  # which is the same
    ],
)
def test_damaged_and_exchanged_files_are_named(run, runs, name, damage, open_all):
    content = bytearray((run.path / name).read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 4
    elif damage == "cut":
        del content[-3:]
    else:
        content = (runs[1].path / name).read_bytes()
    (run.path / name).write_bytes(content)
    with pytest.raises(CheckpointError, match=rf"{name}( was changed, damaged or exchanged since | is damaged: )"):
        open_all(run)


def test_file_that_the_manifest_does_not_list_is_refused(run):
    manifest = json.loads((run.path / "manifest.json").read_text())
    del manifest["files"]["shortlist.npz"]
    (run.path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CheckpointError, match=r"shortlist\.npz is not of this run: manifest\.json does not list it"):
        run.shortlist()


def as_old(run):
    """Makes a run what it was before there were manifests."""
    (run.path / "manifest.json").unlink()
    for path in run.checkpoints.glob("*/manifest.json"):
        manifest = json.loads(path.read_text())
        del manifest["made_for"]
        path.write_text(json.dumps(manifest))


def test_old_run_opens_with_one_note_and_stays_as_it_is(run, caplog, open_all):
    as_old(run)
    before = sorted(path.relative_to(run.path) for path in run.path.rglob("*"))
    with caplog.at_level(logging.INFO, logger="seq2seq"):
        open_all(run)
        open_all(RunDirectory(run.path))
    notes = [record for record in caplog.records if "has no manifest.json" in record.message]
    assert [record.levelname for record in notes] == ["INFO"]
    assert sorted(path.relative_to(run.path) for path in run.path.rglob("*")) == before


def test_old_run_that_is_trained_further_gets_a_manifest(run, open_all):
    as_old(run)
    run.make_ready()
    run.save("last", run.load("last"))
    open_all(run)
    (run.path / "about.json").write_bytes((run.path / "about.json").read_bytes() + b" ")
    with pytest.raises(CheckpointError, match=r"about\.json was changed"):
        run.config()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged: Expecting value"),
        (b"[]", "is damaged: expected an object"),
        (b"[" * 100_000, "is damaged: "),
        (b'{"format": %s}' % (b"9" * 5000), "is damaged: Exceeds the limit"),
        (b'{"format": 2}', "has format 2, this reads 1"),
        (b'{"format": 1, "files": 5}', "is damaged: files cannot be 5"),
        (b'{"format": 1, "files": {"config.json": 5}}', r"is damaged: the entry of 'config\.json'"),
        (b'{"format": 1}', r"about\.json is not of this run"),
    ],
)
def test_damaged_manifest_is_refused(run, content, message):
    (run.path / "manifest.json").write_bytes(content)
    with pytest.raises(CheckpointError, match=message):
        run.config()
