"""What the tests of training share: a parent, a run that is fine-tuned from it, and the settings for others."""

import json
import os
from types import SimpleNamespace

import pytest

from seq2seq.data.batching import Shape, teacher_forcing
from seq2seq.locking import owned
from seq2seq.runs.checkpoint import only_weights
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import parse_config
from seq2seq.training.building import compiled_model
from seq2seq.training.loop import finetune, train


def as_german(french):
    """Another language: the same words, spelled backwards."""
    return " ".join(word[::-1] for word in french.removesuffix(".").split()) + "."


@pytest.fixture(scope="session")
def in_script():
    """A function that makes a language in another script: each letter, or each of the first ones, becomes one of it."""

    def make(first, separator=" ", letters=99):
        def write(french):
            words = french.removesuffix(".").split()
            return separator.join("".join(chr(first + ord(letter) % 24) for letter in word[:letters]) for word in words)

        return write

    return make


@pytest.fixture(scope="session")
def text_files():
    """A function of a folder, a name and pairs: writes two text files there, and gives them as settings of a corpus."""

    def write(folder, name, pairs):
        for side, lines in (("en", [source for source, _ in pairs]), ("xx", [target for _, target in pairs])):
            (folder / f"{name}.{side}").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return {"source": str(folder / f"{name}.en"), "target": str(folder / f"{name}.xx")}

    return write


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory):
    """A function of a name and of what trains a run: the run, trained by one of the processes that share the tests."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent

    def run_of(name, training):
        with owned(folder / f"{name}.lock", "training", wait=True):
            if not (folder / name).exists():
                training(folder / f"{name}.part")
                (folder / f"{name}.part").rename(folder / name)
        return folder / name

    return run_of


@pytest.fixture(scope="session")
def make_corpora(tmp_path_factory, made_up_sentences, text_files):
    """A function that writes train and dev of the old pair and of the new one, and gives them as settings."""

    def make():
        folder = tmp_path_factory.mktemp("corpora")
        pairs = {"train": made_up_sentences(250), "dev": made_up_sentences(8, seed=1)}
        return {
            language: {
                split: [text_files(folder, f"{split}.{language}", [change(*pair) for pair in pairs[split]])]
                for split in pairs
            }
            for language, change in (
                ("fr", lambda *pair: pair),
                ("de", lambda source, target: (source, as_german(target))),
            )
        }

    return make


@pytest.fixture(scope="session")
def corpora(make_corpora):
    """Train and dev of the old pair and of the new one, as settings."""
    return make_corpora()


@pytest.fixture(scope="session")
def parent(make_corpora, trained_once):
    """A small run from English to French, which tests may read; its corpora are its own."""

    def training(run):
        settings = {
            "data": make_corpora()["fr"],
            "tokenizer": {"vocabulary_size": 345},
            "model": {"embedding": 8, "encoder_units": 8, "decoder_units": 8},
            "training": {"epochs": 2, "batch_tokens": 512, "warmup_steps": 2},
            "translation": {"max_length_ratio": 1.0},
        }
        assert train(parse_config(settings), run).finished

    return trained_once("parent", training)


@pytest.fixture(scope="session")
def german(corpora):
    """A function of sections: settings for the new pair, English to German."""

    def make(languages=None, **sections):
        if languages is None:
            languages = {"source_language": "en", "target_language": "de"}
        return parse_config(
            {
                "data": {**corpora["de"], **languages, **sections.pop("data", {})},
                "tokenizer": {"vocabulary_size": 310} | sections.pop("tokenizer", {}),
                "training": {"epochs": 2, "batch_tokens": 512, "warmup_steps": 2} | sections.pop("training", {}),
                **sections,
            }
        )

    return make


@pytest.fixture(scope="session")
def child(parent, german, trained_once):
    """A run that was fine-tuned from the parent, which tests may read."""

    def training(run):
        assert finetune(parent, german(), run).finished

    return trained_once("child", training)


@pytest.fixture(scope="session")
def log_of():
    """A function of a run: what was measured after each epoch, as dictionaries."""
    return lambda run: [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def newest_weights():
    """A function of a run: the weights of its newest checkpoint by their names."""
    return lambda run: only_weights(RunDirectory(run).load("last").arrays, origin=str(run))


@pytest.fixture(scope="session")
def start_only():
    """A function of a monkeypatch: trainings stop before the first update, so that a run is what it starts from."""
    return lambda monkeypatch: monkeypatch.setattr("seq2seq.training.loop.Trainer.epoch", lambda self, bar: False)


@pytest.fixture(scope="session")
def small_network():
    """A function of sections: a compiled network of 30 source and 20 target pieces, as training makes it."""

    def make(**sections):
        sizes = {"embedding": 4, "encoder_units": 4, "decoder_units": 4}
        config = parse_config(sections | {"model": sizes | sections.get("model", {})})
        return compiled_model(config, (SimpleNamespace(size=30), SimpleNamespace(size=20)), total=100, begin=0)

    return make


@pytest.fixture(scope="session")
def one_batch():
    """A batch of two pairs for the small network: inputs, outputs and their weights."""
    return teacher_forcing([([5, 6, 7], [8, 9]), ([10], [11, 12, 13])], Shape(2, 4, 4))
