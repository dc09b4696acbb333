import json
import shutil
from pathlib import Path

import pytest

from seq2seq.errors import CheckpointError
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.identity import identity_of

STORED = Path(__file__).parents[1] / "stored_runs" / "plain"


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(STORED, tmp_path / "copy")
    return tmp_path / "copy"


def test_copy_is_the_same_run_whatever_it_has_besides(copy):
    (copy / "metrics.jsonl").unlink()
    shutil.rmtree(copy / "encoded")
    assert identity_of(RunDirectory(copy)) == identity_of(RunDirectory(STORED))


@pytest.mark.parametrize("name", ["tokenizer/target.model", "checkpoints/best-00001175-0/arrays.npz", "shortlist.npz"])
def test_another_file_makes_another_run(copy, name):
    with (copy / name).open("ab") as file:
        file.write(b"\0")
    assert identity_of(RunDirectory(copy)) != identity_of(RunDirectory(STORED))


def test_newer_weights_make_another_run(copy):
    shutil.copytree(copy / "checkpoints" / "last-00001880-0", copy / "checkpoints" / "best-00001880-0")
    assert identity_of(RunDirectory(copy)) != identity_of(RunDirectory(STORED))


def test_settings_count_if_they_decide_a_translation(copy):
    (copy / "manifest.json").unlink()  # it would refuse the edited file
    before = identity_of(RunDirectory(STORED))
    settings = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    for section, key, value, same in (
        ("training", "epochs", 99, True),
        ("translation", "beam_size", 7, True),
        ("data", "max_source_tokens", 9, False),
    ):
        settings[section][key] = value
        (copy / "config.json").write_text(json.dumps(settings), encoding="utf-8")
        assert (identity_of(RunDirectory(copy)) == before) == same


def test_export_has_an_identity_of_its_graphs(tmp_path):
    from seq2seq.export.writing import export

    place = RunDirectory(export(STORED, tmp_path / "export"))
    before = identity_of(place)
    assert before == identity_of(place)
    graph = place.graphs / "step.onnx"
    graph.write_bytes(graph.read_bytes() + b"\0")
    assert identity_of(place) != before


def test_run_without_weights_has_none(copy):
    shutil.rmtree(copy / "checkpoints")
    with pytest.raises(CheckpointError, match="has no 'last' checkpoint yet"):
        identity_of(RunDirectory(copy))
