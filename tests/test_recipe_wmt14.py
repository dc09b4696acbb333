"""The recipe of Sutskever et al. 2014 at a millionth of its size, from a folder that is laid out like its data set."""

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import datasets
import pytest

from seq2seq import phrases

RECIPE = Path(__file__).parent.parent / "recipes" / "wmt14_en_fr"
SPLITS = {"train": ("train", 300), "validation": ("dev", 20), "test": ("test", 20)}
TINY = [
    *("tokenizer.vocabulary_size=400", "model.embedding=8", "model.encoder_units=8", "model.decoder_units=8"),
    *("model.encoder_layers=2", "model.decoder_layers=2", "training.epochs=2", "training.evaluate_every_epochs=2"),
    *("training.halve_after_epochs=1", "training.samples=0", "translation.max_length_ratio=1.0"),
]


@pytest.fixture(scope="module")
def data_set(tmp_path_factory):
    """A local folder with the splits, the configuration and the column of wmt/wmt14."""
    folder = tmp_path_factory.mktemp("wmt14")
    features = datasets.Features({"translation": datasets.Translation(languages=["fr", "en"])})
    card = ["---", "configs:", "- config_name: fr-en", "  data_files:"]
    for split, (part, size) in SPLITS.items():
        rows = [{"translation": {"en": pair.english, "fr": pair.french}} for pair in phrases(part, size)]
        datasets.Dataset.from_list(rows, features=features).to_parquet(folder / "fr-en" / f"{split}-00000.parquet")
        card += [f"  - split: {split}", f"    path: fr-en/{split}-*"]
    (folder / "README.md").write_text("\n".join([*card, "---", ""]))
    return folder


def launch(folder, data_set, *arguments):
    line = [sys.executable, RECIPE / "run.py", "--data-set", data_set, "--pairs", 200, *arguments, *TINY]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "HF_DATASETS_CACHE": str(folder / "cache")}
    return subprocess.run(
        list(map(str, line)), cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )


def test_recipe_trains_scores_and_tells_the_cost(tmp_path, data_set):
    result = launch(tmp_path, data_set, "--members", 2)
    assert result.returncode == 0, result.stderr[-2000:]
    runs = tmp_path / "runs" / "wmt14_en_fr"
    results = json.loads((runs / "results.json").read_text("utf-8"))
    assert [network["name"] for network in results["networks"]] == ["config-1", "config-2"]
    assert {network["pairs"] for network in results["networks"]} == {200}
    assert [(score["system"], score["beam"]) for score in results["scores"]] == [
        ("one", 2), ("one", 12), ("all", 2), ("all", 12)
    ]  # fmt: skip
    assert (runs / "data" / "test.en").read_text("utf-8").split("\n")[:-1] == [
        pair.english for pair in phrases("test", 20)
    ]
    settings = json.loads((runs / "config-2" / "config.json").read_text("utf-8"))
    assert settings["data"]["train"][0]["split"] == "train[:200]"
    assert settings["training"]["optimizer"] == "sgd"
    assert "which one H200 trains on in" in result.stdout
    assert len(list((runs / "translations").iterdir())) == 4  # of one network and of two
    again = launch(tmp_path, data_set, "--members", 2)
    assert "translating" not in again.stdout
    assert again.stdout.split("| network |")[1] == result.stdout.split("| network |")[1]


def test_cost_follows_from_words_and_speed():
    sys.path.insert(0, str(RECIPE))
    try:
        section = runpy.run_path(str(RECIPE / "report.py"))["section"]
    finally:
        sys.path.remove(str(RECIPE))
    text = section({"networks": [], "scores": [], "tokens_a_word": 1.25})
    tokens = 348e6 * 7.5 * 1.25  # words, passes, tokens a word
    assert f"{tokens / 1e9:.1f} thousand million tokens" in text
    assert f"in {tokens / 156_235 / 3600:.1f} hours" in text


def test_figures_of_the_gpu_are_those_of_the_speed_recipe():
    report = runpy.run_path(str(RECIPE / "report.py"))
    readme = (RECIPE.parent / "speed" / "README.md").read_text("utf-8")
    row = next(line for line in readme.split("\n") if line.startswith("| sutskever | seq2seq | bfloat16 | 4,096 |"))
    assert f"| {report['GPU_TOKENS_A_SECOND']:,} |" in row
    assert row.endswith(f"| {report['GPU_MEMORY']:,} |")
