"""Training as a whole: what a run leaves, what it says, and how it stops when something is wrong."""

import json
import logging
import shutil

import numpy as np
import pytest

from seq2seq.errors import CheckpointError, ConfigError, DataError, DivergedError
from seq2seq.phrasebook import phrases
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import parse_config
from seq2seq.training.dev_evaluation import DevEvaluator
from seq2seq.training.judgement import TELLING_BLEU
from seq2seq.training.loop import finetune, train
from seq2seq.translator import Translator


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    for split, count in (("train", 200), ("dev", 6)):
        pairs = list(phrases(split, count, min_words=3, max_words=7))
        (folder / f"{split}.en").write_text("".join(f"{pair.english}\n" for pair in pairs), encoding="utf-8")
        (folder / f"{split}.fr").write_text("".join(f"{pair.french}\n" for pair in pairs), encoding="utf-8")
    return folder


def settings(folder, dev=True, **sections):
    corpora = {
        split: [{"source": str(folder / f"{split}.en"), "target": str(folder / f"{split}.fr")}]
        for split in (("train", "dev") if dev else ("train",))
    }
    small = {"embedding": 8, "encoder_units": 8, "decoder_units": 8}
    return parse_config(
        {
            "data": corpora,
            "tokenizer": {"vocabulary_size": 600} | sections.pop("tokenizer", {}),
            "model": small | sections.pop("model", {}),
            "training": {"epochs": 2, "batch_tokens": 512, "warmup_steps": 2} | sections.pop("training", {}),
            "translation": {"max_length_ratio": 1.0},
        }
    )


@pytest.fixture(scope="module")
def run(folder):
    """A finished run that every test below may read."""
    assert train(settings(folder), folder / "run").finished
    return folder / "run"


def records(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]


def test_loss_falls_and_every_epoch_is_measured(run):
    first, second = records(run)
    assert [first["epoch"], second["epoch"]] == [1, 2]
    assert second["loss"] < first["loss"]
    assert second["dev_loss"] < first["dev_loss"]
    assert second["seconds"] > first["seconds"] > 0
    assert first["tokens_per_second"] > 0


def test_run_says_what_it_did(folder, tmp_path, caplog):
    with caplog.at_level(logging.INFO, logger="seq2seq"):
        train(settings(folder, training={"warmup_steps": 200}), tmp_path / "run")
    for text in (
        "kept",
        "target tokens an epoch",
        "% padding",
        "source ",
        "translation ",
        "reference ",
        "reading the training text for the vocabulary",
        "cleaning and encoding the training pairs",
        "learning the short-list",
        "compiling the network",
        "evaluating on the dev set, 6 sentences",
        "epoch 2: loss",
        "the best weights are those of epoch",
        "translate with: echo",
        "the dev set has only 6 sentences",
        "the warm-up of the learning rate takes 4 of 20 updates: training.warmup_steps=200 is more",
    ):
        assert text in caplog.text


def test_same_seed_gives_the_same_weights_and_another_seed_does_not(run, folder, tmp_path):
    train(settings(folder), tmp_path / "same")
    train(settings(folder, training={"seed": 2}), tmp_path / "other")
    weights = [RunDirectory(each).load("last").arrays for each in (run, tmp_path / "same", tmp_path / "other")]
    for name, array in weights[0].items():
        np.testing.assert_array_equal(array, weights[1][name], err_msg=name)
    assert any(not np.array_equal(array, weights[2][name]) for name, array in weights[0].items())


def test_interruption_of_the_preparation_says_that_nothing_is_kept(folder, tmp_path, caplog, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("seq2seq.training.loop.prepare", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(settings(folder), tmp_path / "run")
    assert "stopped before the first update: nothing is kept" in caplog.text
    assert not (tmp_path / "run" / "config.json").exists()


def test_translator_opens_what_training_left(run):
    assert len(Translator.load(run).translate(["I am a man."])) == 1


def test_ensemble_of_runs_needs_one_vocabulary(run, folder, tmp_path):
    train(settings(folder, tokenizer={"vocabulary_size": 500}), tmp_path / "run")
    assert Translator.load([run, run]).translate(["I am a man."]) == Translator.load(run).translate(["I am a man."])
    with pytest.raises(CheckpointError, match=r"have different vocabularies: an ensemble needs one"):
        Translator.load([run, tmp_path / "run"])


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_every_cell_trains(folder, tmp_path, cell):
    train(settings(folder, model={"cell": cell, "encoder_layers": 2, "attention": True}), tmp_path / "run")
    first, second = records(tmp_path / "run")
    assert second["loss"] < first["loss"]


def test_training_without_a_dev_set_keeps_the_newest_weights(folder, tmp_path):
    train(settings(folder, dev=False), tmp_path / "run")
    directory = RunDirectory(tmp_path / "run")
    assert directory.load("best").step == directory.load("last").step
    assert "dev_loss" not in records(tmp_path / "run")[0]


@pytest.mark.parametrize("best", ["bleu", "loss"])
def test_best_checkpoint_is_the_best_by_the_chosen_score(folder, tmp_path, best):
    train(settings(folder, training={"best": best, "epochs": 4, "patience": 0}), tmp_path / "run")
    measured = records(tmp_path / "run")
    telling = best == "bleu" and max(record["dev_bleu"] for record in measured) >= TELLING_BLEU
    chosen = max(measured, key=lambda record: record["dev_bleu"] if telling else -record["dev_loss"])
    assert RunDirectory(tmp_path / "run").load("best").step == chosen["step"]


def test_training_stops_early_without_progress(folder, tmp_path, caplog, monkeypatch):
    stuck = {"epochs": 9, "patience": 2}
    monkeypatch.setattr(DevEvaluator, "__call__", lambda self, **options: {"dev_loss": 5.0, "dev_bleu": 0.1})
    with caplog.at_level(logging.INFO, logger="seq2seq"):
        assert train(settings(folder, training=stuck), tmp_path / "run").finished
    assert len(records(tmp_path / "run")) == 3
    assert "stopped early, since 2 dev evaluations brought neither a lower loss nor more BLEU" in caplog.text
    with caplog.at_level(logging.INFO, logger="seq2seq"):
        assert train(settings(folder, training=stuck), tmp_path / "run", resume=True).finished
    assert "run is finished already" in caplog.text


def test_loss_that_is_not_finite_stops_and_keeps_the_last_good_checkpoint(folder, tmp_path, monkeypatch):
    from seq2seq.training import state

    train(settings(folder), tmp_path / "run")
    before = RunDirectory(tmp_path / "run").load("last")
    original = state.restore

    def poisoned(model, checkpoint, *, origin):
        position = original(model, checkpoint, origin=origin)
        model.output_bias.assign(np.full(model.output_bias.shape, np.nan))
        position.epoch -= 1  # there is an epoch left
        return position

    monkeypatch.setattr("seq2seq.training.resuming.restore", poisoned)
    with pytest.raises(DivergedError, match=r"the loss became nan .*the last good checkpoint is kept.*learning_rate"):
        train(settings(folder), tmp_path / "run", resume=True)
    after = RunDirectory(tmp_path / "run").load("last")
    assert after.step == before.step
    assert all(np.isfinite(array).all() for array in after.arrays.values())


def test_corpus_whose_weight_draws_nothing_is_refused(folder, tmp_path):
    config = settings(folder)
    lonely = tmp_path / "one.tsv"
    lonely.write_text("\n".join(f"I see {n} cats.\tJe vois {n} chats." for n in range(400)), encoding="utf-8")
    corpus = config.data.train[0].model_copy(
        update={"source": None, "target": None, "path": str(lonely), "weight": 1e-6}
    )
    config = config.model_copy(update={"data": config.data.model_copy(update={"train": [corpus]})})
    config = config.model_copy(update={"tokenizer": config.tokenizer.model_copy(update={"vocabulary_size": 300})})
    with pytest.raises(ConfigError, match=r"an epoch draws no pair at all: raise the weights of data.train"):
        train(config, tmp_path / "run")


def test_learning_curve_is_a_picture(run):
    assert (run / "learning_curve.png").read_bytes().startswith(b"\x89PNG")


def test_tensorboard_is_an_option(folder, tmp_path):
    pytest.importorskip("tensorboardX")
    train(settings(folder, training={"tensorboard": True}), tmp_path / "run")
    assert list((tmp_path / "run" / "tensorboard").iterdir())


def test_failure_before_training_leaves_an_existing_run_alone(folder, tmp_path):
    """Where the pairs must be encoded again, a training file that is gone makes a resume fail; the run must stay."""
    for name in ("dev.en", "dev.fr", "train.en", "train.fr"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    train(settings(tmp_path), tmp_path / "run")
    (tmp_path / "train.en").unlink()
    (tmp_path / "run" / "encoded" / "train.arrow").unlink()
    before = sorted(path.name for path in (tmp_path / "run").rglob("*"))
    with pytest.raises(DataError, match=r"train\.en"):
        train(settings(tmp_path), tmp_path / "run", resume=True)
    assert sorted(path.name for path in (tmp_path / "run").rglob("*")) == before


def test_run_is_resumed_where_its_corpora_are_not(folder, tmp_path):
    for name in ("dev.en", "dev.fr", "train.en", "train.fr"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    train(settings(tmp_path), tmp_path / "run")
    for name in ("dev.en", "dev.fr", "train.en", "train.fr"):
        (tmp_path / name).unlink()
    shutil.rmtree(tmp_path / "run" / "checkpoints")  # so that there is something to train
    assert train(settings(tmp_path), tmp_path / "run", resume=True).finished


def test_vocabulary_of_a_run_is_never_learned_again(folder, tmp_path):
    train(settings(folder), tmp_path / "run")
    before = (tmp_path / "run" / "tokenizer" / "source.model").read_bytes()
    (tmp_path / "run" / "tokenizer" / "source.model").write_bytes(before)
    (tmp_path / "run" / "encoded" / "train.arrow").unlink()
    assert train(settings(folder), tmp_path / "run", resume=True).finished
    assert (tmp_path / "run" / "tokenizer" / "source.model").read_bytes() == before
    assert (tmp_path / "run" / "encoded" / "train.arrow").exists()


def test_resume_on_another_backend_or_precision_is_refused(run, folder, monkeypatch):
    described = {"backend": "torch", "device": "GPU"}
    monkeypatch.setattr("seq2seq.training.begin_or_resume.hardware.describe", lambda: described)
    monkeypatch.setattr("seq2seq.training.begin_or_resume.precision_of", lambda config: "float16")
    with pytest.raises(ConfigError, match=r"backend is torch, was \w+\n  precision is float16, was \w+"):
        train(settings(folder), run, resume=True)


def test_run_without_its_checkpoints_begins_again_and_says_so(run, folder, tmp_path, caplog):
    copied = shutil.copytree(run, tmp_path / "run")
    shutil.rmtree(copied / "checkpoints")
    shutil.rmtree(copied / "encoded")
    assert train(settings(folder), copied, resume=True).finished
    assert "has figures of 2 epochs, but no checkpoint to go on from: training begins at epoch 1 again" in caplog.text
    assert [record["loss"] for record in records(copied)] == [record["loss"] for record in records(run)]


def test_resume_of_nothing_says_so(folder, tmp_path, caplog):
    with caplog.at_level(logging.INFO, logger="seq2seq"):
        train(settings(folder, training={"epochs": 1}), tmp_path / "run", resume=True)
    assert "nothing to resume in" in caplog.text


def test_settings_that_are_none_are_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"config is not a Config, received .*str\): write train\(load_config"):
        train("config.toml", tmp_path / "run")
    with pytest.raises(ConfigError, match=r"config is not a Config, received .*: write finetune\(parent, load_config"):
        finetune("parent", "config.toml", tmp_path / "run")


def test_a_function_gets_the_record_of_each_epoch(folder, run, tmp_path):
    """And an error of it ends the training, which can be resumed."""
    told = []

    def fail_once(record):
        told.append(record)
        if len(told) == 1:
            raise ConnectionError("the tracker is away")

    with pytest.raises(ConnectionError, match="the tracker is away"):
        train(settings(folder), tmp_path / "run", on_epoch=fail_once)
    assert train(settings(folder), tmp_path / "run", resume=True, on_epoch=fail_once).finished
    assert told[1:] == records(tmp_path / "run")
    assert [record["loss"] for record in told[1:]] == [record["loss"] for record in records(run)]


def test_what_cannot_be_called_is_refused_before_the_work(folder, tmp_path):
    with pytest.raises(
        ConfigError, match=r"on_epoch is a function of one argument, received 3 \(int\): write on_epoch=print"
    ):
        train(settings(folder), tmp_path / "run", on_epoch=3)
    assert not (tmp_path / "run").exists()


def test_run_that_learned_two_languages_writes_both(folder, tmp_path):
    values = settings(folder, training={"epochs": 1}).model_dump()
    english = str(folder / "train.en")
    values["data"]["train"] += [{"source": english, "target": english, "target_language": "en", "weight": 0.5}]
    values["data"]["cleaning"]["copies"] = False
    run = RunDirectory(tmp_path / "run")
    assert train(parse_config(values), run.path).finished
    assert run.own_targets() == ["fr", "en"]
    french, english = (Translator.load(run.path, target_language=language) for language in run.own_targets())
    assert french.start_symbol != english.start_symbol
    assert len(english.translate(["I am a man."])) == 1
