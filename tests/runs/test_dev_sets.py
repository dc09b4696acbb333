"""The dev sets that a run keeps as text."""

import pytest

from seq2seq.data.corpus import Pair
from seq2seq.errors import CheckpointError
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import Config


@pytest.fixture
def run(tmp_path):
    run = RunDirectory(tmp_path / "run")
    run.create(Config(), {})
    return run


@pytest.mark.parametrize("of_parent", [False, True])
def test_dev_set_comes_back_as_it_was(run, of_parent):
    texts = [("a\tcat", "un « chat »"), ("", "Ève\u2028"), ('"', "\\")]
    assert run.dev(of_parent=of_parent) is None
    run.save_dev([Pair(*text, "file", 7) for text in texts], of_parent=of_parent)
    assert [(pair.source, pair.target) for pair in run.dev(of_parent=of_parent)] == texts
    assert run.dev(of_parent=not of_parent) is None


def test_dev_set_that_was_changed_is_refused(run):
    run.save_dev([Pair("a cat", "un chat", "file", 1)])
    path = run.path / "dev.json"
    path.write_text(path.read_text().replace("cat", "dog"))
    with pytest.raises(CheckpointError, match=r"dev\.json was changed, damaged or exchanged"):
        run.dev()


@pytest.mark.parametrize(
    "content", ["{}", '{"pairs": {}}', '{"pairs": [["a"]]}', '{"pairs": [["a", 1]]}', '{"pairs": [1]}']
)
def test_dev_set_of_another_shape_is_refused(run, content):
    (run.path / "manifest.json").unlink()
    (run.path / "dev.json").write_text(content)
    with pytest.raises(CheckpointError, match=r"dev\.json is damaged"):
        run.dev()
