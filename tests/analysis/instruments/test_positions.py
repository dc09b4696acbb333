"""The forgetting curve, on encoders that forget exactly what we say."""

import functools

import numpy as np
import pytest

from seq2seq.analysis.instruments import positions
from seq2seq.model_from_settings import build_model
from seq2seq.settings.config import Model


@pytest.fixture(scope="module")
def tokenizer(whole_words):
    return whole_words(30)


@pytest.fixture(scope="module")
def texts(tokenizer, random_texts):
    return random_texts(40, (6, 11), tokenizer), random_texts(40, (5, 8), tokenizer, seed=1)


@pytest.fixture(scope="module")
def measured(forgetful, examined, tokenizer, texts):
    """A function of k, and of whether the first k tokens are kept: the figures."""

    @functools.cache
    def measure(kept, reverse=False):
        return positions.measure(examined(forgetful(tokenizer, kept, reverse), tokenizer, *texts, found=texts[1]))

    return measure


@pytest.mark.parametrize(("kept", "reverse"), [(1, False), (3, False), (5, False), (3, True)])
def test_an_encoder_that_keeps_k_tokens_has_a_reach_of_k(measured, kept, reverse):
    found = measured(kept, reverse)
    near, far = positions.SIDES[:: -1 if reverse else 1]
    assert found["reach"][near] == kept
    assert found["reach"][far] == found["longest"] == 11
    curve = found["curves"]["moves_swapped"][near]
    assert all(mean > 0.01 for mean in curve["mean"][:kept])
    assert not any(curve["mean"][kept:])
    rises = found["curves"]["rises_swapped"][near]
    assert np.abs(rises["mean"][kept:]).max() < 1e-3 < np.abs(rises["mean"][:kept]).max()
    (warning,) = positions.present({"run": found}).warnings
    assert f"any token further than {kept} from the {'beginning' if reverse else 'end'}" in warning


def test_all_k_kept_tokens_weigh_the_same(measured):
    """Embeddings side by side: swapping one moves h(T) by the distance of two of them, wherever it is."""
    kept = np.array(measured(5)["curves"]["moves_swapped"]["from_the_end"]["mean"][:5])
    assert kept.max() < 1.25 * kept.min()
    assert kept.mean() == pytest.approx(5**-0.5, rel=0.1)  # of the distance of two sentences: five such steps


def test_the_end_that_is_kept_is_the_end_that_is_named(measured):
    end, beginning = measured(3), measured(3, True)
    assert end["thirds"]["moves_swapped"][0]["mean"] == 0 < end["thirds"]["moves_swapped"][2]["mean"]
    assert beginning["last_to_first"]["moves_swapped"]["high"] < 0.5
    section = positions.present({"end": end, "beginning": beginning})
    assert "end: swapping a content word of the first third does not move h(T) at all" in section.findings[0]
    assert "the beginning is kept better" in section.findings[2]
    compared = section.tables[-1]
    assert compared.header[-1] == "p against end"
    assert float(compared.rows[1][-1]) < 0.01


def test_a_forward_network_remembers_the_end_and_a_reversed_one_the_beginning(examined, tokenizer, texts):
    """Without training, an RNN of small weights forgets: the state shrinks at every step."""
    ratios = {}
    for direction in ("forward", "reversed", "bidirectional"):
        sizes = {"embedding": 16, "encoder_units": 16, "decoder_units": 16}
        model = build_model(Model(cell="rnn", direction=direction, **sizes), tokenizer.size, tokenizer.size)
        for cell in model.encoder.stack[0]:
            cell.recurrent_kernel.assign(0.6 * np.asarray(cell.recurrent_kernel.value))
        ratios[direction] = positions.measure(examined(model, tokenizer, *texts, found=texts[1]))["last_to_first"][
            "moves_swapped"
        ]
    assert ratios["forward"]["low"] > 3
    assert ratios["reversed"]["high"] < 1 / 3
    assert 0.5 < ratios["bidirectional"]["mean"] < 2


def test_marks_and_function_words_are_no_content(examined, forgetful, whole_words):
    tokenizer = whole_words(9)
    tokenizer.pieces[4:] = ["\u2581the", "\u2581c", "at", ".", "\u2581,", "\u2581sat", "s", "\u25812020", "\u2581of"]
    tokenizer.decode = lambda ids: "".join(tokenizer.pieces[index] for index in ids).replace("\u2581", " ").strip()
    subject = examined(forgetful(tokenizer, 2), tokenizer, ["w0 w1"], ["w1"])
    found = positions._content(subject, tokenizer.pieces, [4, 5, 6, 9, 10, 8, 12, 11, 7], frozenset({"the", "of"}))
    assert found.tolist() == [False, True, True, True, True, False, False, True, False]


def test_few_or_strange_sentences_are_no_fault(examined, forgetful, tokenizer, recwarn):
    model = forgetful(tokenizer, 2)
    one = positions.measure(examined(model, tokenizer, ["w1 w2"], ["w3"]))
    assert "left out" in positions.present({"run": one}).findings[0]
    two = positions.measure(examined(model, tokenizer, ["w1", "w2 w5 w6"], ["w3", ""]))
    assert positions.present({"one": one, "two": two}).pictures
    assert not list(recwarn)


def test_attention_is_said(examined, tokenizer, texts):
    sizes = {"embedding": 8, "encoder_units": 8, "decoder_units": 8}
    model = build_model(Model(attention=True, **sizes), tokenizer.size, tokenizer.size)
    sources, references = (side[:5] for side in texts)
    found = positions.measure(examined(model, tokenizer, sources, references))
    assert any("has attention" in text for text in positions.present({"run": found}).findings)
