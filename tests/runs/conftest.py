"""What the tests of runs share: two small runs as training leaves them, and copies to be damaged."""

import shutil

import numpy as np
import pytest

from seq2seq.data.corpus import Pair
from seq2seq.data.encoding import encode_pairs
from seq2seq.data.shortlist import Shortlist
from seq2seq.model_from_settings import build_model
from seq2seq.runs.checkpoint import Checkpoint, weights_of
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import parse_config
from seq2seq.tokenizer import train_tokenizer
from seq2seq.translator import Translator

SMALL = {"embedding": 6, "encoder_units": 5, "decoder_units": 7}


def make_run(path, pairs, seed=0, **model):
    """A run as training leaves it, its weights fresh."""
    run = RunDirectory(path)
    run.create(parse_config({"model": SMALL | model, "training": {"seed": seed}}), {"seq2seq": "0.1.0"})
    run.save_tokenizers(*(train_tokenizer(side, vocabulary_size=300 + seed) for side in zip(*pairs, strict=True)))
    tokenizers = run.tokenizers()
    encoded = run.encoded / "new.part"
    corpus = [Pair(*pair, "text", number) for number, pair in enumerate(pairs)]
    encode_pairs(encoded, [corpus], tokenizers, weights=[1.0], max_tokens=(128, 128))
    run.save_pairs(encoded, {"cleaning.json": {"kept": len(pairs)}})
    sizes = [tokenizer.size for tokenizer in tokenizers]
    run.save_shortlist(Shortlist(np.full((sizes[0], 3), 5, np.uint16), np.array([7], np.uint16)))
    model = build_model(run.config().model, *sizes)
    for kind in ("best", "last"):
        run.save(kind, Checkpoint(1, weights_of(model), {}))
    return run


@pytest.fixture(scope="session")
def runs(tmp_path_factory, made_up_sentences):
    """Two runs with other vocabularies and other networks."""
    folder, pairs = tmp_path_factory.mktemp("runs"), made_up_sentences(150)
    return [make_run(folder / "one", pairs), make_run(folder / "two", pairs, seed=1, cell="rnn")]


@pytest.fixture
def run(runs, tmp_path):
    """A copy to be damaged."""
    return RunDirectory(shutil.copytree(runs[0].path, tmp_path / "run"))


@pytest.fixture(scope="session")
def open_all():
    """A function of a run: opens all that translating and training read of it."""

    def read(run):
        Translator.load(run.path)
        run.shortlist()
        run.pairs()

    return read
