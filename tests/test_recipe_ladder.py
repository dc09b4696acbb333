"""The ladder of recipes/multi30k_en_fr: its rows build on one another, and its last rows teach and vote."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from seq2seq import load_config, phrases

RECIPE = Path(__file__).parent.parent / "recipes" / "multi30k_en_fr"
TINY = [
    *("tokenizer.vocabulary_size=400", "model.embedding=8", "model.encoder_units=8", "model.decoder_units=8"),
    *("training.epochs=1", "training.warmup_steps=1", "translation.beam_size=2", "translation.max_length_ratio=1.0"),
]


@pytest.fixture(scope="module")
def ladder():
    sys.path.insert(0, str(RECIPE))
    try:
        import ladder
    finally:
        sys.path.remove(str(RECIPE))
    return ladder


def test_every_row_has_settings_that_can_be_used(ladder):
    for number, row in enumerate(ladder.ROWS):
        above = [each for each in ladder.ROWS[:number] if each.kept]
        corpora = ladder.human(Path("data"), row.recalled)
        config = load_config(RECIPE / "ladder.toml", ladder.settings_of([*above, row]), train=corpora)
        assert config.data.train == corpora


def test_rows_have_names_of_their_own(ladder):
    assert len(set(ladder.NAMES)) == len(ladder.NAMES)


def test_row_builds_on_those_above_it_that_are_kept(ladder, monkeypatch):
    learned = {}
    monkeypatch.setattr(ladder, "learn", lambda name, settings, *_: learned.update({name: settings}))
    rows = [ladder.Row("a", "", ("x=1",), True), ladder.Row("b", "", ("y=1",)), ladder.Row("c", "", ("z=1",))]
    monkeypatch.setattr(ladder, "ROWS", rows)
    systems = [ladder.learn_row(row, Path(), None) for row in rows]
    assert learned == {"a": ["x=1"], "b": ["x=1", "y=1"], "c": ["x=1", "z=1"]}
    assert [system.beside for system in systems] == [None, "a", "a"]


def test_row_without_test_scores_stands_beside_those_that_have_them(ladder):
    published = json.loads((RECIPE / "ladder.json").read_text("utf-8"))
    whole = sys.modules["ladder_report"].table(published)
    assert whole in (RECIPE / "README.md").read_text("utf-8")
    del published[0]["scores"]["test_2016_flickr"]
    without = sys.modules["ladder_report"].table(published).split("\n")
    same = [line for line in whole.split("\n") if line in without]
    assert len(same) == len(without) - 1
    assert without[2].endswith("|  |  |  |  |")
    assert without[2].count("|") == without[0].count("|")


def test_ladder_trains_its_rows_and_the_last_ones(tmp_path):
    for name, (split, size) in {"train": ("train", 150), "val": ("dev", 20), "test_2016_flickr": ("test", 20)}.items():
        pairs = list(phrases(split, size))
        for side, lines in (("en", [p.english for p in pairs]), ("fr", [p.french for p in pairs])):
            (tmp_path / f"{name}.{side}").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    code = "import ladder; ladder.prepare = print; del ladder.BEST['best-3']; ladder.main()"
    rows = ["plain", "best-1", "best-2", "ensemble", "decoder", "student", "attention", "unconstrained"]
    arguments = ["--data", tmp_path, "--runs", tmp_path / "runs", *TINY, "--rows", *rows, "--test"]
    line = [sys.executable, "-c", code, *map(str, arguments)]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    result = subprocess.run(line, cwd=RECIPE, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    results = {each["system"]: each for each in json.loads((tmp_path / "runs" / "ladder.json").read_text("utf-8"))}
    assert list(results) == rows
    assert results["ensemble"]["weights"] == results["best-1"]["weights"] + results["best-2"]["weights"]
    assert results["attention"]["weights"] > results["best-1"]["weights"]
    settings = json.loads((tmp_path / "runs" / "student" / "config.json").read_text("utf-8"))
    own, taught = settings["data"]["train"]
    assert own["target"] != taught["target"]
    assert Path(taught["target"]).read_text("utf-8").count("\n") == 150  # a translation of each sentence
    for name in ("ensemble", "decoder", "student", "attention", "unconstrained"):
        assert results[name]["scores"]["val"]["comparisons"]
    assert "| best-2 |" in result.stdout
    values = [results[name]["scores"]["val"]["scores"][0]["value"] for name in ("best-1", "best-2")]
    text = f"{sum(values) / 2:.1f} ({min(values):.1f} to {max(values):.1f})"
    assert f"Mean of best-1, best-2, with the lowest and the highest: val BLEU {text}; test" in result.stdout
