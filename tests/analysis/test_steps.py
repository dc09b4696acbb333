"""The states of a network step by step."""

import numpy as np
import pytest

from seq2seq.analysis.steps import decoder_steps, encoder_steps
from seq2seq.symbols import EOS

UNITS = 8  # of the ordinary network, in each direction


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_rows_are_the_states_of_the_network(ordinary, cell):
    subject = ordinary(count=5, cell=cell, direction="bidirectional", decoder_layers=2)
    sources, targets = ([list(ids) for ids in side] for side in (subject.source_ids, subject.target_ids))
    by_direction = encoder_steps(subject, sources, targets)
    states = subject.model.decoder.states
    for row, source in enumerate(sources):
        forward, backward = (steps.take(steps.sentences == row) for steps in by_direction.values())
        assert forward.states.shape == (len(source) + 1, states * UNITS)
        summary = np.concatenate([forward.states[-1, :UNITS], backward.states[-1, :UNITS]])
        np.testing.assert_allclose(summary, subject.summaries[row], atol=1e-5)
        assert list(forward.tokens) == list(backward.tokens[::-1]) == [*source, EOS]
        assert list(forward.done) == list(range(1, len(source) + 2)) == list(backward.left[::-1] + 1)
    steps, ends = decoder_steps(subject, sources, targets)
    losses, _ = subject.token_losses(sources, targets)
    np.testing.assert_allclose(
        -ends[steps.left == 0], [losses[row, len(target)] for row, target in enumerate(targets)], atol=1e-4
    )
    assert steps.states.shape[1] == states * UNITS
