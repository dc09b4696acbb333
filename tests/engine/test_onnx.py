"""Law 11: the engine of onnxruntime gives what Keras gives, for every network that can be trained."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seq2seq.data.shortlist import Shortlist
from seq2seq.engine import batches
from seq2seq.engine.network import Encoding
from seq2seq.engine.onnx import OnnxEngine
from seq2seq.engine.sampling import Sampling
from seq2seq.engine.shapes import source_rows
from seq2seq.errors import ConfigError
from seq2seq.losses import token_losses
from seq2seq.settings.config import Model, Translation

SEARCHES = {
    "greedy": (Translation(beam_size=1), 1),
    "beam": (Translation(beam_size=4), 1),
    "n-best, short": (Translation(beam_size=3, length_penalty=0.0, max_length_ratio=0.7), 3),
    "rules": (Translation(beam_size=4, length_penalty=0.6, no_repeat_ngram=2, min_length_ratio=0.8), 2),
    "short-list": (Translation(beam_size=3, shortlist=4), 2),
    "greedy with a short-list": (Translation(beam_size=1, shortlist=4), 1),
}
KINDS = {  # every setting that changes the shape of a graph, at least once
    "plain": {},
    "deep": {"cell": "lstm", "encoder_layers": 2, "decoder_layers": 2, "attention": True},
    "simple": {"cell": "rnn", "direction": "reversed", "pooling": "max", "activation": "softsign", "decoder_layers": 2},
    "residual": {"encoder_layers": 3, "decoder_layers": 3, "residual": True, "attention": True},
    "normalised": {"cell": "lstm", "layer_norm": True, "decoder_layers": 2, "pooling": "slots", "slots": 3},
    "one start": {"direction": "forward", "pooling": "mean", "summary_every_step": False, "tied_embeddings": False},
}


@pytest.fixture(scope="module")
def both(engine_of):
    """A function of a kind of network: the same network in both engines."""
    made = {}

    def make(name):
        if name not in made:
            made[name] = [engine_of(kind, **KINDS[name]) for kind in ("keras", "float32")]
        return made[name]

    return make


@pytest.fixture(scope="module")
def shortlist():
    draw = np.random.default_rng(2)
    likeliest = np.array([draw.permutation(np.arange(4, 40)) for _ in range(40)], np.uint16)
    return Shortlist(likeliest, np.arange(4, 10, dtype=np.uint16))


OTHERS = [(kind, rules) for kind in ("deep", "simple", "one start") for rules in ("greedy", "rules")]
METHODS = [("residual", "rules"), ("normalised", "rules")]


@pytest.mark.parametrize(("kind", "rules"), [*(("plain", rules) for rules in SEARCHES), *OTHERS, *METHODS])
def test_search_finds_what_keras_finds(both, sources, shortlist, kind, rules):
    search, n_best = SEARCHES[rules]
    search = search.model_copy(update={"max_length_extra": 6})
    first, second = (batches.search(e, sources, search, n_best=n_best, shortlist=shortlist) for e in both(kind))
    assert [[h.ids for h in sentence] for sentence in first] == [[h.ids for h in sentence] for sentence in second]
    for name in ("score", "log_prob"):
        numbers = [[[getattr(h, name) for h in sentence] for sentence in found] for found in (first, second)]
        np.testing.assert_allclose(numbers[0], numbers[1], rtol=1e-4, atol=1e-4)
    assert [[h.cut for h in sentence] for sentence in first] == [[h.cut for h in sentence] for sentence in second]


def test_draws_are_those_of_keras(both, sources):
    rules = Sampling(temperature=0.8, top_k=20, top_p=0.9)
    search = Translation(min_length_ratio=0.5, max_length_extra=6)
    first, second = (batches.sample(engine, sources, search, rules) for engine in both("plain"))
    assert [hypothesis.ids for [hypothesis] in first] == [hypothesis.ids for [hypothesis] in second]
    np.testing.assert_allclose([h.log_prob for [h] in first], [h.log_prob for [h] in second], rtol=1e-4)


def test_start_symbol_is_the_one_that_is_given(both, sources):
    first, second, default = (
        [best.ids for [best] in batches.search(engine, sources, Translation(beam_size=2), start_symbol=symbol)]
        for engine, symbol in zip([*both("plain"), both("plain")[1]], (9, 9, 1), strict=True)
    )
    assert first == second != default


def test_ensembles_find_the_same(engine_of, sources, shortlist):
    engines = [engine_of(kind, 5, 6) for kind in ("keras", "float32")]
    first, second = ([best.ids for [best] in batches.search(e, sources, Translation(beam_size=3))] for e in engines)
    assert first == second


NETWORKS = st.builds(
    Model,
    cell=st.sampled_from(["rnn", "gru", "lstm"]),
    activation=st.sampled_from(["tanh", "relu", "elu", "softsign", "linear"]),
    recurrent_activation=st.sampled_from(["sigmoid", "hard_sigmoid"]),
    embedding=st.integers(1, 9),
    encoder_units=st.integers(1, 9),
    decoder_units=st.integers(1, 9),
    encoder_layers=st.integers(1, 3),
    decoder_layers=st.integers(1, 3),
    layer_norm=st.booleans(),
    residual=st.booleans(),
    direction=st.sampled_from(["forward", "reversed", "bidirectional"]),
    pooling=st.sampled_from(["last", "mean", "max", "slots"]),
    slots=st.integers(1, 5),
    summary_every_step=st.booleans(),
    attention=st.booleans(),
    tied_embeddings=st.booleans(),
    shared_embeddings=st.booleans(),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(chosen=NETWORKS, seed=st.integers(0, 99))
def test_random_network_gives_the_numbers_of_keras(network, as_graphs, random_ids, chosen, seed):
    """Summaries, and by teacher forcing the log-probability of each token; nothing is compiled, to be fast."""
    from keras import ops

    from seq2seq.engine.shapes import forced_rows

    values = chosen.model_dump()
    model = network(seed, **values)
    for variable in model.trainable_variables:
        variable.assign(np.asarray(variable.value) / 2)  # small enough for activations without bounds
    engine = OnnxEngine([as_graphs(model, **values)])
    pairs = list(zip(random_ids(5, seed), random_ids(5, seed + 1), strict=True))
    inputs, target_out, weights = forced_rows(pairs, len(pairs), 1)
    summaries = ops.convert_to_numpy(model.encode(inputs["source"]).summary)
    # Normalisation multiplies what is nearly constant by up to 1 / sqrt(epsilon) = 316, and the rounding of it too.
    amplified = 100 if chosen.layer_norm else 1
    exact = engine.encode([source for source, _ in pairs])
    np.testing.assert_allclose(exact, summaries, rtol=1e-5 * amplified, atol=1e-5 * amplified)
    losses = ops.convert_to_numpy(token_losses(target_out, ops.cast(model(inputs), "float32")))
    expected = np.where(weights > 0, losses, 0)
    np.testing.assert_allclose(
        engine.token_losses(pairs), expected, rtol=1e-5 * amplified, atol=max(1e-4, 1e-5 * amplified)
    )


def test_int8_is_close_to_float32(engine_of, sources):
    exact, rounded = (batches.encode(engine_of(kind), sources) for kind in ("float32", "int8"))
    assert 0 < np.abs(exact - rounded).max() < 0.2


def test_int8_cuts_off_no_vector_that_is_larger_than_one(engine_of, sources):
    """Neither a summary that no encoder made, nor states of an activation without bounds."""
    deep = {"encoder_layers": 3, "decoder_layers": 3}
    normalised = {"layer_norm": True, "pooling": "slots"}
    for sizes in ({}, {"activation": "linear", "encoder_layers": 2}, deep | {"residual": True}, normalised):
        exact, near = (engine_of(kind, **sizes).networks[0] for kind in ("float32", "int8"))
        large = Encoding(5 * exact.encode(source_rows(sources)).summary)
        for ours, theirs in zip(near.start(large).fixed, exact.start(large).fixed, strict=True):
            assert np.abs(ours - theirs).max() < 0.1 * np.abs(theirs).max()


@pytest.mark.parametrize("kind", ["float32", "int8"])
@pytest.mark.parametrize(("beam", "methods"), [(1, ()), (4, ()), (4, ("residual", "normalised"))])
def test_numbers_do_not_change_with_company(engine_of, sources, kind, beam, methods):
    """Law 2, to the last digit that rounding by row leaves."""
    sizes = {name: value for method in methods for name, value in KINDS[method].items()}
    engine, search = engine_of(kind, **sizes), Translation(beam_size=beam, max_length_extra=6)
    together = batches.search(engine, sources, search)
    alone = [batches.search(engine, [source], search)[0] for source in sources]
    assert [best.ids for [best] in together] == [best.ids for [best] in alone]
    np.testing.assert_allclose([b.log_prob for [b] in together], [b.log_prob for [b] in alone], rtol=1e-5)


def test_threads_share_an_engine(engine_of, sources):
    engine, search = engine_of("float32"), Translation(beam_size=3, shortlist=0)
    wanted = batches.search(engine, sources, search)
    with ThreadPoolExecutor(4) as pool:
        assert all(found == wanted for found in pool.map(lambda _: batches.search(engine, sources, search), range(8)))


@pytest.mark.parametrize("networks", [[], "run"])
def test_what_are_no_networks_is_refused(networks):
    with pytest.raises(ConfigError, match=r"networks are a list, received .*: give one OnnxNetwork or more"):
        OnnxEngine(networks)
