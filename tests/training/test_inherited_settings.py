"""The settings of a fine-tuned run: which are the parent's, and which are refused."""

import pytest

from seq2seq.errors import ConfigError
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import load_config, parse_config
from seq2seq.training.inherited_settings import inherited
from seq2seq.training.loop import finetune

FROZEN = {"rates": {"encoder": 0.0, "source_embedding": 0.0}}
PARTS = ("source_embedding", "encoder", "decoder", "target_embedding")


def test_settings_of_the_parent_are_kept_where_nothing_is_said(parent, child):
    before, after = (RunDirectory(run).config() for run in (parent, child))
    assert after.translation == before.translation
    assert after.data.cleaning == before.data.cleaning
    assert after.tokenizer.model == before.tokenizer.model
    assert load_config(child / "config.json") == after


def test_new_dropout_is_allowed(parent, tmp_path, german):
    finetune(parent, german(model={"input_dropout": 0.5}), tmp_path / "run")
    assert RunDirectory(tmp_path / "run").config().model.input_dropout == 0.5


def test_summaries_in_a_file_are_refused_before_the_work(parent, tmp_path, german):
    (tmp_path / "file").write_text("")
    config = german(finetune={"summaries": str(tmp_path / "file")})
    with pytest.raises(ConfigError, match=r"finetune.summaries is .*file, a file: name a folder"):
        finetune(parent, config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_frozen_encoder_that_would_read_other_pieces_is_refused(parent, tmp_path, german):
    config = german(finetune=FROZEN | {"source_vocabulary": "new"})
    with pytest.raises(ConfigError, match=r"a frozen encoder reads the parent's pieces only: set it to 'keep'"):
        finetune(parent, config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"languages": {}}, r"set data.source_language and data.target_language: the parent translates en to fr"),
        (
            {"model": {"cell": "lstm", "embedding": 16}},
            r"model.cell is 'lstm', .*model.embedding is 16, the parent's is 8",
        ),
        (
            {"finetune": {"target_vocabulary": "new", "replay": 0.2}},
            r"each with its own start symbol: set it to 'extend'",
        ),
        ({"finetune": {"best": "both"}}, r"needs finetune.replay or finetune.watch_parent"),
        ({"finetune": {"interpolate": True}}, r"needs finetune.replay or finetune.watch_parent"),
        ({"finetune": {"rates": dict.fromkeys(PARTS, 0.0)}}, r"nothing is left to train"),
        ({"tokenizer": {"vocabulary_size": 60_000}}, r"there can be \d+ pieces, .*_size to \d+"),
    ],
)
def test_settings_that_do_not_fit_leave_nothing_behind(parent, tmp_path, change, message, german):
    with pytest.raises(ConfigError, match=message):
        finetune(parent, german(**change), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_methods_of_training_are_not_inherited(german):
    """Whoever freezes the encoder stores one summary of each source, and cannot cut the sources anew."""
    tokenizer = {"model": "bpe", "sampling": 0.1, "sampled_sides": "source"}
    parent = parse_config({"tokenizer": tokenizer, "training": {"r_drop": 5.0, "averaging": 0.9}})
    config = inherited(parent, german(finetune=FROZEN), "parent")
    assert (config.tokenizer.model, config.tokenizer.sampling, config.tokenizer.sampled_sides) == ("bpe", 0.0, "both")
    assert (config.training.r_drop, config.training.averaging) == (0.0, 0.0)
    assert inherited(parent, german(tokenizer={"sampling": 0.2}), "parent").tokenizer.sampling == 0.2
