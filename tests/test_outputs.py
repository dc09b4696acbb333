import os

import numpy as np
import pytest

from seq2seq.errors import DataError
from seq2seq.outputs import check_folder, check_outputs, write_file


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a text, links to it, and a run."""
    (tmp_path / "ref.fr").write_text("un\n", encoding="utf-8")
    (tmp_path / "link").symlink_to("ref.fr")
    (tmp_path / "twin").hardlink_to(tmp_path / "ref.fr")
    (tmp_path / "folder").symlink_to(".")
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    (tmp_path / "run" / "config.json").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["ref.fr", "./ref.fr", "link", "twin", "folder/ref.fr", "folder/../ref.fr"])
def test_output_that_is_an_input_is_refused_whatever_it_is_called(place, name):
    if name == "folder/../ref.fr":
        name = f"folder/../{place.name}/ref.fr"
    with pytest.raises(DataError, match=f"^--json {name} would overwrite --reference ref.fr: choose another place$"):
        check_outputs({"--json": name}, {"--reference": "ref.fr"})


def test_output_that_is_another_output_is_refused(place):
    with pytest.raises(DataError, match=r"^--hypotheses \./new would overwrite --json new"):
        check_outputs({"--json": "new", "--hypotheses": "./new"}, {})


@pytest.mark.parametrize("name", ["run/config.json", "run/checkpoints/x", "folder/run/tokenizer", "run/encoded"])
def test_output_over_a_part_of_a_run_is_refused(place, name):
    if not os.path.isdir(os.path.dirname(name)):  # noqa: PTH112, PTH120
        pytest.skip("its folder is not there")
    with pytest.raises(DataError, match=f"^--json {name} would overwrite the run run"):
        check_outputs({"--json": name}, {"the run": "run"})


def test_output_over_a_file_in_a_folder_in_a_run_is_refused(place):
    """Its corpora may lie there; new files may be written there all the same."""
    (place / "run" / "data").mkdir()
    (place / "run" / "data" / "train.fr").write_text("un\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"^--hypotheses run/data/train.fr would overwrite the run run: choose another"):
        check_outputs({"--hypotheses": "run/data/train.fr"}, {"the run": "run"})
    check_outputs({"--hypotheses": "run/data/test.fr"}, {"the run": "run"})


def test_output_beside_the_parts_of_a_run_is_allowed(place):
    (place / "run" / "scores.json").write_text("{}", encoding="utf-8")
    check_outputs({"--json": "run/scores.json", "--hypotheses": None}, {"the run": "run", "--baseline": None})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no/such/s.json", "there is no folder"),
        ("ref.fr/s.json", "there is no folder"),
        ("run", "is a folder: give the name of a file in it"),
        ("dangling", "there is no folder"),
    ],
)
def test_output_that_cannot_be_written_is_refused_by_the_name_that_was_given(place, name, message):
    (place / "dangling").symlink_to("nowhere/file")
    with pytest.raises(DataError, match=f"^--json {name}.*{message}"):
        check_outputs({"--json": name}, {})


def test_output_without_permission_is_refused(place, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # the tests may run as root, who may write anywhere
    with pytest.raises(DataError, match=r"^--json new may not be written: check its permissions and those of"):
        check_outputs({"--json": "new"}, {})
    with pytest.raises(DataError, match=r"^--output new may not be written: check the permissions of"):
        check_folder("--output", "new", [])


def test_device_may_be_read_and_written(place):
    check_outputs({"--json": "/dev/null", "--hypotheses": "/dev/null"}, {"--source": "/dev/null"})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ref.fr", "is not a folder: choose another place"),
        ("ref.fr/new", "is not a folder"),
        ("run", "belongs to the run run"),
        ("folder/run", "belongs to the run run"),
        ("run/checkpoints", "belongs to the run run"),
    ],
)
def test_folder_that_cannot_be_filled_is_refused(place, name, message):
    with pytest.raises(DataError, match=f"^--output {name}.*{message}"):
        check_folder("--output", name, ["run"])


@pytest.mark.parametrize("name", ["new", "new/deeper", ".", "run/analysis"])
def test_folder_that_can_be_filled_is_accepted(place, name):
    check_folder("--output", name, ["run"])
    assert not (place / "new").exists()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OSError(27, "File too large")])
def test_full_disk_names_the_file_and_leaves_nothing(place, monkeypatch, error):
    def fails(descriptor):
        raise error

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match=error.strerror) as caught:
        write_file("new.npy", b"x" * 100)
    assert caught.value.filename == "new.npy"
    assert not [path.name for path in place.iterdir() if "new" in path.name]


def test_interruption_leaves_nothing(place, monkeypatch):
    def stops(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stops)
    with pytest.raises(KeyboardInterrupt):
        write_file("ref.fr", b"x" * 100)
    assert (place / "ref.fr").read_text(encoding="utf-8") == "un\n"
    assert not [path.name for path in place.iterdir() if path.name.endswith(".part")]


def test_link_is_followed_when_written(place):
    write_file("link", np.arange(3, dtype=np.int8).tobytes())
    assert (place / "ref.fr").read_bytes() == b"\0\1\2"
    assert (place / "link").is_symlink()
