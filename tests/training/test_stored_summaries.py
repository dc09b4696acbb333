"""A new decoder on the stored summaries of a frozen encoder."""

import logging
from pathlib import Path

import numpy as np
import pytest

from seq2seq.errors import CheckpointError
from seq2seq.runs.directory import RunDirectory
from seq2seq.training.loop import finetune
from seq2seq.translator import Translator

FROZEN = {"rates": {"encoder": 0.0, "source_embedding": 0.0}}


@pytest.fixture(scope="module")
def frozen(parent, tmp_path_factory, german):
    """A new decoder on stored summaries."""
    folder = tmp_path_factory.mktemp("frozen")
    config = german(finetune=FROZEN | {"summaries": str(folder / "summaries")}, training={"precision": "float32"})
    finetune(parent, config, folder / "run")
    return folder


def test_decoder_on_stored_summaries_equals_the_one_with_the_encoder_on(
    frozen, parent, corpora, tmp_path, german, newest_weights
):
    settings = FROZEN | {"store_summaries": False}
    finetune(parent, german(finetune=settings, training={"precision": "float32"}), tmp_path / "run")
    assert not (tmp_path / "run" / "encoded" / "summaries").exists()
    stored, encoded = newest_weights(frozen / "run"), newest_weights(tmp_path / "run")
    for name in encoded:
        np.testing.assert_allclose(stored[name], encoded[name], atol=2e-4, err_msg=name)
    lines = Path(corpora["de"]["dev"][0]["source"]).read_text(encoding="utf-8").split("\n")[:-1]
    assert Translator.load(frozen / "run").translate(lines) == Translator.load(tmp_path / "run").translate(lines)


def test_stored_summaries_are_those_of_the_encoder(frozen, parent, made_up_sentences):
    from seq2seq.data.summaries import Summaries

    (folder,) = (frozen / "summaries").iterdir()
    store = Summaries(folder.parent, folder.name, 16)
    sources = [source for source, _ in made_up_sentences(250)]
    translator = Translator.load(parent)
    np.testing.assert_allclose(
        store.rows(translator.tokenizers[0].encode(sources), len(sources)), translator.encode(sources), atol=1e-5
    )


def test_stored_summaries_serve_several_decoders(frozen, parent, tmp_path, caplog, german):
    config = german(
        {"source_language": "en", "target_language": "it"},
        finetune=FROZEN | {"summaries": str(frozen / "summaries")},
        training={"precision": "float32", "epochs": 1},
    )
    with caplog.at_level(logging.INFO, logger="seq2seq"):
        finetune(frozen / "run", config, tmp_path / "run")
    assert "0 summaries stored" in caplog.text
    run = RunDirectory(tmp_path / "run")
    assert run.targets() == ["it", "de", "fr"]
    lines = ["the cat sees a dog.", "a young child."]
    for language, original in (("fr", parent), ("de", frozen / "run")):
        chosen = Translator.load(tmp_path / "run", target_language=language)
        assert chosen.translate(lines) == Translator.load(original).translate(lines)
    with pytest.raises(CheckpointError, match=r"translates into it, de, fr: received 'xx'"):
        Translator.load(tmp_path / "run", target_language="xx")
