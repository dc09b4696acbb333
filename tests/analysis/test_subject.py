"""A run under examination."""

from pathlib import Path

import numpy as np
import pytest

from seq2seq.analysis.subject import Sentences, Subject
from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.translator import Translator

STORED = Path(__file__).parents[1] / "stored_runs" / "plain"


def test_sample_is_spread_evenly_and_keeps_the_pairs():
    sentences = Sentences([str(number) for number in range(100)], [f"r{number}" for number in range(100)])
    assert sentences.sample(100) is sentences
    sample = sentences.sample(5)
    assert sample.sources == ["0", "24", "49", "74", "99"]
    assert sample.references == [f"r{source}" for source in sample.sources]


def test_run_is_examined_with_greedy_search():
    subject = Subject.load(STORED, Sentences(["Alice will invite us."], ["Alice nous invitera."]))
    assert (subject.name, subject.translator.search.beam_size, subject.translator.search.length_penalty) == (
        "plain",
        1,
        1.0,
    )
    assert subject.reads_english
    assert subject.bleu_tokenizer == "13a"
    assert subject.source_ids == subject.tokenizers[0].encode(["Alice will invite us."])
    np.testing.assert_allclose(subject.summaries, subject.translator.encode(subject.sentences.sources), atol=1e-6)
    assert subject.description()["encoder"] == "bidirectional GRU"


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="is not a run"):
        Subject.load(tmp_path, Sentences([], []))


def test_sources_that_are_cut_are_counted(ordinary):
    subject = ordinary(count=3)
    texts = ["cat " * 500, "a cat"]
    assert Subject("cut", subject.translator, Sentences(texts, texts)).cut == 1


def test_ensemble_is_refused(ordinary):
    one = ordinary(count=3)
    engine = type(one.translator.engine)([one.model, one.model])
    with pytest.raises(ConfigError, match="an examination needs one run"):
        Subject("two", Translator(engine, one.tokenizers), one.sentences)


def test_description_names_the_network(ordinary):
    described = ordinary(name="mine", count=3, cell="lstm", direction="reversed", encoder_layers=2).description()
    assert (described["run"], described["encoder"]) == ("mine", "reversed LSTM, 2 layers")
    assert (described["numbers in h(T)"], described["attention"]) == ("8", "no")
