"""Where the decoder reads its guesses: a share that rises, and never the start symbol or padding."""

import numpy as np

from seq2seq.data.guesses import Guesses

WEIGHTS = np.repeat((np.arange(50) < 40)[None] / 40, 60, axis=0).astype(np.float32)


def share(guesses, epoch, batch):
    return guesses.places(WEIGHTS, epoch, batch, 10)[:, 1:40].mean()


def test_share_rises_linearly_from_nothing_to_the_highest():
    guesses = Guesses(0.5, 4, seed=1)
    assert share(guesses, 0, 0) == 0
    for epoch, batch in ((1, 0), (2, 5), (3, 9)):
        assert abs(share(guesses, epoch, batch) - 0.5 * (epoch + batch / 10) / 4) < 0.03


def test_start_symbol_and_padding_stay():
    places = Guesses(0.99, 1, seed=1).places(WEIGHTS, 0, 9, 10)
    assert places[:, 1:40].mean() > 0.85
    assert not places[:, 0].any()
    assert not places[:, 40:].any()


def test_places_are_a_function_of_seed_epoch_and_batch():
    same = Guesses(0.5, 4, seed=1), Guesses(0.5, 4, seed=1)
    np.testing.assert_array_equal(*(guesses.places(WEIGHTS, 2, 3, 10) for guesses in same))
    others = [Guesses(0.5, 4, seed=seed).places(WEIGHTS, epoch, batch, 10) for seed, epoch, batch in
              ((2, 2, 3), (1, 3, 3), (1, 2, 4))]  # fmt: skip
    for other in others:
        assert (other != same[0].places(WEIGHTS, 2, 3, 10)).any()
