"""Lines of several sentences, parted where it is safe; and lists of sentences that are none."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data.sentences import join_sentences, split_sentences
from seq2seq.errors import DataError
from seq2seq.text_lists import check_texts

SEVERAL = [
    ["He never ran.", "She did."],
    ["Where are you?", "I am here!", "Come."],
    ["Où es-tu ?", "Je suis là !", "Viens."],
    ['He said "Stop!"', "Then he left."],
    ['"I am here."', '"So am I."'],
    ["¿Qué haces?", "¡Nada!"],
    ["It was in 1999.", "He left."],
    ["We waited and waited...", "Nobody came."],
    ["Was ist das?", "Das kostet ca. 5 Euro.", "Am 3. Mai kam Dr. Weiß."],
    ["你好。", "他走了！", "「为什么？」他问。", "我不知道。"],
    ["はい。", "そうです。"],
    ["वह गया।", "मैं आया।"],
    ["هل جاء؟", "نعم، جاء."],
    ["Он ушёл.", "Она осталась."],
]
ONE = [
    "",
    "A cat",
    "Mr. Smith met Dr. Jones at St. Mary's.",
    "J. R. R. Tolkien wrote it.",
    "The U.S. Army and the U.K. Parliament agree.",
    "No. 5 is alive.",
    "Pages 3.5 and 4.2 are missing, see p. 7.",
    "Am 3. Mai kam er.",
    '"Who?" asked Tom.',
    '"Stop!" Tom said.',
    "Well... I know.",
    "www.example.com is down. it is",
    "1. Open the file.",
    "Apples, e.g. Boskoop, are red.",
    "What?! no.",
    "z. B. Berlin",
    "Yahoo! ",
    "。",
    "...",
]


@pytest.mark.parametrize("parts", SEVERAL, ids=" ".join)
def test_several_sentences_are_parted_and_join_again(parts):
    text = join_sentences(parts)
    assert split_sentences(text) == parts


@pytest.mark.parametrize("text", ONE)
def test_one_sentence_stays_whole(text):
    assert split_sentences(text) == [text]


@given(st.text(alphabet="aB .!?…。\"'”)3 ", max_size=40))
def test_nothing_but_spaces_is_lost_between_sentences(text):
    text = " ".join(text.split(" ")).strip(" ")
    parts = split_sentences(text)
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")
    assert len(parts) == 1 or all(parts)


@pytest.mark.parametrize("text", ["!" * 100_000, ". " * 50_000, "A. " * 50_000, '."' * 50_000, "。" * 100_000])
def test_time_grows_with_the_length_only(text):
    begun = time.perf_counter()
    split_sentences(text)
    assert time.perf_counter() - begun < 2


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
