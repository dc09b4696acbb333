"""Every notebook runs from top to bottom, as a program, on a run that was trained for a moment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from seq2seq.phrasebook import phrases
from seq2seq.settings.config import parse_config
from seq2seq.training.loop import train

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.py"))


@pytest.fixture(scope="module", params=["bidirectional"])
def run(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    pairs = list(phrases("train", 300))
    for language in ("english", "french"):
        lines = "".join(f"{getattr(pair, language)}\n" for pair in pairs)
        (folder / language).write_text(lines, encoding="utf-8")
    corpus = [{"source": str(folder / "english"), "target": str(folder / "french")}]
    config = {
        "data": {"train": corpus, "dev": corpus},
        "tokenizer": {"vocabulary_size": 900},
        "model": {"embedding": 8, "encoder_units": 80, "decoder_units": 8, "direction": request.param},
        "training": {"epochs": 1, "warmup_steps": 1},
    }
    train(parse_config(config), folder / "run")
    return folder / "run"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_and_leaves_its_pictures(notebook, run, tmp_path):
    environment = os.environ | {"RUN": str(run), "PICTURES": str(tmp_path), "MPLBACKEND": "agg"}
    line = [sys.executable, str(notebook)]
    result = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    shown = notebook.read_text(encoding="utf-8").count("\nshow(")
    assert len(list(tmp_path.glob("*.png"))) == shown > 0
    differences = [float(line.split(":")[1]) for line in result.stdout.split("\n") if "largest difference" in line]
    assert len(differences) == 2
    assert max(differences) < 1e-4
