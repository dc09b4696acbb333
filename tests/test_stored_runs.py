"""A run that an earlier version wrote is opened as it is, and gives what it gave then."""

import json
from pathlib import Path

import numpy as np
import pytest

from seq2seq.runs.directory import RunDirectory
from seq2seq.translator import Translator

STORED = Path(__file__).parent / "stored_runs"
EXPECTED = json.loads((STORED / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=EXPECTED)
def stored(request):
    """A stored run's name and its translator."""
    return request.param, Translator.load(STORED / request.param)


def test_stored_run_gives_the_same_translations_scores_and_vectors(stored):
    name, translator = stored
    expected = EXPECTED[name]
    assert translator.translate(expected["sources"]) == expected["translations"]
    assert len(set(expected["translations"])) > 5  # or the line above would say little
    np.testing.assert_allclose(translator.encode(expected["sources"]), expected["vectors"], atol=1e-5)
    scores = translator.score(expected["sources"], expected["references"])
    for (score, tokens), (known, known_tokens) in zip(scores, expected["scores"], strict=True):
        assert score == pytest.approx(known, rel=1e-4)
        assert tokens == known_tokens


def test_stored_run_still_has_its_settings_pairs_and_figures():
    run = RunDirectory(STORED / "plain")
    assert run.config().model.decoder_units == 12
    assert run.config().data.train[0].source == "train.en"
    assert run.log()[-1]["step"] == run.load("last").step == 1880
    pairs, (source, _) = run.pairs(), run.tokenizers()
    assert len(pairs) == 500
    assert source.decode(pairs[0][0]) == "Alice will invite us."
    assert run.parent() is None


def test_stored_fine_tuned_run_still_knows_its_parent():
    run = RunDirectory(STORED / "finetuned")
    parent = RunDirectory(STORED / "plain")
    assert run.targets() == ["de", "fr"]
    assert run.parent_config() == parent.config()
    assert run.parent()["step"] == parent.load("best").step
