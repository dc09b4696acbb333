"""Small copies of the stored runs: what is in them, what they are good for, and what they refuse."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.small_run import shrink
from seq2seq.runs.training_text import figures_of
from seq2seq.settings.config import parse_config
from seq2seq.training.loop import finetune, train
from seq2seq.translator import Translator

STORED = Path(__file__).parents[1] / "stored_runs"
EXPECTED = json.loads((STORED / "expected.json").read_text(encoding="utf-8"))["plain"]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return RunDirectory(shrink(STORED / "plain", tmp_path_factory.mktemp("small") / "run"))


def size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_small_run_has_what_translating_needs_and_no_more(small):
    names = {str(path.relative_to(small.path)) for path in small.path.rglob("*") if path.is_file()}
    folder = f"checkpoints/{next(small.checkpoints.iterdir()).name}"
    assert names == {
        *("about.json", "config.json", "familiarity.npz", "manifest.json", "metrics.jsonl"),
        *("tokenizer/source.model", "tokenizer/target.model"),
        *(f"{folder}/{name}" for name in ("arrays.npz", "manifest.json", "state.json")),
    }
    with np.load(small.path / folder / "arrays.npz") as stored:
        matrices = {name: stored[name].dtype for name in stored.files if stored[name].ndim == 2 and "step" not in name}
    assert len(matrices) > 5
    assert set(matrices.values()) == {np.dtype(np.int8)}
    assert size(small.path) < size(STORED / "plain") / 4


def test_small_run_has_the_settings_and_figures_of_its_origin(small):
    origin = RunDirectory(STORED / "plain")
    assert small.config() == origin.config()
    assert small.log() == origin.log()
    assert small.about() == origin.about() | {"weights": "int8", "training_text": figures_of(origin)}
    assert small.load("best").step == origin.load("best").step
    assert not small.has("last")
    assert not small.has_pairs()


def test_small_run_still_knows_how_much_training_text_there_was(small, tmp_path):
    sources = RunDirectory(STORED / "plain").pairs().source_lengths
    assert figures_of(small) == {"pairs": 500, "longest_source": max(sources) - 1}
    assert figures_of(RunDirectory(shrink(small.path, tmp_path / "smaller"))) == figures_of(small)


def test_small_run_scores_and_mostly_translates_like_its_origin(small):
    """Twelve units forgive little: of these 20 translations 12 were the same when this was written."""
    translator = Translator.load(small.path)
    translations = translator.translate(EXPECTED["sources"])
    assert sum(map(str.__eq__, translations, EXPECTED["translations"])) >= 10
    np.testing.assert_allclose(translator.encode(EXPECTED["sources"]), EXPECTED["vectors"], atol=0.02)
    scores = translator.score(EXPECTED["sources"], EXPECTED["references"])
    tokens = sum(count for _, count in scores)
    assert sum(score for score, _ in scores) / tokens == pytest.approx(
        sum(score for score, _ in EXPECTED["scores"]) / tokens, abs=0.02
    )


def test_short_list_is_kept_where_it_is_needed_and_sentences_never(made_run_with_dev, tmp_path):
    small = RunDirectory(shrink(made_run_with_dev.path, tmp_path / "small"))
    assert made_run_with_dev.dev()
    assert small.dev() is None
    assert "A man sleeps." not in "".join(path.read_text("latin-1") for path in small.path.rglob("*") if path.is_file())
    assert small.shortlist().frequent.tobytes() == made_run_with_dev.shortlist().frequent.tobytes()


@pytest.fixture
def made_run_with_dev(tmp_path):
    """A run that searches with its short-list and keeps a dev set."""
    from seq2seq.data.corpus import Pair

    run = RunDirectory(shutil.copytree(STORED / "plain", tmp_path / "run"))
    config = run.config()
    run.replace_config(
        config.model_copy(update={"translation": config.translation.model_copy(update={"shortlist": 5})})
    )
    run.save_dev([Pair("A man sleeps.", "Un homme dort.", "dev", 1)])
    return run


def test_decoders_beside_a_run_become_small_too(tmp_path):
    run = RunDirectory(shutil.copytree(STORED / "plain", tmp_path / "run"))
    (run.path / "decoders").mkdir()
    shutil.copytree(STORED / "plain", run.path / "decoders" / "es")
    small = RunDirectory(shrink(run.path, tmp_path / "small"))
    assert small.targets() == run.targets()
    assert small.for_target("es").about()["weights"] == "int8"
    assert not small.for_target("es").has_pairs()


@pytest.mark.parametrize("resume", [False, True])
def test_small_run_is_not_trained_further_and_not_touched(small, resume):
    before = {path: path.stat().st_mtime_ns for path in small.path.rglob("*")}
    with pytest.raises(CheckpointError, match=r"small run.*seq2seq finetune"):
        train(small.config(), small.path, resume=resume)
    assert {path: path.stat().st_mtime_ns for path in small.path.rglob("*")} == before


@pytest.fixture
def english_french(tmp_path):
    """Settings for two short corpora."""
    for side in ("source", "target"):
        (tmp_path / side).write_text("Alice will invite us.\nI am a man.\n" * 20, encoding="utf-8")
    corpus = {"source": str(tmp_path / "source"), "target": str(tmp_path / "target")}
    cleaning = {"copies": False, "duplicates": False}
    data = {"train": [corpus], "dev": [], "source_language": "en", "target_language": "fr", "cleaning": cleaning}
    return {"data": data, "training": {"epochs": 1}}


def test_small_run_is_a_parent(small, english_french, tmp_path):
    outcome = finetune(small.path, parse_config(english_french), tmp_path / "tuned")
    assert outcome.finished
    assert RunDirectory(tmp_path / "tuned").parent()["step"] == small.load("best").step


@pytest.mark.parametrize("setting", [{"replay": 0.2}, {"watch_parent": True}])
def test_small_parent_has_no_sentences_for_a_run_that_needs_them(small, english_french, tmp_path, setting):
    with pytest.raises(CheckpointError, match="small run and keeps no sentences"):
        finetune(small.path, parse_config(english_french | {"finetune": setting}), tmp_path / "tuned")
    assert not (tmp_path / "tuned").exists()


def test_place_that_is_taken_is_refused_and_kept(tmp_path):
    (tmp_path / "small").mkdir()
    with pytest.raises(CheckpointError, match="there already"):
        shrink(STORED / "plain", tmp_path / "small")
    with pytest.raises(ConfigError, match="parent"):
        shrink(STORED / "plain", STORED / "plain")
    with pytest.raises(CheckpointError, match="not a run"):
        shrink(tmp_path, tmp_path / "other")
    assert [path.name for path in tmp_path.iterdir()] == ["small"]


def test_weights_that_are_not_finite_are_refused(tmp_path):
    run = RunDirectory(shutil.copytree(STORED / "plain", tmp_path / "run"))
    best = run.load("best")
    name = next(name for name in best.arrays if best.arrays[name].ndim == 2)
    run.save("best", best._replace(arrays=best.arrays | {name: np.full_like(best.arrays[name], np.nan)}))
    with pytest.raises(CheckpointError, match="finite"):
        shrink(run.path, tmp_path / "small")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
