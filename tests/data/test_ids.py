import numpy as np
import pytest

from seq2seq.data.ids import Ids, ids_of_texts, join, split


class Words:
    """Stands in for a tokenizer: a text is its ids, written in decimals."""

    def encode(self, texts):
        return [[int(word) for word in text.split()] for text in texts]


TEXTS = ["4 5", "", "65534", "7 8 9", ""]


def texts_of(side):
    ends = np.cumsum(side.lengths)
    return [" ".join(map(str, side.ids[end - length : end])) for end, length in zip(ends, side.lengths, strict=True)]


def sides(texts):
    return ids_of_texts(Words(), texts), ids_of_texts(Words(), texts[::-1])


def test_ids_of_texts_are_in_one_array():
    side = ids_of_texts(Words(), TEXTS)
    assert side.ids.tolist() == [4, 5, 65534, 7, 8, 9]
    assert side.lengths.tolist() == [2, 0, 1, 3, 0]


def test_id_that_no_vocabulary_can_have_is_an_error():
    with pytest.raises(OverflowError):
        ids_of_texts(Words(), ["4 65536"])


def test_select_takes_some_texts():
    side = ids_of_texts(Words(), TEXTS).select(np.array([True, True, False, True, False]))
    assert texts_of(side) == ["4 5", "", "7 8 9"]


@pytest.mark.parametrize("count", range(6))
def test_split_and_join_change_no_text(count):
    first, rest = split(sides(TEXTS), count)
    assert texts_of(first[0]) == TEXTS[:count]
    assert texts_of(rest[1]) == TEXTS[::-1][count:]
    whole = join([first, rest])
    assert [texts_of(side) for side in whole] == [TEXTS, TEXTS[::-1]]


def test_join_of_one_portion_is_the_portion():
    portion = (Ids(np.arange(3, dtype=np.uint16), np.array([3], np.uint32)),) * 2
    assert join([portion]) is portion
