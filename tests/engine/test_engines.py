"""Law 2 for every engine: what comes out does not change with its company. Searching, drawing and scoring agree."""

import numpy as np
import pytest

from seq2seq.data.shortlist import Shortlist
from seq2seq.engine import batches
from seq2seq.engine.sampling import Sampling
from seq2seq.engine.shapes import length_limits
from seq2seq.errors import CheckpointError
from seq2seq.settings.config import Translation

SEARCH = Translation(beam_size=3, max_length_ratio=1.0, max_length_extra=6)
CELLS = ["rnn", "gru", "lstm"]
KINDS = ["keras", "float32", "int8"]


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    """Keras, or onnxruntime with weights in float32 or int8."""
    return request.param


@pytest.fixture(scope="module")
def shared(kind, engine_of):
    """An engine that is compiled once for the tests that only ask it."""
    return engine_of(kind)


@pytest.fixture(scope="module", params=CELLS)
def of_cell(request, kind, engine_of):
    return engine_of(kind, cell=request.param)


def smaller(settings, sentences):
    return settings.model_copy(update={"batch_sentences": sentences})


def ids_of(results):
    return [[hypothesis.ids for hypothesis in sentence] for sentence in results]


def test_translations_do_not_change_with_company_or_order(of_cell, sources):
    together = batches.search(of_cell, sources, SEARCH)
    backwards = batches.search(of_cell, sources[::-1], smaller(SEARCH, 5))[::-1]
    assert len({best.ids for [best] in together}) > 1
    assert ids_of(together) == ids_of(backwards)
    assert ids_of(together[4:5]) == ids_of(batches.search(of_cell, sources[4:5], SEARCH))


def test_n_best_are_different_and_in_order_and_no_rule_looks_at_the_company(shared, sources):
    rules = SEARCH.model_copy(update={"no_repeat_ngram": 2, "length_penalty": 0.5, "min_length_ratio": 0.5})
    together = batches.search(shared, sources, rules, n_best=3)
    assert ids_of(together) == ids_of(batches.search(shared, sources[::-1], smaller(rules, 5), n_best=3))[::-1]
    for hypotheses in together:
        assert len({hypothesis.ids for hypothesis in hypotheses}) == 3
        assert [h.score for h in hypotheses] == sorted((h.score for h in hypotheses), reverse=True)


def test_loss_is_the_log_probability_that_the_search_found(of_cell, sources):
    """Searching and forced decoding of what was found are the two architectures over the same weights."""
    best = [best for [best] in batches.search(of_cell, sources, SEARCH)]
    pairs = [(source, hypothesis.ids) for source, hypothesis in zip(sources, best, strict=True)]
    measured = batches.losses(of_cell, pairs)
    assert [tokens for _, tokens in measured] == [len(ids) + 1 for _, ids in pairs]
    np.testing.assert_allclose([-nats for nats, _ in measured], [hypothesis.log_prob for hypothesis in best], rtol=1e-4)


def test_losses_and_summaries_do_not_change_with_company(of_cell, sources, random_ids):
    pairs = list(zip(sources, random_ids(12, seed=1), strict=True))
    together, alone = batches.losses(of_cell, pairs, 12), batches.losses(of_cell, pairs[::-1], 1)[::-1]
    np.testing.assert_allclose([nats for nats, _ in together], [nats for nats, _ in alone], rtol=1e-5)
    np.testing.assert_allclose(
        batches.encode(of_cell, sources, 12), batches.encode(of_cell, sources[::-1], 5)[::-1], atol=1e-6
    )


def test_draws_follow_from_seed_and_place_not_from_the_batch(shared, sources):
    together, parted, other = (
        ids_of(batches.sample(shared, sources, smaller(SEARCH, size), Sampling(seed=seed)))
        for size, seed in ((12, 1), (5, 1), (12, 2))
    )
    assert together == parted != other


def test_translating_summaries_is_translating_their_sentences(of_cell, sources):
    tokens = [len(source) for source in sources]
    found = batches.search_summaries(of_cell, batches.encode(of_cell, sources), tokens, SEARCH)
    wanted = [best for [best] in batches.search(of_cell, sources, SEARCH)]
    assert [best.ids for best in found] == [best.ids for best in wanted]
    np.testing.assert_allclose([best.log_prob for best in found], [best.log_prob for best in wanted], rtol=1e-4)


def test_translation_of_a_summary_does_not_change_with_company_or_kind_of_number(shared, sources):
    vectors, tokens = batches.encode(shared, sources), [9] * len(sources)
    together = batches.search_summaries(shared, vectors, tokens, SEARCH)
    parted = batches.search_summaries(shared, vectors[::-1].astype(np.float64), tokens, smaller(SEARCH, 5))[::-1]
    assert [best.ids for best in together] == [best.ids for best in parted]
    whole = batches.search_summaries(shared, np.rint(vectors).astype(int), tokens, SEARCH)
    assert [best.ids for best in whole] == [
        best.ids for best in batches.search_summaries(shared, np.rint(vectors), tokens, SEARCH)
    ]


def test_ensemble_of_one_network_twice_is_that_network(kind, engine_of, shared, sources):
    twice = engine_of(kind, 5, 5)
    assert ids_of(batches.search(twice, sources, SEARCH)) == ids_of(batches.search(shared, sources, SEARCH))


def test_ensemble_averages_the_probabilities_of_its_members(kind, engine_of, shared, sources):
    """All that may follow at once is the end, so its log-probability shows what was averaged."""
    at_once = SEARCH.model_copy(update={"beam_size": 1, "max_length_ratio": 1e-6, "max_length_extra": 1})
    members, ensemble = [shared, engine_of(kind, 6)], engine_of(kind, 5, 6)
    first, second, together = (
        np.array([best.log_prob for [best] in batches.search(engine, sources, at_once)])
        for engine in (*members, ensemble)
    )
    assert (np.abs(first - second) > 0.1).any()
    np.testing.assert_allclose(together, np.logaddexp(first, second) - np.log(2), rtol=1e-5)


CALLS = {
    "encode": lambda engine: engine.encode([[5, 6]]),
    "score": lambda engine: engine.token_losses([([5, 6], [7])]),
    "translate_summaries": lambda engine: engine.search_summaries(
        np.zeros((1, 16)), length_limits([5], SEARCH), SEARCH
    ),
}


@pytest.mark.parametrize("call", CALLS)
def test_ensemble_has_no_single_summary(kind, engine_of, call):
    ensemble = engine_of(kind, 5, 5)
    with pytest.raises(CheckpointError, match="summaries and scores belong to one run: received an ensemble of 2"):
        CALLS[call](ensemble)


def short_list(candidates=100):
    """Candidates of each source piece, drawn at random."""
    draw = np.random.default_rng(2)
    likeliest = np.array([draw.permutation(np.arange(4, 40))[:candidates] for _ in range(40)], np.uint16)
    return Shortlist(likeliest, np.arange(4, 10, dtype=np.uint16))


def test_short_listed_translations_hold_candidates_only_and_do_not_change_with_company(shared, sources):
    settings, shortlist = SEARCH.model_copy(update={"shortlist": 2}), short_list()
    together = ids_of(batches.search(shared, sources, settings, shortlist=shortlist))
    alone = ids_of(batches.search(shared, sources[::-1], smaller(settings, 5), shortlist=shortlist))[::-1]
    assert together == alone != ids_of(batches.search(shared, sources, SEARCH))
    for [ids], allowed in zip(together, shortlist.candidates(sources, 2), strict=True):
        assert set(ids) <= set(allowed.tolist()) | set(shortlist.likeliest[2, :2].tolist())  # those of the end symbol


def test_short_list_that_is_not_there_is_an_error(shared, sources):
    with pytest.raises(CheckpointError, match="a short-list is asked for, and this translator has none"):
        batches.search(shared, sources, SEARCH.model_copy(update={"shortlist": 2}))


def test_engine_tells_what_its_network_is(kind, engine_of, shared):
    assert (shared.pieces, shared.summary_size, shared.has_attention) == (40, 16, False)
    assert engine_of(kind, attention=True).has_attention
    assert shared.batches_at_once >= 1
