"""A folder that is made in one step, by one process."""

import pytest

from seq2seq.errors import CheckpointError
from seq2seq.runs.new_folder import new_folder


def test_folder_gets_its_place_when_all_is_there(tmp_path):
    place = tmp_path / "deep" / "mine"
    with new_folder(place, "copying", "--run") as part:
        (part / "file").write_text("1")
        assert not place.exists()
    assert [path.name for path in place.iterdir()] == ["file"]
    assert [path.name for path in place.parent.iterdir()] == ["mine"]


def test_error_takes_back_the_part_and_the_folders_above(tmp_path):
    with pytest.raises(FileNotFoundError), new_folder(tmp_path / "deep" / "mine", "copying", "--run") as part:
        (part / "none").unlink()
    assert not list(tmp_path.iterdir())


def test_part_of_another_process_is_left_alone(tmp_path):
    place = tmp_path / "mine"
    with new_folder(place, "copying", "--run") as part:
        (part / "file").write_text("1")
        with (
            pytest.raises(CheckpointError, match=r"is copying in .*\.mine\.part: wait for it or stop it"),
            new_folder(place, "fetching", "--run"),
        ):
            pass
    assert (place / "file").is_file()


def test_place_that_another_process_has_filled_is_refused(tmp_path):
    (tmp_path / "mine").mkdir()
    with (
        pytest.raises(CheckpointError, match="mine is there already: choose another folder"),
        new_folder(tmp_path / "mine", "copying", "folder"),
    ):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
