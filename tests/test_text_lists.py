"""What is taken for a list of texts."""

import pytest

from seq2seq.errors import DataError
from seq2seq.text_lists import check_texts


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
