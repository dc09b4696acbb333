"""From a run to a hub and back: what is pushed is what is pulled, and translates alike."""

import json

import pytest

from seq2seq import Translator
from seq2seq.errors import CheckpointError
from seq2seq.publishing.card import Evidence
from seq2seq.publishing.folder import write_folder
from seq2seq.publishing.upload import upload
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.hub import pull
from seq2seq.runs.shipped import find_run
from seq2seq.runs.small_run import shrink

SOURCES = ["A man sleeps.", "I eat an apple.", "The dog sees her."]


@pytest.fixture
def pushed(stored, tmp_path, hub):
    """A run on the hub, as ann/en-fr."""
    upload(write_folder(stored / "plain", tmp_path / "pushed", "ann/en-fr", Evidence()), "ann/en-fr")
    return hub


def texts(run):
    return [path for path in run.rglob("*") if path.name in ("train.arrow", "dev.json", "parent_dev.json")]


def test_run_translates_from_the_hub_as_it_did(stored, pushed):
    translator = Translator.load("hub:ann/en-fr")
    assert translator.translate(SOURCES) == Translator.load(stored / "plain").translate(SOURCES)
    run = find_run("hub:ann/en-fr")
    assert run.config().model == RunDirectory(stored / "plain").config().model
    assert not texts(run.path)
    assert run.config().data.train == []


def test_pulled_run_is_a_folder_of_its_own_and_can_be_pushed_again(pushed, tmp_path):
    place = pull("ann/en-fr", tmp_path / "mine")
    assert sorted(p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file()) == sorted(
        pushed.files("ann/en-fr")[1]
    )
    upload(write_folder(place, tmp_path / "again", "bob/copy", Evidence()), "bob/copy")
    assert Translator.load("hub:bob/copy").translate(SOURCES) == Translator.load(place).translate(SOURCES)


@pytest.mark.parametrize("kind", ["export", "small run", "fine-tuned run"])
def test_other_kinds_of_runs_translate_from_the_hub(stored, exported, hub, tmp_path, kind):
    small = {"small run": lambda: shrink(stored / "plain", tmp_path / "small"), "export": lambda: exported}
    origin = small.get(kind, lambda: stored / "finetuned")()
    folder = write_folder(origin, tmp_path / "folder", "ann/x", Evidence())
    upload(folder, "ann/x")
    assert Translator.load("hub:ann/x").translate(SOURCES) == Translator.load(origin).translate(SOURCES)
    if kind == "fine-tuned run":
        parent = json.loads((folder / "parent.json").read_text("utf-8"))
        assert "/" not in parent["path"]
        assert parent["config"]["data"]["train"] == []


def test_second_push_replaces_the_weights_of_the_first(stored, pushed, tmp_path):
    upload(write_folder(stored / "finetuned", tmp_path / "second", "ann/en-fr", Evidence()), "ann/en-fr")
    weights = [name for name in pushed.files("ann/en-fr")[1] if name.endswith("arrays.npz")]
    assert len(weights) == 1
    assert Translator.load("hub:ann/en-fr").translate(SOURCES) == Translator.load(stored / "finetuned").translate(
        SOURCES
    )


def test_push_without_a_login_says_what_to_do(stored, hub, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    folder = write_folder(stored / "plain", tmp_path / "folder", "ann/x", Evidence())
    with pytest.raises(CheckpointError, match=r"cannot push to hub:ann/x: .*log in with `hf auth login`"):
        upload(folder, "ann/x")
    assert hub.commits == {}
