"""Lines of several sentences, parted where it is safe; and lists of sentences that are none."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data.sentences import join_sentences, split_sentences

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
