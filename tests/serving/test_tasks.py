"""What the worker computes for a batch."""

import numpy as np

from seq2seq.serving.tasks import Encoding, Scoring, Translating, Walking, with_beam

SENTENCES = ["The cat sees a dog.", "They eat."]


def test_beam_grows_where_it_is_too_small_and_the_network_is_shared(translator):
    assert with_beam(translator, translator.search.beam_size) is translator
    wider = with_beam(translator, translator.search.beam_size + 3)
    assert wider.search.beam_size == translator.search.beam_size + 3
    assert wider.engine is translator.engine
    assert wider.search.length_penalty == translator.search.length_penalty


def test_tasks_give_a_result_for_each_item_as_the_translator_does(translator):
    assert Translating(translator, 2)(SENTENCES) == translator.hypotheses(SENTENCES, n_best=2)
    np.testing.assert_array_equal(Encoding(translator)(SENTENCES), translator.encode(SENTENCES))
    pairs = [(SENTENCES[0], "Le chat."), (SENTENCES[1], "")]
    assert Scoring(translator)(pairs) == translator.token_scores(SENTENCES, ["Le chat.", ""])


def test_walk_of_one_position_is_the_sentence_at_it(translator):
    begin, end = Walking(translator)([(*SENTENCES, [0.0]), (*SENTENCES, [1.0])])
    longest = max(map(len, translator.source_ids(SENTENCES)))
    expected = translator.translate_summaries(translator.encode(SENTENCES), [longest] * 2)
    assert [begin[0].text, end[0].text] == [hypothesis.text for hypothesis in expected]
