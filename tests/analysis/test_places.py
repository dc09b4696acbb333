"""Places of sentences, counted from either end."""

import numpy as np

from seq2seq.analysis.places import by_place, from_the_end


def test_places_from_the_end_are_those_of_each_sentence():
    turned = from_the_end(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, np.nan]]), np.array([3, 2]))
    np.testing.assert_array_equal(turned, [[3, 2, 1], [5, 4, np.nan]])
    assert by_place(turned)["mean"] == [4, 3, 1]
