"""An export is complete by itself: what it holds, and that it translates, scores and encodes like its run."""

import hashlib
import json

import numpy as np
import onnx
import pytest

from seq2seq.engine.nodes import OPERATORS
from seq2seq.errors import CheckpointError
from seq2seq.export.writing import export
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.training_text import familiarity_of
from seq2seq.settings.config import Translation
from seq2seq.translator import Translator

LINES = ["A man is sleeping.", "I am a man.", "", "Where is the train station?"]
FILES = {
    "README.md", "about.json", "config.json", "export.json", "familiarity.npz", "manifest.json", "metrics.jsonl",
    "graphs/encode.onnx", "graphs/start.onnx", "graphs/step.onnx", "tokenizer/source.model", "tokenizer/target.model",
}  # fmt: skip


def test_export_has_what_translating_needs_and_no_more(exported):
    assert {str(path.relative_to(exported)) for path in exported.rglob("*") if path.is_file()} == FILES


def test_manifest_lists_every_file_that_translating_reads(exported):
    listed = json.loads((exported / "manifest.json").read_text())["files"]
    assert set(listed) == FILES - {"manifest.json", "metrics.jsonl"}
    for name, entry in listed.items():
        assert entry["sha256"] == hashlib.sha256((exported / name).read_bytes()).hexdigest()


def test_export_names_no_file_of_the_machine_that_trained(exported, stored):
    assert stored.config().data.train
    config = RunDirectory(exported).config()
    assert (config.data.train, config.data.dev) == ([], [])
    assert config.model == stored.config().model


def test_export_tells_what_it_is(exported, stored, kind):
    facts = json.loads((exported / "export.json").read_text())
    assert (facts["run"], facts["weights"], facts["step"]) == ("plain", kind, stored.best().step)
    assert facts["bytes"]["graphs/step.onnx"] == (exported / "graphs" / "step.onnx").stat().st_size
    assert facts["dev"]["dev_loss"] > 0


def test_graphs_are_made_of_the_operators_that_reading_takes_in(exported):
    def operators(graph):
        for node in graph.node:
            yield node.op_type
            for attribute in node.attribute:
                yield from operators(attribute.g)

    for name in ("encode", "start", "step"):
        model = onnx.load(exported / "graphs" / f"{name}.onnx")
        onnx.checker.check_model(model, full_check=True)
        assert set(operators(model.graph)) <= OPERATORS


def test_export_translates_scores_and_encodes_like_its_run(exported, stored, kind):
    ours, theirs = Translator.load(exported), Translator.load(stored.path, engine="keras")
    assert ours.search == theirs.search
    near = {"atol": 1e-4} if kind == "float32" else {"atol": 0.5}
    scores = [translator.score(LINES[:2], LINES[2:]) for translator in (ours, theirs)]
    np.testing.assert_allclose(*scores, **near)
    np.testing.assert_allclose(ours.encode(LINES), theirs.encode(LINES), **near)
    if kind == "float32":
        assert ours.translate(LINES) == theirs.translate(LINES)
    assert ours.translate(LINES)[2] == ""


def test_export_knows_what_is_strange_as_its_run_does(exported, stored):
    ours, theirs = familiarity_of(RunDirectory(exported)), familiarity_of(stored)
    ids = stored.tokenizers()[0].encode([*LINES, "Quetzalcoatl ξ", "zzz qqq jjj"])
    assert [ours.is_strange(i) for i in ids] == [theirs.is_strange(i) for i in ids]
    assert (ours.longest, ours.single) == (theirs.longest, theirs.single)


def test_short_list_goes_with_a_run_that_searches_with_it(made_run_copy, tmp_path):
    run = RunDirectory(made_run_copy)
    config = run.config()
    run.replace_config(config.model_copy(update={"translation": Translation(shortlist=8)}))
    place = export(made_run_copy, tmp_path / "out", int8=True)
    assert Translator.load(place).translate(LINES[:2]) == Translator.load(place).translate(LINES[:2])
    assert RunDirectory(place).has_shortlist()


def test_export_is_no_run_to_train_or_to_export(exported, tmp_path):
    with pytest.raises(CheckpointError, match="is an export, which only translates: give the run"):
        export(exported, tmp_path / "again")
    with pytest.raises(CheckpointError, match="is an export, which only translates: give the run"):
        Translator.load(exported, engine="keras")
    assert not any(tmp_path.iterdir())


def test_link_to_nothing_is_refused(stored, tmp_path):
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(CheckpointError, match="link is there already: choose another folder"):
        export(stored.path, tmp_path / "link")


def test_folder_that_is_there_is_refused(exported, stored):
    with pytest.raises(CheckpointError, match="is there already: choose another folder"):
        export(stored.path, exported)


def test_model_card_and_licence_go_along(made_run_copy, tmp_path):
    (made_run_copy / "MODEL_CARD.md").write_text("# What it is for\n")
    (made_run_copy / "LICENSE.txt").write_text("CC BY\n")
    place = export(made_run_copy, tmp_path / "out")
    assert [(place / name).read_text() for name in ("MODEL_CARD.md", "LICENSE.txt")] == [
        "# What it is for\n",
        "CC BY\n",
    ]
