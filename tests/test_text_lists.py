"""What is taken for a list of texts."""

from collections import Counter

import pytest

from seq2seq.errors import DataError
from seq2seq.text_lists import check_texts, random_sample


@pytest.mark.parametrize("wrong", ["He never ran.", b"He never ran.", bytearray(b"x")])
def test_one_text_is_no_list_of_sentences(wrong):
    kind = type(wrong).__name__
    with pytest.raises(
        DataError, match=rf"translate takes a list of sentences, received one {kind}: write translate\("
    ):
        check_texts(wrong, "translate")


@pytest.mark.parametrize("wrong", [None, 5, {"a": "b"}, {"a"}])
def test_what_has_no_order_is_no_list_of_sentences(wrong):
    with pytest.raises(DataError, match=f"score takes a list of sentences, received {type(wrong).__name__}"):
        check_texts(wrong, "score")


@pytest.mark.parametrize("wrong", [None, b"x", 1.5, float("nan"), 3, ["x"]])
def test_item_that_is_no_text_is_named(wrong):
    with pytest.raises(
        DataError, match=rf"encode: item 1 is no text, received .* \({type(wrong).__name__}\): give text"
    ):
        check_texts(["a", wrong], "encode")


def test_any_iterable_of_texts_will_do():
    assert check_texts(iter(("a", "b")), "encode") == ["a", "b"]


def test_sample_of_few_texts_is_all_of_them_in_order():
    assert random_sample("abc", 5, seed=1) == random_sample("abc", 3, seed=1) == ["a", "b", "c"]
    assert random_sample([], 5, seed=1) == []


def test_every_text_has_the_same_chance_to_be_in_a_sample():
    drawn = Counter(text for seed in range(5000) for text in random_sample("abcdefghij", 4, seed=seed))
    assert sum(drawn.values()) == 20_000
    assert max(abs(count - 2000) for count in drawn.values()) < 5 * (5000 * 0.4 * 0.6) ** 0.5  # standard deviations


def test_sample_holds_each_text_once():
    sample = random_sample(map(str, range(1000)), 50, seed=3)
    assert len(set(sample)) == 50
    assert sample != random_sample(map(str, range(1000)), 50, seed=4)
