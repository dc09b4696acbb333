"""The recipe `sharing`: laws of its cells, its arms' sizes, and its command line on tiny data."""

import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from seq2seq.backend import compiled
from seq2seq.layers.recurrent import Recurrent
from seq2seq.settings.config import Model

RECIPE = Path(__file__).parent.parent / "recipes" / "sharing"
sys.path.insert(0, str(RECIPE))  # recipes are no package
from arms import ARMS, CLOCKED, build, parameters, widened  # noqa: E402
from cells import ClockedGRU, HyperGRU  # noqa: E402

sys.path.remove(str(RECIPE))

B, T, E, H, STEPS = 3, 6, 4, 5, 4  # sentences longer than any that training saw
LAYERS = (*CLOCKED, "hyper-network")
TINY = Model(embedding=E, encoder_units=H, decoder_units=H, direction="reversed")
PIECES, LONGEST = (20, 30), (STEPS, STEPS + 1)


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def layer_of(name, constant=0):
    layer = HyperGRU(H, 2) if name == "hyper-network" else ClockedGRU(H, STEPS, **CLOCKED[name])
    layer.build((None, None, E), constant)
    return layer


def scrambled(name):
    """Weights that differ from step to step and from template to template."""
    layer = layer_of(name)
    for index, weight in enumerate(layer.weights):
        weight.assign(draw(*weight.shape, seed=index) * 0.5)
    return layer


def shared(kernel, recurrent_kernel, bias, constant_kernel=None):
    """The ordinary layer with these weights."""
    layer = Recurrent("gru", H)
    layer.build((None, None, E), 0 if constant_kernel is None else constant_kernel.shape[0])
    layer.kernel.assign(kernel)
    layer.recurrent_kernel.assign(recurrent_kernel)
    layer.bias.assign(bias)
    if constant_kernel is not None:
        layer.constant_kernel.assign(constant_kernel)
    return layer


def weights_at(layer, step):
    """W, U and b of one step."""
    return [np.asarray(mixture(np.array([step])))[0] for mixture in (layer.kernel, layer.recurrent_kernel, layer.bias)]


class Alone(keras.Model):
    """A recurrent layer as a model, inputs to all states: the whole sequence, or step after step."""

    def __init__(self, layer, stepwise=False):
        super().__init__()
        self.layer, self.stepwise = layer, stepwise

    def call(self, inputs):
        if not self.stepwise:
            return self.layer(inputs)[0]
        states, found = (ops.zeros((B, H)), *self.layer.memory(B)), []
        for t in range(T):
            states = self.layer.step(inputs[:, t], states)
            found.append(states[0])
        return ops.stack(found, axis=1)


def gradients(model, weights, x):
    """Of a random functional of all states, by what `fit` does: one step of plain descent at rate one."""
    before = [np.asarray(weight).copy() for weight in weights]
    model.compile(keras.optimizers.SGD(1.0), loss="mse", jit_compile=False)
    model.fit(x, draw(B, T, H, seed=9), batch_size=B, verbose=0)
    after = [np.asarray(weight).copy() for weight in weights]
    for weight, value in zip(weights, before, strict=True):
        weight.assign(value)
    return [old - new for old, new in zip(before, after, strict=True)]


@pytest.mark.parametrize("name", [name for name in LAYERS if name != "unshared"])
def test_layer_starts_as_the_shared_one(name):
    layer, x, constant = layer_of(name, constant=2), draw(B, T, E), ops.convert_to_tensor(draw(B, 2, seed=1))
    if name == "hyper-network":
        ordinary = shared(layer.kernel, layer.recurrent_kernel, layer.bias, layer.constant_kernel)
    else:
        ordinary = shared(*weights_at(layer, 0), np.asarray(layer.constant_kernel.table)[0])
    found = layer(x, projected_constant=layer.project_constant(constant))[0]
    wanted = ordinary(x, projected_constant=ordinary.project_constant(constant))[0]
    np.testing.assert_allclose(found, wanted, atol=1e-6)


@pytest.mark.parametrize("name", CLOCKED)
def test_equal_weights_at_all_steps_are_the_shared_layer(name):
    layer, x = scrambled(name), draw(B, T, E)
    for mixture in (layer.kernel, layer.recurrent_kernel, layer.bias):
        mixture.table.assign(np.broadcast_to(np.asarray(mixture.table)[:1], mixture.table.shape))
    np.testing.assert_allclose(layer(x)[0], shared(*weights_at(layer, 0))(x)[0], atol=1e-6)


@pytest.mark.parametrize("name", CLOCKED)
def test_every_step_uses_its_own_weights_and_the_last_ones_ever_after(name):
    layer, x = scrambled(name), draw(B, T, E)
    states, found = ops.zeros((B, H)), np.asarray(layer(x)[0])
    for t in range(T):
        (states,) = shared(*weights_at(layer, min(t, STEPS - 1))).step(ops.convert_to_tensor(x[:, t]), (states,))
        np.testing.assert_allclose(found[:, t], states, atol=1e-6)
    biases = [weights_at(layer, t)[2] for t in range(STEPS)]
    assert not np.allclose(biases[0], biases[1])
    kernels = [weights_at(layer, t)[1] for t in range(STEPS)]
    assert np.allclose(kernels[0], kernels[1]) == (name == "biases unshared")


def test_soft_weights_are_mixed_from_their_templates():
    layer = scrambled("soft-shared")
    logits, templates = np.asarray(layer.kernel.logits), np.asarray(layer.kernel.table)
    for t in range(T):
        alpha = np.exp(logits[min(t, STEPS - 1)])
        mixed = np.einsum("k,kij->ij", alpha / alpha.sum(), templates)
        np.testing.assert_allclose(weights_at(layer, t)[0], mixed, atol=1e-6)


def test_unshared_steps_start_apart():
    layer = layer_of("unshared")
    for table in (np.asarray(layer.kernel.table), np.asarray(layer.recurrent_kernel.table)):
        assert all(not np.allclose(table[0], other) for other in table[1:])


def test_hyper_network_scales_rows_by_what_it_reads():
    layer, x = scrambled("hyper-network"), draw(B, T, E)
    changed = x.copy()
    changed[:, 0] += 1
    plain = layer_of("hyper-network")
    assert not np.allclose(layer(x)[0][:, 1], layer(changed)[0][:, 1])
    for ours, theirs in zip(plain.weights, layer.weights, strict=True):
        ours.assign(theirs)
    plain.scales.assign(np.zeros(plain.scales.shape))
    assert not np.allclose(plain(x)[0], layer(x)[0])


@pytest.mark.parametrize("name", LAYERS)
def test_step_equals_sequence(name):
    layer, x = scrambled(name), draw(B, T, E)
    states = (ops.convert_to_tensor(draw(B, H, seed=3)), *layer.memory(B))
    whole = np.asarray(layer(x, states=states)[0])
    for t in range(T):
        states = layer.step(ops.convert_to_tensor(x[:, t]), states)
        np.testing.assert_allclose(states[0], whole[:, t], atol=1e-6)


@pytest.mark.parametrize("name", ["unshared", "soft-shared", "hyper-network"])
def test_gradient_is_that_of_automatic_differentiation_step_by_step(name):
    layer, x = scrambled(name), draw(B, T, E)
    expected = gradients(Alone(layer, stepwise=True), layer.weights, x)
    for found, wanted in zip(gradients(Alone(layer), layer.weights, x), expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-6)
        assert np.abs(wanted).max() > 1e-4


def test_gradient_of_shared_weights_is_the_sum_over_steps():
    """With equal weights at all steps, what each step asks for adds up to the gradient of the shared layer."""
    layer, x = layer_of("unshared, equal start"), draw(B, T, E)
    ordinary = shared(*weights_at(layer, 0))
    wanted = gradients(Alone(ordinary), ordinary.weights, x)
    for found, expected in zip(gradients(Alone(layer), layer.weights, x), wanted, strict=True):
        np.testing.assert_allclose(found.sum(axis=0), expected, atol=1e-6)


@pytest.mark.parametrize("arm", ARMS)
def test_padding_does_not_change_the_summary(arm):
    model = build(arm, TINY, PIECES, LONGEST)
    for index, weight in enumerate(model.encoder.weights):
        weight.assign(draw(*weight.shape, seed=index) * 0.5)
    encode = compiled(lambda source: model.encode(source).summary, model)
    source = np.array([[5, 6, 7, 2], [8, 2, 0, 0]], "int32")
    np.testing.assert_allclose(encode(source)[1], encode(np.pad(source[1:, :2], ((0, 0), (0, 6))))[0], atol=1e-6)


@pytest.mark.parametrize("arm", ARMS)
def test_free_running_equals_teacher_forcing(arm):
    model = build(arm, TINY, PIECES, LONGEST)
    for index, weight in enumerate(model.weights):
        weight.assign(draw(*weight.shape, seed=index) * 0.5)
    source, target = np.array([[5, 6, 2], [7, 2, 0]], "int32"), np.array([[1, 8, 9, 10, 11, 12, 13]] * 2, "int32")
    logits = np.asarray(model({"source": source, "target_in": target}))
    state = model.start(model.encode(ops.convert_to_tensor(source)))
    for u in range(target.shape[1]):
        step, state = model.step(state, ops.convert_to_tensor(target[:, u]))
        np.testing.assert_allclose(step, logits[:, u], atol=1e-5)


@pytest.mark.parametrize("arm", ARMS)
def test_arms_differ_in_their_recurrent_weights_only(arm):
    model, count = build(arm, TINY, PIECES, LONGEST), parameters(TINY, PIECES)
    if arm == "shared":
        assert model.count_params() == count
    if arm.startswith("unshared"):
        assert model.count_params() == parameters(TINY, PIECES, LONGEST)
    if arm == "shared, wider":
        wide, unshared = widened(TINY, PIECES, LONGEST), parameters(TINY, PIECES, LONGEST)
        assert model.count_params() == parameters(wide, PIECES)
        beside = [wide.model_copy(update=dict.fromkeys(("encoder_units", "decoder_units"), wide.encoder_units + d))
                  for d in (-8, 8) if wide.encoder_units + d > 0]  # fmt: skip
        distance = [abs(parameters(each, PIECES) - unshared) for each in (wide, *beside)]
        assert distance[0] == min(distance)
    recurrent = sum(w.count_params() for w in (model.encoder.stack[0][0], model.decoder.stack[0]))
    if arm != "shared, wider":
        ordinary = 3 * H * (E + H + 1) + 3 * H * (E + 2 * H + 1)  # the decoder reads the summary too
        assert model.count_params() - recurrent == count - ordinary


@pytest.mark.parametrize(("name", "value"), [("cell", "lstm"), ("direction", "bidirectional"), ("attention", True)])
def test_arms_refuse_settings_that_they_would_not_follow(name, value):
    with pytest.raises(SystemExit, match=f"model.{name}: this recipe exchanges"):
        build("shared", TINY.model_copy(update={name: value}), PIECES, LONGEST)


def launch(*arguments, cwd):
    line = [sys.executable, str(RECIPE / "run.py"), *map(str, arguments)]
    return subprocess.run(line, cwd=cwd, capture_output=True, text=True, timeout=600, check=False)


SMALL = (
    *("--sentences", 300, "--tests", 8, "tokenizer.vocabulary_size=900", "training.epochs=1"),
    *(f"model.{size}=8" for size in ("embedding", "encoder_units", "decoder_units")),
)


def test_recipe_trains_arms_reports_and_does_nothing_twice(tmp_path):
    arms = ("--arms", "shared", "unshared, equal start", "--seeds", 1)
    made = launch(*SMALL, *arms, cwd=tmp_path)
    assert made.returncode == 0, made.stderr[-2000:]
    runs = tmp_path / "runs" / "sharing"
    results = json.loads((runs / "results.json").read_text(encoding="utf-8"))
    assert [training["arm"] for training in results["trainings"]] == ["shared", "unshared, equal start"]
    assert results["reach"][0][0] == 300
    assert all(set(training["losses"]) == {"train", "dev"} for training in results["trainings"])
    assert len(results["trainings"][1]["change"][0]) == sum(count >= 3 for count in results["reach"][0]) - 1
    assert (runs / "sharing.png").read_bytes().startswith(b"\x89PNG")
    times = {path: path.stat().st_mtime_ns for path in runs.glob("*-1.json")}
    again = launch(*SMALL, *arms, cwd=tmp_path)
    assert again.stdout == made.stdout
    assert {path: path.stat().st_mtime_ns for path in runs.glob("*-1.json")} == times
    other = launch(*SMALL, *arms, "training.seed=5", cwd=tmp_path)
    assert other.returncode == 1
    assert "was made with other settings" in other.stderr


def test_recipe_names_the_arms_that_there_are(tmp_path):
    result = launch("--arms", "nothing", cwd=tmp_path)
    assert result.returncode == 2
    assert all(arm in result.stderr for arm in ARMS)


@pytest.mark.data
def test_recipe_reads_multi30k(tmp_path, data_folder):
    arguments = ("--data", data_folder / "multi30k", "--arms", "shared", "--seeds", 1)
    result = launch(*SMALL, *arguments, cwd=tmp_path)
    assert result.returncode == 0, result.stderr[-2000:]
    texts = json.loads((tmp_path / "runs" / "sharing" / "data" / "texts.json").read_text(encoding="utf-8"))
    assert max(len(english.split()) for english, _ in texts["train"]) <= 12
    assert min(len(english.split()) for english, _ in texts["21-30"]) >= 21


def test_figures_of_the_recipe_are_those_of_its_results():
    code = "import json, report; print(report.section(json.load(open('results.json', encoding='utf-8'))))"
    made = subprocess.run([sys.executable, "-c", code], cwd=RECIPE, capture_output=True, text=True, check=True).stdout
    assert made.strip() in (RECIPE / "README.md").read_text(encoding="utf-8")
