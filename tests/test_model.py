"""Law 1: stepping equals teacher forcing. Law 2: nothing depends on padding. Law 12: the gradient is exact."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

from seq2seq.backend import compiled
from seq2seq.layers.cells import CELLS
from seq2seq.model_from_settings import build_model
from seq2seq.settings.config import Model

V_SOURCE, V_TARGET = 17, 13
SMALL = {"embedding": 6, "encoder_units": 5, "decoder_units": 7}


def small_model(precision="float32", **settings):
    keras.utils.set_random_seed(3)
    return build_model(Model(**SMALL | settings), V_SOURCE, V_TARGET, precision)


def batch(rows=3, source=7, target=5):
    random = np.random.default_rng(0)
    ids = random.integers(4, V_SOURCE, (rows, source)).astype("int32")
    ids[np.arange(source) >= np.array([[source], [3], [1]])[:rows]] = 0
    return {"source": ids, "target_in": random.integers(4, V_TARGET, (rows, target)).astype("int32")}


DEPTHS = [
    {"cell": cell, "encoder_layers": layers, "decoder_layers": layers, "attention": attention}
    for cell, layers, attention in itertools.product(CELLS, (1, 2), (False, True))
]
METHODS = [
    {"residual": True, "encoder_layers": 2, "decoder_layers": 3, "attention": True},
    *({"cell": cell, "layer_norm": True, "decoder_layers": 2} for cell in CELLS),
    {"pooling": "slots", "slots": 3, "attention": True},
]


@pytest.mark.parametrize("settings", DEPTHS + METHODS, ids=str)
def test_stepping_equals_teacher_forcing(settings):
    model = small_model(**settings)
    inputs = batch()

    def both(source, target_in):
        encoding = model.encode(source)
        forced = model.decode(encoding, target_in)
        state, stepped = model.start(encoding), []
        for u in range(target_in.shape[1]):
            logits, state = model.step(state, target_in[:, u])
            stepped.append(logits)
        return forced, ops.stack(stepped, axis=1)

    forced, stepped = compiled(both, model)(inputs["source"], inputs["target_in"])
    np.testing.assert_allclose(stepped, forced, atol=2e-5)


@pytest.mark.parametrize("settings", [{}, {"summary_every_step": False}, {"tied_embeddings": False}])
def test_settings_of_the_decoder_keep_the_law(settings):
    model, inputs = small_model(**settings), batch()
    forced = model(inputs)
    logits, _ = model.step(model.start(model.encode(inputs["source"])), inputs["target_in"][:, 0])
    np.testing.assert_allclose(logits, forced[:, 0], atol=2e-5)


@pytest.mark.parametrize("settings", [{}, *METHODS], ids=str)
def test_logits_do_not_change_with_padding_or_company(settings):
    model, inputs = small_model(**settings), batch()
    logits = np.asarray(model(inputs))
    alone = model({"source": inputs["source"][1:2, :3], "target_in": inputs["target_in"][1:2]})
    np.testing.assert_allclose(logits[1], np.asarray(alone)[0], atol=1e-5)


def test_summary_is_all_that_passes():
    """Two encodings with the same summary and different states decode alike."""
    model, inputs = small_model(), batch()
    encoding = model.encode(inputs["source"])
    other = encoding._replace(states=encoding.states * 0, mask=ops.zeros_like(encoding.mask))
    np.testing.assert_array_equal(model.decode(encoding, inputs["target_in"]), model.decode(other, inputs["target_in"]))


def test_tied_and_shared_embeddings_are_one_table():
    tied, free = small_model(), small_model(tied_embeddings=False)
    assert tied.output_embedding is tied.target_embedding
    assert free.count_params() - tied.count_params() == V_TARGET * SMALL["embedding"]
    keras.utils.set_random_seed(3)
    shared = build_model(Model(**SMALL, shared_embeddings=True), V_TARGET, V_TARGET)
    assert shared.source_embedding is shared.target_embedding is shared.output_embedding


def test_parameters_do_not_depend_on_any_length():
    model = small_model()
    before = model.count_params()
    for source, target in ((1, 2), (9, 6)):
        model({"source": np.full((1, source), 5, "int32"), "target_in": np.full((1, target), 5, "int32")})
    assert model.count_params() == before


def test_dropout_acts_in_training_alone():
    model, inputs = small_model(input_dropout=0.5, output_dropout=0.5, word_dropout=0.5), batch()
    np.testing.assert_array_equal(model(inputs), model(inputs))
    assert not np.allclose(model(inputs, training=True), model(inputs, training=True))


@pytest.mark.parametrize("method", [{"weight_drop": 0.5}, {"variational_dropout": True, "input_dropout": 0.5}], ids=str)
def test_dropout_of_a_method_acts_in_training_alone(method):
    model, plain = (small_model(**{"input_dropout": 0.0, "output_dropout": 0.0} | more) for more in (method, {}))
    inputs = batch()
    for mine, theirs in zip(model.trainable_variables, plain.trainable_variables, strict=True):
        mine.assign(theirs)  # the seeds of dropouts are drawn too, so the weights were drawn after others
    np.testing.assert_array_equal(model(inputs), plain(inputs))
    assert not np.allclose(model(inputs, training=True), model(inputs, training=True))
    np.testing.assert_array_equal(plain(inputs, training=True), plain(inputs))


def test_word_dropout_spares_the_reserved_pieces():
    model = small_model(word_dropout=0.9)
    ids = np.array([[5, 2, 0, 7, 1, 9] * 20], "int32")
    dropped = np.asarray(model._drop_words(ids, True))
    assert (dropped[ids < 4] == ids[ids < 4]).all()
    assert 0.7 < (dropped[ids >= 4] == 3).mean() < 1.0


def test_bfloat16_is_near_float32():
    full, inputs = small_model(), batch()
    half = small_model("bfloat16")
    for mine, theirs in zip(half.trainable_variables, full.trainable_variables, strict=True):
        mine.assign(theirs)
    assert all(variable.dtype == "float32" for variable in half.trainable_variables)
    np.testing.assert_allclose(ops.cast(half(inputs), "float32"), full(inputs), atol=0.05)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="finite differences need float64, which JAX has off"
)
@pytest.mark.parametrize(("cell", "direction"), list(itertools.product(CELLS, ["forward", "bidirectional"])))
def test_gradient_of_the_summary_with_respect_to_an_early_word_is_exact(cell, direction):
    import tensorflow as tf

    encoder = small_model("float64", cell=cell, direction=direction, encoder_layers=2).encoder
    random, T = np.random.default_rng(0), 6
    embedded, weights = random.normal(size=(1, T, SMALL["embedding"])), random.normal(size=(1, encoder.size))

    def functional(x):
        return tf.reduce_sum(encoder(x, np.array([T], "int32"))[1] * weights)

    tensor = tf.constant(embedded)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        value = functional(tensor)
    gradient, epsilon = tape.gradient(value, tensor).numpy(), 1e-6
    for step, component in ((0, 0), (0, 3), (T - 1, 1)):
        delta = np.zeros_like(embedded)
        delta[0, step, component] = epsilon
        numerical = (float(functional(embedded + delta)) - float(functional(embedded - delta))) / (2 * epsilon)
        assert gradient[0, step, component] == pytest.approx(numerical, rel=1e-5, abs=1e-10)


def test_guessed_words_are_those_of_a_first_pass_and_the_others_are_true():
    """Scheduled sampling: where it is marked, the decoder reads what it would have written behind the true words."""
    model = small_model(input_dropout=0.0, output_dropout=0.0)
    inputs = batch()
    guesses = np.argmax(model(inputs), axis=-1)
    guessed = np.array([[0, 1, 0, 1, 1], [0, 0, 0, 0, 0], [0, 0, 1, 0, 0]], "int32")
    read = np.where(guessed, np.concatenate([inputs["target_in"][:, :1], guesses[:, :-1]], axis=1), inputs["target_in"])
    assert (read != inputs["target_in"]).any()
    expected = model(inputs | {"target_in": read.astype("int32")})
    np.testing.assert_allclose(model(inputs | {"guessed": guessed}, training=True), expected, atol=1e-6)
    np.testing.assert_allclose(model(inputs | {"guessed": guessed}), model(inputs), atol=1e-6)  # only in training
