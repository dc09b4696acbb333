import json
import shutil

import pytest
import yaml

from seq2seq.errors import CheckpointError, DataError
from seq2seq.publishing.card import Evidence, card
from seq2seq.publishing.folder import write_folder
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.shipped import find_run

SCORES = {
    "sentences": 1000,
    "scores": [
        {"name": "BLEU", "value": 45.21, "signature": "nrefs:1|tok:13a", "low": 43.9, "high": 46.5},
        {"name": "chrF2", "value": 60.0, "signature": "nc:6", "low": None, "high": None},
    ],
}


@pytest.fixture
def evidence(tmp_path):
    (tmp_path / "flickr.json").write_text(json.dumps(SCORES))
    report = tmp_path / "report"
    report.mkdir()
    found = {"title": "Does it use h(T)?", "findings": ["It does: 3 nats.", "More."], "warnings": []}
    (report / "usage.json").write_text(json.dumps(found))
    return Evidence("cc-by-4.0", [tmp_path / "flickr.json"], report)


def test_card_says_what_the_run_knows(stored, evidence):
    text = card(RunDirectory(stored / "plain"), "ann/tiny", evidence)
    header = yaml.safe_load(text.split("---")[1])
    assert header["language"] == ["en", "fr"]
    assert header["license"] == "cc-by-4.0"
    assert header["model-index"][0]["results"][0]["metrics"][0] == {
        "type": "bleu", "value": 45.21, "args": "nrefs:1|tok:13a",
    }  # fmt: skip
    assert "seq2seq translate hub:ann/tiny" in text
    assert "| BLEU | 45.21 | 43.90 to 46.50 | `nrefs:1|tok:13a` |" in text
    assert "Test set `flickr`, 1,000 sentences" in text
    assert "- Does it use h(T)? It does: 3 nats." in text
    assert "More." not in text
    assert "which chose the weights: loss" in text
    assert "The weights: `cc-by-4.0`" in text
    assert "vocabulary_size = " in text
    assert "pairs" in text.split("## What it learned from")[1]


def test_card_without_evidence_says_what_is_missing(stored):
    text = card(RunDirectory(stored / "finetuned"), "ann/tiny", Evidence())
    assert "It was not scored on a test set." in text
    assert "None is stated: ask the owner" in text
    assert "license" not in yaml.safe_load(text.split("---")[1])
    assert "fine-tuned from another one, `plain`." in text


def test_card_names_no_folder_of_this_machine(stored, monkeypatch):
    run = RunDirectory(stored / "finetuned")
    config = run.config()
    finetune = config.finetune.model_copy(update={"parent": "/home/ann/secret/plain"})
    monkeypatch.setattr(RunDirectory, "config", lambda self: config.model_copy(update={"finetune": finetune}))
    text = card(run, "ann/tiny", Evidence())
    assert "secret" not in text
    assert 'parent = "plain"' in text


def test_card_of_somebody_is_kept():
    text = card(find_run("en-fr"), "ann/en-fr", Evidence("apache-2.0"))
    assert yaml.safe_load(text.split("---")[1])["license"] == "apache-2.0"
    assert "# en-fr: English to French, to try" in text
    assert "seq2seq translate hub:ann/en-fr" in text


def test_folder_holds_the_card_the_licence_and_no_path_of_this_machine(stored, tmp_path):
    folder = write_folder(stored / "plain", tmp_path / "new", "ann/tiny", Evidence())
    assert (folder / "README.md").read_text("utf-8").startswith("---\nlanguage:")
    config = RunDirectory(folder).config()
    assert (config.data.train, config.data.dev, config.finetune.parent) == ([], [], "")
    assert not (folder / "encoded").exists()


def test_export_keeps_its_guide(exported, tmp_path):
    folder = write_folder(exported, tmp_path / "new", "ann/tiny", Evidence())
    assert "From any language" in (folder / "GRAPHS.md").read_text("utf-8")
    assert "hub:ann/tiny" in (folder / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "content"), [("MODEL_CARD.md", b"\xff\xfe"), ("MODEL_CARD.md", None), ("LICENSE", None)]
)
def test_what_lies_outside_of_the_run_or_is_no_text_is_not_published(stored, tmp_path, name, content):
    shutil.copytree(stored / "plain", tmp_path / "run")
    if content is None:
        (tmp_path / "secret").write_text("a key")
        (tmp_path / "run" / name).symlink_to(tmp_path / "secret")
    else:
        (tmp_path / "run" / name).write_bytes(content)
    with pytest.raises(CheckpointError, match=rf"{name} is (not UTF-8|a link that leads out of the run)"):
        write_folder(tmp_path / "run", tmp_path / "new", "ann/tiny", Evidence())


def test_link_in_an_export_that_leads_out_of_it_is_not_published(exported, tmp_path):
    shutil.copytree(exported, tmp_path / "run")
    (tmp_path / "secret").write_text("a key")
    (tmp_path / "run" / "metrics.jsonl").unlink(missing_ok=True)
    (tmp_path / "run" / "tradeoff.json").symlink_to(tmp_path / "secret")
    with pytest.raises(CheckpointError, match="is a link that leads out of the run"):
        write_folder(tmp_path / "run", tmp_path / "new", "ann/tiny", Evidence())


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        '{"scores": [3]}',
        "no json",
        "[" * 100_000,
        '{"scores": [{"name": "x"}]}',
        '{"scores": [{"name": "x", "value": "high", "signature": "y"}]}',
        '{"scores": [{"name": "x", "value": 1.0, "signature": "y", "low": 0.5, "high": null}]}',
        '{"scores": [], "sentences": "many"}',
    ],
)
def test_what_holds_no_scores_is_refused(stored, tmp_path, content):
    (tmp_path / "s.json").write_text(content)
    with pytest.raises(DataError, match=r"s\.json"):
        card(RunDirectory(stored / "plain"), "ann/tiny", Evidence(scores=[tmp_path / "s.json"]))


def test_folder_without_a_report_is_refused(stored, tmp_path):
    with pytest.raises(DataError, match="holds no figures of seq2seq analyze"):
        card(RunDirectory(stored / "plain"), "ann/tiny", Evidence(report=tmp_path))
