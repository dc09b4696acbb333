"""The folder of a run: made, owned, swept, and taken back after an error."""

import shutil

import pytest

from seq2seq.errors import CheckpointError
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import Config, parse_config


class TestCreate:
    @pytest.fixture
    def fresh(self, tmp_path):
        return RunDirectory(tmp_path / "new" / "run")

    def begin(self, run, parent=None):
        run.create(parse_config({}), {"seq2seq": "0.1.0"}, parent)

    def test_is_one_step_wherever_it_is_cut_off(self, fresh, calls_until):
        """What a kill leaves behind before any call that changes the disk does not stand in the way."""
        for limit in range(100):
            if calls_until(limit, lambda: self.begin(fresh, {"config": {}, "updates": 0})):
                break
            if not fresh.is_begun():
                self.begin(RunDirectory(fresh.path))
                assert fresh.parent() is None
            assert fresh.config() == parse_config({})
            shutil.rmtree(fresh.path)
        assert limit > 12

    def test_error_takes_back_what_was_made_and_no_more(self, fresh, monkeypatch):
        fresh.path.parent.mkdir()
        monkeypatch.setattr("seq2seq.runs.folder.write_atomically", full)
        with pytest.raises(CheckpointError, match=r"cannot make the run directory .*run: No space left on device"):
            self.begin(fresh)
        assert list(fresh.path.parent.iterdir()) == []

    def test_discard_leaves_a_folder_that_was_there_and_the_link_to_it(self, tmp_path):
        (tmp_path / "empty").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "empty")
        run = RunDirectory(tmp_path / "link")
        self.begin(run)
        run.discard()
        assert list((tmp_path / "empty").iterdir()) == []
        assert (tmp_path / "link").is_symlink()

    def test_discard_takes_the_folders_above_back_too(self, fresh, tmp_path):
        self.begin(fresh)
        fresh.discard()
        assert list(tmp_path.iterdir()) == []

    def test_discard_does_not_raise(self, fresh, monkeypatch, caplog):
        self.begin(fresh)
        monkeypatch.setattr("seq2seq.runs.folder.shutil.rmtree", full)
        fresh.discard()
        assert "warning: cannot remove" in caplog.text

    def test_other_manifest_is_somebody_elses(self, fresh):
        fresh.path.mkdir(parents=True)
        (fresh.path / "manifest.json").write_text('{"name": "a page of the web"}')
        with pytest.raises(CheckpointError, match=r"is not a run but has a manifest\.json of its own"):
            self.begin(fresh)
        assert (fresh.path / "manifest.json").read_text() == '{"name": "a page of the web"}'


def full(*arguments, **keywords):
    raise OSError(28, "No space left on device")


def test_make_ready_sweeps_what_was_half_written(run, open_all):
    for name in (".config.json.part", "encoded/.train.arrow.part", "decoders/.de.part/checkpoints/x"):
        (run.path / name).parent.mkdir(parents=True, exist_ok=True)
        (run.path / name).write_text("half")
    run.make_ready()
    assert not list(run.path.rglob("*.part"))
    open_all(run)


def test_run_directory_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "run").write_text("", encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"cannot make the run directory .*run: "):
        RunDirectory(tmp_path / "run").create(Config(), {})


@pytest.mark.parametrize("name", ["checkpoints", "tokenizer", "encoded", "about.json"])
def test_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "mine").write_text("mine", encoding="utf-8")
    with pytest.raises(CheckpointError, match=rf"is not a run but has a {name} of its own: choose another --run"):
        RunDirectory(tmp_path).create(Config(), {})
    assert [path.name for path in tmp_path.rglob("*")] == [name, "mine"]


def test_discard_takes_back_what_create_made_and_nothing_else(tmp_path):
    run = RunDirectory(tmp_path / "run")
    run.path.mkdir()
    (run.path / "data").mkdir()
    run.create(Config(), {})
    run.discard()
    assert [path.name for path in run.path.iterdir()] == ["data"]
