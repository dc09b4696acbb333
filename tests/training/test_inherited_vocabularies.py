"""The vocabularies of a fine-tuned run: kept, extended or learned anew, in any script."""

import json
import logging

import pytest

from seq2seq.errors import ConfigError
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import parse_config
from seq2seq.training.loop import finetune, train
from seq2seq.translator import Translator

SMALL = {"embedding": 8, "encoder_units": 8, "decoder_units": 8}
FROZEN = {"rates": {"encoder": 0.0, "source_embedding": 0.0}}


def test_known_language_keeps_its_vocabulary_and_the_new_one_gets_its_own(parent, child):
    (old_source, old_target), (source, target) = (RunDirectory(run).tokenizers() for run in (parent, child))
    assert source.fingerprint == old_source.fingerprint
    assert target.size == 310
    report = json.loads((child / "transfer.json").read_text(encoding="utf-8"))
    assert report["source"]["copied"] == old_source.size
    assert report["source"]["words_split_differently"] == 0 < report["source"]["words"]
    assert report["target"]["copied"] == len(set(target.pieces) & set(old_target.pieces))
    assert report["target"]["copied"] + report["target"]["composed"] == 310
    assert report["target"]["words_split_differently"] > 0


@pytest.mark.parametrize("mode", ["keep", "extend", "new"])
def test_vocabularies_on_both_sides(parent, tmp_path, mode, german):
    settings = {"source_vocabulary": mode, "target_vocabulary": mode}
    finetune(parent, german(finetune=settings, training={"epochs": 1}), tmp_path / "run")
    old, new = (RunDirectory(run).tokenizers() for run in (parent, tmp_path / "run"))
    for before, after in zip(old, new, strict=True):
        kept = after.pieces[: before.size] == before.pieces
        assert kept == (mode != "new")
        assert (after.size > before.size) == (mode == "extend")
    assert len(Translator.load(tmp_path / "run").translate(["the cat sees a dog."])) == 1


def test_shared_embeddings_move_together(corpora, tmp_path, german):
    settings = german({}, data=corpora["fr"], model=SMALL | {"shared_embeddings": True})
    train(settings, tmp_path / "parent")
    for mode in ("auto", "extend"):
        chosen = {"source_vocabulary": mode, "target_vocabulary": mode}
        finetune(tmp_path / "parent", german(finetune=chosen), tmp_path / mode)
        source, target = RunDirectory(tmp_path / mode).tokenizers()
        assert source.fingerprint == target.fingerprint
    for chosen, message in (
        ({"source_vocabulary": "keep", "target_vocabulary": "new"}, r"are one table, .* must be equal"),
        (FROZEN | {"source_vocabulary": "keep", "target_vocabulary": "keep"}, r"one table, so finetune\.rates\."),
    ):
        with pytest.raises(ConfigError, match=message):
            finetune(tmp_path / "parent", german(finetune=chosen), tmp_path / "no")
        assert not (tmp_path / "no").exists()


@pytest.mark.parametrize(
    ("language", "script"),
    [
        ("he", (0x05D0,)),
        ("ar", (0x0627,)),
        ("zh", (0x4E00, "", 2)),
        ("th", (0x0E01, "")),
        ("el", (0x03B1,)),
    ],
)
def test_any_script_passes_through_unharmed(
    parent, made_up_sentences, tmp_path, language, script, text_files, in_script
):
    """Right to left, unsegmented, unknown to the parent: learned by heart, it comes out as it went in."""
    write = in_script(*script)
    pairs = [(source, write(target)) for source, target in made_up_sentences(120, seed=9)]
    config = parse_config(
        {
            "data": {
                "train": [text_files(tmp_path, "train", pairs)],
                "source_language": "en",
                "target_language": language,
            },
            "tokenizer": {"vocabulary_size": 305},
            "training": {"epochs": 2, "batch_tokens": 512},
        }
    )
    finetune(parent, config, tmp_path / "run")
    run = RunDirectory(tmp_path / "run")
    assert run.config().data.target_language == language
    _, target = run.tokenizers()
    for _, text in pairs:
        assert target.decode(target.encode([text])[0]) == text
    assert json.loads((run.path / "transfer.json").read_text())["target"]["bytes"] < 0.05


def test_vocabulary_that_does_not_cover_the_text_warns_with_the_share(
    parent, made_up_sentences, tmp_path, caplog, text_files, in_script
):
    pairs = [(source, in_script(0x05D0)(target)) for source, target in made_up_sentences(60, seed=9)]
    data = {"train": [text_files(tmp_path, "train", pairs)], "source_language": "en", "target_language": "he"}
    config = parse_config({"data": data, "finetune": {"target_vocabulary": "keep"}, "training": {"epochs": 1}})
    with caplog.at_level(logging.WARNING, logger="seq2seq"):
        finetune(parent, config, tmp_path / "run")
    assert "% of the target pieces are single bytes: the vocabulary does not cover this text" in caplog.text
