"""The commands that train and fine-tune: what they refuse first, and the run that they leave."""

import json
import shutil

import pytest


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("dev.en", "dev.en cannot be made, for"),
        ("dev.en/new", "dev.en/new cannot be made, for"),
        ("run/new", "run/new lies inside the run"),
    ],
)
def test_train_into_a_place_that_is_none_is_refused_first(command, folder, place, message, refused):
    refused(command("train", "config.toml", "--run", place, cwd=folder), message)
    refused(command("finetune", "run", "config.toml", "--run", place, cwd=folder), message)


def test_finetune_into_the_parent_by_another_name_is_refused_first(command, folder, refused):
    (folder / "linked").mkdir()
    (folder / "linked" / "run").symlink_to(folder / "run")
    result = command("finetune", "linked/run", "config.toml", "--run", "run", cwd=folder)
    refused(result, "already holds a run")


def test_train_into_a_run_that_is_trained_is_refused_first(command, folder, refused):
    result = command("train", folder / "config.toml", "--run", folder / "run")
    refused(result, "run already holds a run: add --resume to go on with it")


def test_run_is_resumed_where_its_dev_files_are_not(command, folder, tmp_path):
    shutil.copytree(folder / "run", tmp_path / "run")
    settings = (
        (folder / "config.toml").read_text(encoding="utf-8").replace("dev.", "gone.").replace("train.en", "no.en")
    )
    (tmp_path / "moved.toml").write_text(settings, encoding="utf-8")
    result = command("train", "moved.toml", "training.epochs=1", "--run", "run", "--resume", cwd=tmp_path)
    assert result.returncode == 0, result.stderr.decode()
    assert b"finished" in result.stderr


def test_finetune_looks_for_its_parent_first(command, folder, refused):
    (folder / "own.toml").write_text('data.train = [{ source = "train.en", target = "train.fr" }]')
    refused(
        command("finetune", "nowhere", "own.toml", "--run", "new", cwd=folder),
        "nowhere is not a run: there is no such folder",
    )


def test_run_directory_is_complete_and_says_how_it_went(folder):
    run = folder / "run"
    names = {path.name for path in run.iterdir()}
    assert {"config.json", "about.json", "cleaning.json", "metrics.jsonl", "learning_curve.png", "tokenizer"} <= names
    record = json.loads((run / "metrics.jsonl").read_text(encoding="utf-8"))
    assert {"epoch", "step", "loss", "tokens_per_second", "dev_loss", "dev_bleu", "dev_bleu_signature"} <= record.keys()
    assert not list(run.rglob("*.pkl")) + list(run.rglob("*.keras")) + list(run.rglob("*.part"))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("data.train=[]", "data.train is empty"),
        ("tokenizer.vocabulary_size=60000", "tokenizer.vocabulary_size to"),
        ("training.epoch=3", "training.epoch: unknown key; did you mean 'epochs'?"),
        ('data.train=[{source="nowhere.en", target="nowhere.fr"}]', "nowhere.en"),
    ],
)
def test_settings_that_cannot_be_used_leave_nothing_behind(command, folder, tmp_path, override, message):
    result = command("train", folder / "config.toml", override, "--run", tmp_path / "run")
    assert result.returncode == 1
    assert message in result.stderr.decode()
    assert not list(tmp_path.iterdir())


def test_finetune_makes_a_run_with_both_decoders(command, folder, tmp_path):
    corpora = (folder / "config.toml").read_text(encoding="utf-8").split("[tokenizer]")[0]
    (tmp_path / "new.toml").write_text(
        f'{corpora}[data]\nsource_language = "en"\ntarget_language = "it"\n[tokenizer]\nvocabulary_size = 500\n'
        "[finetune.rates]\nencoder = 0.0\nsource_embedding = 0.0\n",
        encoding="utf-8",
    )
    run = tmp_path / "run"
    result = command("finetune", folder / "run", tmp_path / "new.toml", "training.epochs=1", "--run", run)
    assert result.returncode == 0, result.stderr.decode()
    assert b"are known to the parent" in result.stderr
    assert b"and the encoder does not run" in result.stderr
    lines = b"I am a man.\n"
    french = command("translate", run, "--target", "fr", input=lines)
    assert french.stdout == command("translate", folder / "run", input=lines).stdout
    assert command("translate", run, input=lines).returncode == 0
    unknown = command("translate", run, "--target", "cs", input=lines)
    assert unknown.returncode == 1
    assert f"{run} translates into it, fr: received 'cs'" in unknown.stderr.decode()


def test_overrides_may_come_behind_the_options(command, tmp_path):
    result = command("train", "no.toml", "--run", tmp_path / "run", "training.epochs=5", cwd=tmp_path)
    assert b"cannot read the settings no.toml" in result.stderr
    result = command("train", "no.toml", "--run", tmp_path / "run", "--epochs", "5", cwd=tmp_path)
    assert result.returncode == 2
    assert b"unrecognized arguments: --epochs 5" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("--epochs", "5"), "unrecognized arguments: --epochs 5 (a setting is written training.epochs=5)"),
        (("--batch-tokens=99",), "--batch-tokens=99 (a setting is written training.batch_tokens=99)"),
        (("--nonsense",), "unrecognized arguments: --nonsense\n"),
    ],
)
def test_setting_given_as_an_option_is_explained(command, arguments, advice):
    result = command("train", "config.toml", "--run", "new", *arguments)
    assert result.returncode == 2
    assert advice in result.stderr.decode()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--process-id", "1"], "--process-id would do nothing: --processes says how many processes train together"),
        (["--processes", "2"], "--processes also needs --coordinator HOST:PORT and --process-id"),
        (["--processes", "auto", "--process-id", "0"], "with --processes auto, the cluster tells them"),
        (
            ["--processes", "2", "--process-id", "2", "--coordinator", "a:1"],
            "--process-id 2 is not below --processes 2: the first process is 0",
        ),
        (["--processes", "2", "--process-id", "1", "--coordinator", "a"], "--coordinator 'a' is not HOST:PORT"),
    ],
)
def test_options_of_several_processes_that_do_not_fit_are_refused(command, folder, tmp_path, options, message):
    result = command("train", folder / "config.toml", "--run", tmp_path / "run", *options)
    assert result.returncode == 1
    assert message in result.stderr.decode()
    assert not list(tmp_path.iterdir())
