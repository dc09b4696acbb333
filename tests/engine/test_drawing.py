"""Drawing on the host: the same draws as the compiled sampling, whatever the rules."""

import numpy as np
import pytest
from keras import ops

from seq2seq.decoding.sampling import sample
from seq2seq.engine.drawing import draw
from seq2seq.engine.network import State
from seq2seq.engine.sampling import Sampling
from seq2seq.engine.shapes import Limits
from seq2seq.symbols import EOS

B, V, U = 40, 30, 7


@pytest.fixture(scope="module")
def table():
    """log P(next piece | last piece)."""
    logits = np.random.default_rng(0).normal(size=(V, V)).astype(np.float32)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


RULES = [
    Sampling(),
    Sampling(temperature=0.5),
    Sampling(temperature=3.0, top_k=3),
    Sampling(top_p=0.6),
    Sampling(temperature=0.001),
    Sampling(top_k=1000, top_p=1e-9),
]


@pytest.mark.parametrize("rules", RULES)
def test_draws_are_those_of_the_compiled_sampling(table, rules):
    random = np.random.default_rng(5)
    maximum = random.integers(1, U + 1, B).astype(np.int32)
    limits = Limits(np.minimum(random.integers(0, 4, B), maximum).astype(np.int32), maximum)
    uniforms = random.random((B, U), np.float32)
    state = State((np.zeros((B, 1, 1), np.float32),), ())
    ours = draw(lambda token, state: (table[token], state), state, limits, rules, uniforms)
    theirs = sample(
        lambda state, token: (ops.take(ops.convert_to_tensor(table), ops.cast(token, "int32"), axis=0), state),
        ops.zeros((B, 1)),
        minimum=limits.minimum,
        maximum=limits.maximum,
        uniforms=uniforms,
        pieces=V,
        temperature=rules.temperature,
        top_k=rules.top_k,
        top_p=rules.top_p,
    )
    np.testing.assert_array_equal(ours.tokens, ops.convert_to_numpy(theirs.tokens))
    for mine, other in zip(ours[1:], theirs[1:], strict=True):
        np.testing.assert_allclose(mine, ops.convert_to_numpy(other), rtol=1e-4)
    assert ((ours.tokens == EOS).sum(axis=2) == 1).all()
