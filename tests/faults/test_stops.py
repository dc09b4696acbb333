"""A process may be gone before any file-system call: the same command then begins, or goes on, to the same end."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from seq2seq.bulk.cleaning import CleanJob
from seq2seq.bulk.parts import sweep
from seq2seq.bulk.shards import shards_in
from seq2seq.bulk.worker import do
from seq2seq.data.summaries import Summaries
from seq2seq.errors import Seq2SeqError
from seq2seq.runs.checkpoint import Checkpoint
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.small_run import shrink
from seq2seq.settings.config import Cleaning, parse_config
from seq2seq.training import loop
from seq2seq.training.decoders import copy_decoders


@pytest.fixture(scope="module")
def corpus(made_up_sentences, tmp_path_factory):
    """Training and dev text, as settings."""
    folder = tmp_path_factory.mktemp("corpus")
    corpora = {}
    for split, pairs in (("train", made_up_sentences(120)), ("dev", made_up_sentences(6, seed=1))):
        for side, lines in zip(("source", "target"), zip(*pairs, strict=True), strict=True):
            (folder / f"{split}.{side}").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        corpora[split] = [{side: str(folder / f"{split}.{side}") for side in ("source", "target")}]
    return corpora


@pytest.fixture
def settings(corpus):
    return parse_config({"data": corpus, "tokenizer": {"vocabulary_size": 310}})


@pytest.fixture
def prepare_only(monkeypatch):
    """Training ends when the run is prepared, before a network is built: what comes after changes no file of these."""

    class Prepared:
        def __init__(self, config, directory, prepared, parent):
            self.directory = directory
            self.measurements = SimpleNamespace(on_epoch=None)

        def train(self):
            return loop.Outcome(loop.Position(), finished=False)

    monkeypatch.setattr(loop, "Trainer", Prepared)


@pytest.fixture
def files_of_run(tree):
    """All files of a run in a folder; but the name that a run draws for itself is another one in each."""

    def read(folder):
        files = tree(folder)
        files["run/manifest.json"] = json.loads(files["run/manifest.json"])["files"]
        return files

    return read


def test_run_begins_and_is_prepared_whenever_it_was_stopped(
    settings, prepare_only, stop_everywhere, case, files_of_run
):
    def act(folder):
        loop.train(settings, folder / "run", resume=True)

    assert stop_everywhere(case(Path.mkdir, act, files_of_run)) >= 25


def test_run_that_cannot_be_prepared_leaves_the_place_as_it_was(
    settings, prepare_only, refuse_everywhere, case, files_of_run
):
    def act(folder):
        loop.train(settings, folder / "run")

    assert refuse_everywhere(case(Path.mkdir, act, files_of_run), Seq2SeqError) >= 25


@pytest.fixture
def german(corpus):
    """Settings for another language, with a part of the parent's pairs."""
    vocabulary, replay = {"vocabulary_size": 310}, {"replay": 0.2}
    languages = {"source_language": "en", "target_language": "de"}
    return parse_config({"data": corpus | languages, "tokenizer": vocabulary, "finetune": replay})


def test_fine_tuned_run_begins_whenever_it_was_stopped(
    made_run, german, prepare_only, stop_everywhere, case, files_of_run
):
    def act(folder):
        loop.finetune(made_run, german, folder / "run", resume=True)

    assert stop_everywhere(case(Path.mkdir, act, files_of_run)) >= 30


def test_fine_tuned_run_that_cannot_be_prepared_leaves_the_place_as_it_was(
    made_run, german, prepare_only, refuse_everywhere, case, files_of_run
):
    def act(folder):
        loop.finetune(made_run, german, folder / "run")

    assert refuse_everywhere(case(Path.mkdir, act, files_of_run), Seq2SeqError) >= 30


def test_decoders_are_copied_whenever_copying_was_stopped(settings, made_run, stop_everywhere, case):
    def begin(folder):
        own = settings.model_copy(update={"data": settings.data.model_copy(update={"target_language": "de"})})
        RunDirectory(folder).create(own, {})

    def act(folder):
        copy_decoders(RunDirectory(folder), RunDirectory(made_run))

    def result(folder):
        decoder = RunDirectory(folder).for_target("fr")
        assert [path.name for path in decoder.path.parent.iterdir()] == ["fr"]
        weights = {name: array.tobytes() for name, array in decoder.load("best").arrays.items()}
        return decoder.config(), [tokenizer.model for tokenizer in decoder.tokenizers()], weights

    assert stop_everywhere(case(begin, act, result)) >= 15


def test_small_run_is_there_or_not_whenever_shrinking_was_stopped(made_run, stop_everywhere, case):
    def act(folder):
        if not (folder / "small").exists():  # a second call would be refused
            shrink(made_run, folder / "small")

    def result(folder):
        assert [path.name for path in folder.iterdir()] == ["small"]
        small = RunDirectory(folder / "small")
        weights = {name: array.tobytes() for name, array in small.load("best").arrays.items()}
        return small.config(), [tokenizer.model for tokenizer in small.tokenizers()], weights

    assert stop_everywhere(case(Path.mkdir, act, result)) >= 15


def test_shard_is_done_completely_or_again_whenever_the_work_was_stopped(corpus, stop_everywhere, case, tree):
    [sides] = corpus["train"]

    def clean(folder, **settings):
        sweep(folder / "out")
        shards = shards_in([sides["source"]], str(folder / "out"), [sides["target"]])
        *_, last = do(CleanJob(Cleaning(**settings).model_dump()), shards[0])
        return last["made"]

    def begin(folder):
        (folder / "out").mkdir(parents=True)
        clean(folder, max_words=5)  # outputs and a record that hold no more for other settings

    def result(folder):
        assert not clean(folder)
        return tree(folder)

    assert stop_everywhere(case(begin, clean, result)) >= 6


def checkpoint(step):
    arrays = {"weight": np.full(3, step, np.float32)}
    return Checkpoint(step, arrays, {"epoch": step})


def test_checkpoint_is_the_old_or_the_new_one_whenever_saving_was_stopped(settings, stop_everywhere, case, tree):
    def begin(folder):
        run = RunDirectory(folder)
        run.create(settings, {})
        run.save("last", checkpoint(1))

    def act(folder):
        run = RunDirectory(folder)
        assert run.load("last").step in (1, 2)
        run.save("last", checkpoint(2))

    def result(folder):
        assert len(list((folder / "checkpoints").iterdir())) == 1
        return RunDirectory(folder).load("last").arrays["weight"].tolist()

    assert stop_everywhere(case(begin, act, result)) >= 6


def test_summaries_are_stored_whenever_storing_was_stopped(stop_everywhere, case):
    sentences = [[5, 6], [7], [5, 6], [8, 9, 10]]

    def act(folder):
        stored = Summaries(folder, "encoder", 2)
        stored.add(sentences, lambda ids: np.array([[len(i), i[0]] for i in ids], np.float32))

    def result(folder):
        return Summaries(folder, "encoder", 2).rows(sentences, 5).tolist()

    assert stop_everywhere(case(Path.mkdir, act, result)) >= 4
