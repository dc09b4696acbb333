"""What is fetched from a hub, what is left there, and what is refused."""

import errno
import json
import os
import pickle
from pathlib import Path

import onnx
import pytest

from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.export.reading import read_graphs
from seq2seq.export.writing import export
from seq2seq.locking import owned
from seq2seq.runs.hub import fetched, pull
from seq2seq.runs.hub_names import hub_name, is_part_of_a_run
from seq2seq.runs.manifest import entry_of

STORED = Path(__file__).parents[1] / "stored_runs" / "plain"


@pytest.fixture
def pushed(hub):
    """A run on the hub, as ann/en-fr: those of its files that are passed on."""
    hub.commit("ann/en-fr", {name: (STORED / name).read_bytes() for name in listed(STORED)})
    return hub


def listed(folder):
    """The names of those files of a run that are passed on."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return [name for name in names if is_part_of_a_run(name)]


def test_files_of_other_kinds_are_left_on_the_hub(pushed, tmp_path, caplog):
    _, files = pushed.files("ann/en-fr")
    evil = {
        "model.pkl": pickle.dumps(print),
        "seq2seq.py": b"raise SystemExit('executed')",
        "tokenizer/source.py": b"",
        "checkpoints/best-1-0/../../../out.json": b"{}",
        "checkpoints/best-00000001-0/arrays.pkl": b"",
        "decoders/../../config.json": b"{}",
        "graphs/other.onnx": b"",
    }
    pushed.commit("ann/en-fr", files | evil)
    with caplog.at_level("INFO", logger="seq2seq"):
        place = pull("ann/en-fr", tmp_path / "deep" / "mine")
    assert sorted(p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file()) == sorted(files)
    assert not any(name in request for name in evil for request in pushed.asked)
    assert "left out, since no run has such files: model.pkl, seq2seq.py" in caplog.text


@pytest.mark.parametrize(
    "name", ["config.json", "tokenizer/source.model", "arrays.npz", "manifest.json", "metrics.jsonl"]
)
def test_damaged_run_is_refused_and_leaves_nothing(pushed, tmp_path, name):
    _, files = pushed.files("ann/en-fr")
    full = next(path for path in files if path.endswith(name))
    half = len(files[full]) // 2
    pushed.commit("ann/en-fr", files | {full: files[full][:half] + b"\x07" + files[full][half + 1 :]})
    with pytest.raises(
        CheckpointError, match="hub:ann/en-fr holds no run that can be opened, so nothing was kept"
    ) as error:
        pull("ann/en-fr", tmp_path / "mine")
    assert ".part" not in str(error.value)
    assert not list(tmp_path.glob("*mine*"))


def test_huge_file_is_refused_before_it_is_fetched(pushed, tmp_path):
    _, files = pushed.files("ann/en-fr")
    pushed.commit("ann/en-fr", files | {"about.json": b" " * (17 << 20)})
    with pytest.raises(CheckpointError, match=r"hub:ann/en-fr: about\.json has 17,825,792 bytes, expected"):
        pull("ann/en-fr", tmp_path / "mine")
    assert not any("resolve" in request for request in pushed.asked)


@pytest.mark.parametrize("announced", [None, 1000])
def test_hub_that_lies_about_sizes_is_refused_while_it_sends(pushed, tmp_path, announced):
    _, files = pushed.files("ann/en-fr")
    pushed.commit("ann/en-fr", files | {"about.json": b" " * (90 << 20)})
    pushed.announced = {"about.json": announced}
    most = announced or 16 << 20
    with pytest.raises(CheckpointError, match=f"ann/en-fr: the hub sends more of about.json than the {most:,} bytes"):
        pull("ann/en-fr", tmp_path / "mine")
    assert pushed.sent["about.json"] < 60 << 20, "the rest of the file is not asked for"
    assert not list(tmp_path.glob("*mine*"))


def test_file_that_is_a_little_larger_than_announced_is_refused(pushed, tmp_path):
    _, files = pushed.files("ann/en-fr")
    pushed.announced = {"README.md": 5}
    pushed.commit("ann/en-fr", files | {"README.md": b"# model"})
    with pytest.raises(CheckpointError, match=r"the hub sends more of README\.md than the 5 bytes expected"):
        pull("ann/en-fr", tmp_path / "mine")
    assert not list(tmp_path.glob("*mine*"))


def test_two_pulls_to_one_place_do_not_share_a_part(pushed, tmp_path):
    (tmp_path / ".mine.part").mkdir()
    (tmp_path / ".mine.part" / "of_a_killed_pull").write_text("")
    with (
        owned(tmp_path / ".mine.part" / ".lock", "fetching"),
        pytest.raises(
            CheckpointError, match=rf"process {os.getpid()} is fetching in .*\.mine\.part: wait for it or stop"
        ),
    ):
        pull("ann/en-fr", tmp_path / "mine")
    place = pull("ann/en-fr", tmp_path / "mine")
    assert not {"of_a_killed_pull", ".lock"} & {path.name for path in place.iterdir()}


def test_export_with_other_graphs_is_refused_when_it_is_pulled(hub, tmp_path):
    export(STORED, tmp_path / "export")
    files = {name: (tmp_path / "export" / name).read_bytes() for name in listed(tmp_path / "export")}
    step = onnx.load_model_from_string(files["graphs/step.onnx"])
    step.graph.node[0].op_type = "Loop"
    files["graphs/step.onnx"] = step.SerializeToString()
    known = json.loads(files["manifest.json"])
    known["files"]["graphs/step.onnx"] = entry_of(files["graphs/step.onnx"])._asdict()
    hub.commit("ann/evil", files | {"manifest.json": json.dumps(known).encode()})
    with pytest.raises(CheckpointError, match=r"nothing was kept: graphs/step\.onnx is not a graph .*operator 'Loop'"):
        pull("ann/evil", tmp_path / "mine", read_graphs)
    assert not (tmp_path / "mine").exists()


def test_full_disk_is_not_blamed_on_the_hub(pushed, tmp_path, monkeypatch):
    from huggingface_hub import HfApi

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(HfApi, "hf_hub_download", full)
    with pytest.raises(OSError, match="No space left on device: 'the copy of hub:ann/en-fr'"):
        pull("ann/en-fr", tmp_path / "mine")
    assert not list(tmp_path.glob("*mine*"))


def test_repository_without_a_run_is_refused(hub, tmp_path):
    hub.commit("ann/bert", {"pytorch_model.bin": b"x", "config.json": b"{}"})
    with pytest.raises(CheckpointError, match="hub:ann/bert is not a run of seq2seq: it has no config"):
        pull("ann/bert", tmp_path / "mine")


def test_name_that_does_not_exist_is_explained(hub, tmp_path):
    with pytest.raises(CheckpointError, match=r"cannot read hub:ann/none: .*look at the name and the connection"):
        pull("ann/none", tmp_path / "mine")


def test_place_that_is_taken_is_refused_before_anything_is_asked(pushed, tmp_path):
    (tmp_path / "mine").mkdir()
    before = len(pushed.asked)
    with pytest.raises(CheckpointError, match="is there already: choose another --run"):
        pull("ann/en-fr", tmp_path / "mine")
    assert len(pushed.asked) == before


def test_copy_is_fetched_once_and_used_without_a_connection(pushed, monkeypatch, caplog):
    place = fetched("hub:ann/en-fr")
    downloads = [request for request in pushed.asked if "resolve" in request]
    fetched.cache_clear()
    assert fetched("hub:ann/en-fr") == place
    assert [request for request in pushed.asked if "resolve" in request] == downloads
    fetched.cache_clear()
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert fetched("hub:ann/en-fr") == place
    assert "using the copy that was fetched last" in caplog.text
    assert fetched(f"hub:ann/en-fr@{place.name}") == place
    with pytest.raises(CheckpointError, match="cannot read hub:ann/other"):
        fetched("hub:ann/other")


@pytest.mark.parametrize("content", [b"[]", b"[" * 100_000, b"\xff", b'{"main": 5}'])
def test_damaged_notes_of_the_cache_are_written_anew(pushed, content):
    place = fetched("hub:ann/en-fr")
    (place.parent / "commits.json").write_bytes(content)
    fetched.cache_clear()
    assert fetched("hub:ann/en-fr") == place
    assert json.loads((place.parent / "commits.json").read_bytes()) == {"main": place.name}


def test_damaged_copy_of_the_cache_is_fetched_again(pushed, monkeypatch, caplog):
    place = fetched("hub:ann/en-fr")
    (place / "tokenizer" / "source.model").unlink()
    fetched.cache_clear()
    with monkeypatch.context() as offline:
        offline.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        with pytest.raises(CheckpointError, match="cannot read hub:ann/en-fr"):
            fetched("hub:ann/en-fr")
    assert f"the copy of hub:ann/en-fr in {place} cannot be used, so it is fetched again" in caplog.text
    assert fetched(f"hub:ann/en-fr@{place.name}") == place
    assert (place / "tokenizer" / "source.model").is_file()


def test_cache_that_cannot_be_made_is_explained(pushed, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(
        CheckpointError, match=r"cannot keep hub:ann/en-fr in .*: look at .*XDG_CACHE_HOME name another"
    ):
        fetched("hub:ann/en-fr")


def test_new_commit_is_fetched_and_the_old_one_can_be_named(pushed):
    first = fetched("hub:ann/en-fr")
    _, files = pushed.files("ann/en-fr")
    sha = pushed.commit("ann/en-fr", files | {"README.md": b"# new"})
    fetched.cache_clear()
    assert fetched("hub:ann/en-fr").name == sha
    assert fetched(f"hub:ann/en-fr@{first.name}") == first


@pytest.mark.parametrize(
    "name", ["hub:", "hub:en-fr", "a/b/c", "../x", "hub:a/../b", "a/b@../c", "a b/c", "-a/b", "a--b/c", "é/b"]
)
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ConfigError, match="a run on a hub is named hub:owner/name"):
        hub_name(name)
