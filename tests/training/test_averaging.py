"""Means of weights: what they are, by hand, and that training goes on without them."""

import numpy as np
import pytest

from seq2seq.runs.checkpoint import weights_of
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import parse_config
from seq2seq.training.averaging import LastWeights, measured_weights


def updated(model, times):
    """The weights after each of some updates by made-up gradients."""
    random = np.random.default_rng(3)
    after = []
    for _ in range(times):
        gradients = [
            random.normal(size=tuple(variable.shape)).astype("float32") for variable in model.trainable_variables
        ]
        model.optimizer.apply(gradients, model.trainable_variables)
        after.append({name: np.array(array) for name, array in weights_of(model).items()})
    return after


def network_like(other, make, **sections):
    model = make(**sections)
    for variable, value in zip(model.weights, other.weights, strict=True):
        variable.assign(value)
    return model


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("rates", [{}, {"encoder": 0.5}])
def test_average_is_the_recurrence_by_hand_and_changes_no_update(small_network, rates, optimizer):
    plain = small_network(training={"optimizer": optimizer}, finetune={"rates": rates})
    training = {"averaging": 0.25, "optimizer": optimizer}
    model = network_like(plain, small_network, training=training, finetune={"rates": rates})
    after = updated(model, 5)
    for mine, theirs in zip(after, updated(plain, 5), strict=True):
        for name, array in theirs.items():
            np.testing.assert_array_equal(mine[name], array, err_msg=name)
    expected = after[0]
    for step, weights in enumerate(after[1:], 1):
        decay = min(0.25, step / (10 + step))
        expected = {name: decay * expected[name] + (1 - decay) * weights[name] for name in weights}
    with measured_weights(model, weights_of(model)) as measured:
        for name, array in weights_of(model).items():
            np.testing.assert_allclose(array, expected[name], rtol=1e-4, atol=1e-7, err_msg=name)
            np.testing.assert_array_equal(array, measured[name])
    for name, array in weights_of(model).items():
        np.testing.assert_array_equal(array, after[-1][name], err_msg=name)


def test_weights_come_back_after_an_error(small_network):
    model = small_network(training={"averaging": 0.9})
    (_, after) = updated(model, 2)
    with pytest.raises(KeyboardInterrupt), measured_weights(model, weights_of(model)):
        raise KeyboardInterrupt
    for name, array in weights_of(model).items():
        np.testing.assert_array_equal(array, after[name], err_msg=name)


def test_average_counts_from_the_beginning_of_a_fine_tuning(small_network):
    """A parent's updates are no updates of this average: it begins at the first new weight."""
    model = small_network(training={"averaging": 0.999})
    model.optimizer._begin = 700
    model.optimizer.iterations.assign(700)
    (after,) = updated(model, 1)
    with measured_weights(model, weights_of(model)) as measured:
        for name, array in after.items():
            np.testing.assert_allclose(measured[name], array, rtol=1e-6, err_msg=name)


def test_last_weights_are_kept_and_their_mean_is_the_mean(tmp_path):
    run = RunDirectory(tmp_path / "run")
    run.create(parse_config({}), {})
    weights = LastWeights(run, 3)
    for evaluation in range(5):
        weights.keep(evaluation, 10 * evaluation, {"w": np.array([evaluation, -1.5], np.float32)})
    count, mean = LastWeights(run, 3).mean()  # another process goes on
    assert count == 3
    np.testing.assert_array_equal(mean["w"], np.array([3.0, -1.5], np.float32))
    assert mean["w"].dtype == np.float32
    weights.forget()
    assert weights.mean() == (0, {})
    assert not any(run.checkpoints.iterdir())
