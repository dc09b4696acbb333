"""Teacher forcing against free running, on decoders that ignore what they wrote and on ones that trust it."""

import keras
import numpy as np
import pytest

from seq2seq.analysis.instruments import exposure
from seq2seq.layers.decoder import Decoder
from seq2seq.layers.embedding import Embedding
from seq2seq.layers.encoder import Encoder
from seq2seq.model import Seq2Seq
from seq2seq.model_from_settings import build_model
from seq2seq.settings.config import Model
from seq2seq.symbols import BOS, EOS, UNK

WORDS = 12


@pytest.fixture(scope="module")
def tokenizer(whole_words):
    return whole_words(WORDS)


def successor(tokenizer, after):
    """A network that writes `after[v]` behind piece v, whatever the source: it trusts what it reads."""
    V = tokenizer.size
    model = Seq2Seq(
        Encoder("gru", 4, direction="forward"),
        Decoder("gru", 4, V, summary_every_step=False),
        source_embedding=Embedding(V, 4),
        target_embedding=Embedding(V, V),
        output_embedding=Embedding(V, V),
    )
    model.build()
    model.target_embedding.table.assign(np.eye(V))
    model.decoder.readout.kernel.assign(np.concatenate([np.zeros((4, V)), 3 * np.eye(V)]))
    model.output_embedding.table.assign(10 * np.eye(V)[:, [after.index(v) if v in after else 0 for v in range(V)]].T)
    return model


def counting(tokenizer):
    """After w0 comes w1, and so on to the last word and the end; it always begins with w0."""
    after = [*range(1, tokenizer.size), EOS]
    after[BOS], after[0], after[EOS] = UNK + 1, 0, 0
    after[UNK] = UNK
    return successor(tokenizer, after)


@pytest.fixture(scope="module")
def counted(examined, tokenizer):
    """References that begin somewhere and count to the last word: after the true prefix they are easy."""
    references = [" ".join(f"w{index}" for index in range(1 + start % 8, WORDS)) for start in range(40)]
    return exposure.measure(examined(counting(tokenizer), tokenizer, [" ".join(["w1"] * WORDS)] * 40, references))


def test_a_decoder_that_continues_its_error_has_a_gap_at_every_place_but_the_first(counted):
    for what, right, wrong in (("accuracy", 1, 0), ("loss", 0, 10)):
        true, own = (np.array(counted[what][prefix]["mean"]) for prefix in exposure.PREFIXES)
        assert true[0] == own[0]
        np.testing.assert_allclose(true[1:], right, atol=0.01)
        np.testing.assert_allclose(own[:-1], wrong, atol=0.1)
    assert counted["overall"]["accuracy"]["gap"]["high"] < -0.7


def test_recall_does_not_punish_a_shift(counted):
    """The translation has all words of the reference, though none in its place."""
    assert counted["recall_overall"]["own"]["mean"] == 1
    assert counted["recall_gap"]["mean"] > 0


def network(tokenizer, **settings):
    """Without training, but of large weights: what it writes depends on all that it reads."""
    keras.utils.set_random_seed(3)
    sizes = {"embedding": 8, "encoder_units": 8, "decoder_units": 8}
    model = build_model(Model(**sizes, **settings), tokenizer.size, tokenizer.size)
    for variable in model.trainable_variables:
        variable.assign(np.asarray(variable.value) * 3)
    return model


def test_a_decoder_that_does_not_read_what_it_wrote_has_no_gap(examined, tokenizer, random_texts):
    sources, references = random_texts(30, (3, 8), tokenizer), random_texts(30, (2, 9), tokenizer, seed=1)
    gaps = {}
    for reads in (True, False):
        model = network(tokenizer, tied_embeddings=False)
        model.target_embedding.table.assign(np.asarray(model.target_embedding.table.value) * reads)
        gaps[reads] = exposure.measure(examined(model, tokenizer, sources, references))
    assert max(abs(gap) for gap in gaps[False]["gap_by_sentence"]) < 1e-4
    assert gaps[False]["overall"]["accuracy"]["gap"]["mean"] == 0
    assert gaps[False]["loss"]["true"]["mean"] == pytest.approx(gaps[False]["loss"]["own"]["mean"], abs=1e-4)
    assert max(abs(gap) for gap in gaps[True]["gap_by_sentence"]) > 0.1
    section = exposure.present({"reads": gaps[True], "does not": gaps[False]})
    assert section.tables[-1].header[-1] == "p against reads"


def test_own_prefix_is_the_translation_itself(examined, tokenizer, random_texts):
    """With the translations as references the two prefixes are one. An attention decoder is examined like any other."""
    model, sources = network(tokenizer, attention=True), random_texts(20, (3, 8), tokenizer)
    own = examined(model, tokenizer, sources, sources).hypotheses
    kept = [index for index, text in enumerate(own) if text]
    assert len({own[index] for index in kept}) > 1
    found = exposure.measure(examined(model, tokenizer, [sources[i] for i in kept], [own[i] for i in kept]))
    np.testing.assert_allclose(found["gap_by_sentence"], 0, atol=1e-5)
    assert found["recall_overall"]["own"]["mean"] == 1


def test_repetitions_of_both_sides_are_counted(examined, tokenizer):
    stuck = successor(tokenizer, [*range(UNK + 1)] + [5] * WORDS)
    stuck.output_bias.assign(np.eye(tokenizer.size)[5])
    found = exposure.measure(examined(stuck, tokenizer, ["w1 w2 w3"] * 4, ["w1 w2", "w3 w3 w1", "w2", "w4 w5"]))
    assert found["repeating"]["translations"]["mean"] == 1
    assert found["repeating"]["references"]["mean"] == 0.25


def test_few_or_strange_sentences_are_no_fault(examined, tokenizer, recwarn):
    model = counting(tokenizer)
    found = exposure.measure(examined(model, tokenizer, ["w1"], [""], found=[""]))
    assert exposure.present({"run": found}).pictures
    assert found["overall"]["loss"]["gap"]["mean"] == 0
    assert not list(recwarn)
