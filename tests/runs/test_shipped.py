"""The model that ships: found by its name, complete, and good enough to try."""

import configparser
from pathlib import Path

import pytest

from seq2seq.runs.shipped import MODELS, find_run
from seq2seq.translator import Translator

ROOT = Path(__file__).parents[2]


def test_name_of_a_model_is_a_run_unless_a_folder_has_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_run("en-fr").path == MODELS / "en-fr"
    assert find_run("./other/en-fr").path == Path("other/en-fr")
    Path("en-fr").mkdir()
    assert find_run("en-fr").path == Path("en-fr")


@pytest.mark.parametrize("name", ["..", ".", "xx-yy", "/", "en-fr/tokenizer"])
def test_other_names_are_paths(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    assert find_run(name).path == Path(name)


def test_every_file_of_the_model_is_packaged():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    patterns = settings["options.package_data"]["seq2seq"].split()
    packaged = {path for pattern in patterns for path in (ROOT / "seq2seq").glob(pattern)}
    files = {path for path in (MODELS / "en-fr").rglob("*") if path.is_file()}
    assert {"MODEL_CARD.md", "config.json", "arrays.npz"} <= {path.name for path in files} <= {p.name for p in packaged}
    assert files <= packaged
    assert sum(path.stat().st_size for path in files) < 16e6


def test_model_translates_sentences_of_ones_own():
    translator = Translator.load("en-fr")
    translations = translator.translate(["Where is the station?", "My name is Anna.", "I was born in 1987."])
    assert "gare" in translations[0]
    assert "Anna" in translations[1]
    assert "1987" in translations[2]
