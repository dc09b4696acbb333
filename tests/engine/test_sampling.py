"""How to draw: values that are refused, and random numbers that belong to a sentence alone."""

import re

import numpy as np
import pytest

from seq2seq.engine.sampling import Sampling
from seq2seq.errors import ConfigError


@pytest.mark.parametrize(
    "wrong",
    [
        *({"temperature": value} for value in (0.0, -1.0, 1e-20, 1e8, float("nan"), float("inf"), "hot", True)),
        *({"top_k": value} for value in (-1, 1.5)),
        *({"top_p": value} for value in (0.0, 1.5, float("nan"))),
        *({"seed": value} for value in (-1, 0.5)),
    ],
    ids=str,
)
def test_sampling_out_of_range_is_refused(wrong):
    [(name, value)] = wrong.items()
    with pytest.raises(ConfigError, match=rf"sampling needs {name} to be .*: received {re.escape(repr(value))}"):
        Sampling(**wrong)


def test_random_numbers_follow_from_seed_and_place_alone():
    together = Sampling(seed=3).uniforms([4, 9, 5], 6)
    assert together.shape == (3, 6)
    assert together.dtype == np.float32
    np.testing.assert_array_equal(together[1], Sampling(temperature=0.5, seed=3).uniforms([9], 6)[0])
    assert len(np.unique(together)) == 18
    assert not np.array_equal(together, Sampling(seed=2).uniforms([4, 9, 5], 6))
