import tomllib

from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import Config, load_config


def test_settings_are_a_settings_file(command, tmp_path):
    result = command("settings")
    assert result.returncode == 0
    (tmp_path / "all.toml").write_bytes(result.stdout)
    assert load_config(tmp_path / "all.toml") == Config()


def test_settings_of_a_run_are_its_own_and_marked(command, folder, tmp_path):
    result = command("settings", "--run", folder / "run")
    (tmp_path / "run.toml").write_bytes(result.stdout)
    assert load_config(tmp_path / "run.toml") == RunDirectory(folder / "run").config()
    assert "vocabulary_size = 600  # differs: default 8000" in result.stdout.decode()


def test_a_section(command):
    result = command("settings", "tokenizer")
    assert tomllib.loads(result.stdout.decode()) == {"tokenizer": Config().tokenizer.model_dump()}


def test_unknown_section_is_refused(command, refused):
    refused(command("settings", "tokeniser"), "there is no section or setting 'tokeniser': did you mean tokenizer?")
