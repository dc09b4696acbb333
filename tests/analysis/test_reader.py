"""A decoder that learns to read h(T)."""

from seq2seq.analysis.reader import Effort, learn_to_read
from seq2seq.data.corpus import Pair
from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.encoding import encode_pairs


def test_reading_is_deterministic_and_stops_with_the_clock(examined, forgetful, whole_words, random_texts, tmp_path):
    tokenizer = whole_words(30)
    texts = random_texts(200, (5, 5), tokenizer, seed=7)
    pairs = [Pair(text, text, "test", index) for index, text in enumerate(texts)]
    encode_pairs(tmp_path / "train.arrow", [pairs], (tokenizer, tokenizer), weights=[1.0], max_tokens=(20, 20))
    training = EncodedPairs(tmp_path / "train.arrow")
    subject = examined(forgetful(tokenizer, 1), tokenizer, ["w1 w2 w3"], ["w1"], training)
    (_, first), (_, second) = (learn_to_read(subject, Effort(batch_tokens=64, seconds=0.0)) for _ in range(2))
    assert first == second
    assert first["late"]
    assert first["steps"] < first["planned"]
