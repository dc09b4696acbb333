import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import seq2seq
from seq2seq.errors import CheckpointError, ConfigError, DataError
from seq2seq.symbols import BOS, EOS, PAD, UNK
from seq2seq.tokenizer import Tokenizer, train_tokenizer

KINDS = ("unigram", "bpe")


@pytest.fixture(scope="module")
def text(made_up_sentences):
    return [side for pair in made_up_sentences(300) for side in pair]


@pytest.fixture(scope="module")
def tokenizers(text):
    return {kind: train_tokenizer(text, vocabulary_size=330, model=kind) for kind in KINDS}


def texts():
    """Any text, with more of what is special to SentencePiece, to terminals and to Python's idea of a line."""
    special = [*"\u2581\0\u2028\x85\x1c\xa0\u3000\u200d\ufeff😀漢é", "e\u0301"]
    special += ["<s>", "</s>", "<unk>", "<pad>", "<0x41>", "the ", "\n", "  "]
    return st.one_of(st.text(), st.lists(st.one_of(st.sampled_from(special), st.text(max_size=2))).map("".join))


@pytest.mark.parametrize("kind", KINDS)
@given(text=texts())
@example(text="")
@example(text=" \u2581\u2581 a\u2581b \u2581")
@example(text="<s> the cat </s> <pad><unk><0x41>")
@example(text="👩‍👩‍👧 \U0010ffff 漢字かな \u0e44\u0e17\u0e22 \u2028 a\0b")
def test_decode_undoes_encode_up_to_normalisation(tokenizers, kind, text):
    tokenizer = tokenizers[kind]
    [ids] = tokenizer.encode([text])
    assert tokenizer.decode(ids) == Tokenizer.normalise(text)
    assert all(UNK < index < tokenizer.size for index in ids)


@given(text=texts())
def test_normalise_again_changes_nothing(text):
    once = Tokenizer.normalise(text)
    assert Tokenizer.normalise(once) == once
    assert once == once.strip()
    assert "  " not in once
    assert not {"\0", "\u2581", "\u2028", "\n"} & set(once)


@given(st.text(st.sampled_from("aé \u2581\0\t\x1c\x85\xa0\u2028\u3000\ud800\xad\u200b"), max_size=20))
def test_normalise_makes_any_white_space_one_space(text):
    spaced = text.replace("\u2581", "_").replace("\0", " ").replace("\ud800", "\ufffd")
    assert Tokenizer.normalise(text) == " ".join(spaced.split())


@given(texts=st.lists(texts(), max_size=5))
def test_encode_treats_each_text_by_itself(tokenizers, texts):
    tokenizer = tokenizers["unigram"]
    assert tokenizer.encode(texts) == [tokenizer.encode([text])[0] for text in texts]


@pytest.mark.parametrize("kind", KINDS)
def test_vocabulary_has_the_size_asked_for_and_the_reserved_pieces_first(tokenizers, kind):
    tokenizer = tokenizers[kind]
    assert tokenizer.size == len(tokenizer.pieces) == len(set(tokenizer.pieces)) == 330
    assert (PAD, BOS, EOS, UNK) == (0, 1, 2, 3)
    assert [tokenizer.pieces[index] for index in (PAD, BOS, EOS, UNK)] == ["<pad>", "<s>", "</s>", "<unk>"]


@pytest.mark.parametrize("kind", KINDS)
def test_frequent_letters_share_a_piece(tokenizers, kind):
    [ids] = tokenizers[kind].encode(["the small cat"])
    assert len(ids) < len("the small cat")


@pytest.mark.parametrize("kind", KINDS)
def test_every_digit_is_a_piece_of_its_own_where_that_is_asked_for(text, kind):
    text = [f"In {year} {sentence}" for sentence, year in zip(text, (1984, 2009) * len(text), strict=False)]
    joined = train_tokenizer(text, vocabulary_size=350, model="bpe")
    assert any("2009" in piece for piece in joined.pieces)
    split = train_tokenizer(text, vocabulary_size=350, model=kind, split_digits=True)
    assert split.decode(split.encode(["In 2009, 12,345 of them."])[0]) == "In 2009, 12,345 of them."
    for piece in split.pieces:
        assert piece.startswith("<0x") or len(piece) == 1 or not re.search(r"\d", piece)


def test_decode_skips_reserved_ids(tokenizers):
    tokenizer = tokenizers["unigram"]
    [ids] = tokenizer.encode(["the cat"])
    assert tokenizer.decode([BOS, *ids[:1], UNK, *ids[1:], EOS, PAD, PAD]) == "the cat"


@pytest.mark.parametrize("kind", KINDS)
def test_same_text_gives_the_same_vocabulary(text, tokenizers, kind):
    again = train_tokenizer(iter(text), vocabulary_size=330, model=kind)
    assert again.model == tokenizers[kind].model
    assert again.fingerprint == tokenizers[kind].fingerprint
    assert re.fullmatch("[0-9a-f]{16}", again.fingerprint)


def test_other_vocabularies_have_other_fingerprints(text, tokenizers):
    smaller = train_tokenizer(text, vocabulary_size=310)
    assert len({smaller.fingerprint, *(tokenizer.fingerprint for tokenizer in tokenizers.values())}) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_vocabulary_larger_than_the_text_allows_names_the_largest_and_a_good_size(text, kind):
    message = r"8,000 does not fit 600 sentences: there can be (\d+) pieces, .*: set .*_size to (\d+)$"
    with pytest.raises(ConfigError, match=message) as caught:
        train_tokenizer(text, vocabulary_size=8000, model=kind)
    for possible in map(int, re.search(message, str(caught.value)).groups()):
        assert train_tokenizer(text, vocabulary_size=possible, model=kind).size == possible


def test_good_size_is_a_third_of_the_largest():
    words = [f"{a}{b}{c}{d}" for a in "bdfgklm" for b in "aeiou" for c in "nprst" for d in "aeiou"]
    with pytest.raises(ConfigError, match=r"_size to (\d+)$") as caught:
        train_tokenizer([" ".join(words[i : i + 3]) for i in range(len(words))], vocabulary_size=60_000, model="bpe")
    most, good = (int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", str(caught.value))[-2:])
    assert good == max(300, most // 300 * 100)


@pytest.mark.parametrize("kind", KINDS)
def test_vocabulary_smaller_than_the_characters_names_the_needed_size(kind):
    text = [chr(0x4E00 + number) + chr(0x4E01 + number) for number in range(0, 400, 2)]
    message = r"does not fit 200 sentences: their characters need (\d+): set tokenizer.vocabulary_size to \d+ or more"
    with pytest.raises(ConfigError, match=message) as caught:
        train_tokenizer(text, vocabulary_size=300, model=kind)
    needed = int(re.search(message, str(caught.value))[1])
    assert train_tokenizer(text, vocabulary_size=needed, model=kind).size == needed


@pytest.mark.parametrize("kind", KINDS)
def test_too_little_text_for_any_vocabulary_is_said(kind):
    message = (
        r"tokenizer.vocabulary_size=8,000 does not fit 1 sentence: this is too little text, enough for 2\d\d pieces, "
        "and 300 is the least: add sentences"
    )
    with pytest.raises(ConfigError, match=message):
        train_tokenizer(["A cat."], vocabulary_size=8000, model=kind)


def test_no_text_is_refused():
    with pytest.raises(DataError, match="there is no text to learn a vocabulary from: every pair was filtered out"):
        train_tokenizer([], vocabulary_size=300)


def test_of_too_many_sentences_a_sample_is_used(text):
    few = train_tokenizer(text, vocabulary_size=300, max_sentences=200)
    assert few.size == 300
    assert few.fingerprint != train_tokenizer(text, vocabulary_size=300).fingerprint


def test_save_and_load_give_the_same_vocabulary(tokenizers, tmp_path):
    tokenizer = tokenizers["bpe"]
    tokenizer.save(tmp_path / "source.model")
    loaded = Tokenizer.load(tmp_path / "source.model")
    assert (loaded.fingerprint, loaded.pieces) == (tokenizer.fingerprint, tokenizer.pieces)


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x00" * 1000])
def test_file_that_is_no_model_is_refused(tmp_path, content):
    path = tmp_path / "source.model"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=rf"not a SentencePiece model \({len(content):,} bytes\)"):
        Tokenizer.load(path)


def test_truncated_model_is_refused(tokenizers):
    model = tokenizers["unigram"].model
    with pytest.raises(CheckpointError, match="not a SentencePiece model"):
        Tokenizer(model[: len(model) // 2])


def test_model_with_other_reserved_ids_is_refused(text, tmp_path):
    import sentencepiece

    sentencepiece.SentencePieceTrainer.Train(
        sentence_iterator=iter(text), model_prefix=str(tmp_path / "other"), vocab_size=60, minloglevel=2
    )
    with pytest.raises(CheckpointError, match=r"padding, start, end and unknown \(-1, 1, 2, 0\), expected 0, 1, 2, 3"):
        Tokenizer.load(tmp_path / "other.model")


def test_missing_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"cannot read the vocabulary .*no\.model: No such file or directory"):
        Tokenizer.load(tmp_path / "no.model")


class TestFaultsInTheText:
    """SentencePiece reports what its input raises as an error of its own: the first one must come through."""

    @pytest.mark.parametrize("fault", [DataError("train.en, line 51: not UTF-8"), KeyboardInterrupt()])
    def test_come_through_from_any_line(self, fault, text):
        def sentences():
            yield from text[:50]
            raise fault

        with pytest.raises(type(fault)) as caught:
            train_tokenizer(sentences(), vocabulary_size=300)
        assert caught.value is fault


def test_sample_of_a_large_corpus_is_the_same_in_every_process(made_up_sentences, tmp_path):
    sentences = [source for source, _ in made_up_sentences(3000)]
    (tmp_path / "text").write_text("\n".join(sentences), encoding="utf-8")
    program = (
        "from pathlib import Path; from seq2seq.tokenizer import train_tokenizer; "
        "text = Path('text').read_text(encoding='utf-8').split('\\n'); "
        "print(train_tokenizer(text, vocabulary_size=310, max_sentences=1000).fingerprint)"
    )
    paths = [str(Path(seq2seq.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment)
    assert done.stdout.strip() == train_tokenizer(sentences, vocabulary_size=310, max_sentences=1000).fingerprint


@pytest.mark.parametrize("wrong", [[10**6], [-1], [400], [4, 10**30]])
def test_id_of_no_piece_is_refused(tokenizers, wrong):
    with pytest.raises(DataError, match=r"the id .* is no piece of this vocabulary, which has 0 to|whole numbers"):
        tokenizers["bpe"].decode(wrong)


@pytest.mark.parametrize("wrong", ["abc", ["a"], None, 5, [[4, 5]], [4.0], [True], [4, None]])
def test_what_is_no_list_of_ids_is_refused(tokenizers, wrong):
    with pytest.raises(DataError, match=r"ids of pieces are a flat list of whole numbers, received .*: give those of"):
        tokenizers["bpe"].decode(wrong)


def test_ids_may_come_one_by_one(tokenizers):
    (ids,) = tokenizers["bpe"].encode(["a man"])
    assert tokenizers["bpe"].decode(iter(ids)) == tokenizers["bpe"].decode(np.array(ids)) == "a man"


@pytest.mark.parametrize("wrong", [None, 5, b"x", ""])
def test_what_is_no_path_is_refused(tokenizers, wrong):
    for call in (Tokenizer.load, tokenizers["bpe"].save):
        with pytest.raises(ConfigError, match="the path of a vocabulary is "):
            call(wrong)


@pytest.mark.parametrize("wrong", ["x.model", None, 5])
def test_what_are_no_bytes_of_a_model_is_refused(wrong):
    with pytest.raises(CheckpointError, match=r"not a SentencePiece model, received .*: use Tokenizer\.load\(path\)"):
        Tokenizer(wrong)


def test_half_surrogates_are_replaced():
    assert Tokenizer.normalise("a\ud800b") == "a\ufffdb"


@pytest.mark.parametrize("wrong", ["He never ran.", b"He never ran.", None, {"a": 1}])
def test_what_is_no_list_of_texts_is_refused(tokenizers, wrong):
    with pytest.raises(DataError, match="encode takes a list of sentences, received"):
        tokenizers["bpe"].encode(wrong)
    with pytest.raises(DataError, match="train_tokenizer takes a list of sentences, received"):
        train_tokenizer(wrong, vocabulary_size=300)


@pytest.mark.parametrize("wrong", [None, b"a", 3, ["a"]])
def test_item_that_is_no_text_is_refused(tokenizers, wrong):
    with pytest.raises(DataError, match="encode: item 1 is no text, received"):
        tokenizers["bpe"].encode(["a", wrong])
    with pytest.raises(DataError, match="train_tokenizer: item 1 is no text, received"):
        train_tokenizer(["a", wrong], vocabulary_size=300)


@pytest.mark.parametrize(
    ("wrong", "received"),
    [
        ({"vocabulary_size": 0}, "tokenizer.vocabulary_size.*received 0"),
        ({"vocabulary_size": "300"}, "tokenizer.vocabulary_size.*received '300'"),
        ({"model": "word"}, "tokenizer.model.*received 'word'"),
        ({"character_coverage": 0.9}, "tokenizer.character_coverage.*received 0.9"),
    ],
)
def test_value_that_no_vocabulary_can_have_is_refused(text, wrong, received):
    with pytest.raises(ConfigError, match=received):
        train_tokenizer(text, **{"vocabulary_size": 300} | wrong)


@pytest.mark.parametrize(("model", "strength"), [("unigram", 0.05), ("bpe", 0.3)])
def test_sampled_pieces_write_the_same_text_and_follow_from_the_seed(made_up_sentences, model, strength):
    """Law 9, for any cut."""
    texts = [text for pair in made_up_sentences(150) for text in pair] + ["", "ça ☃ \t va"]
    tokenizer = train_tokenizer(texts, vocabulary_size=345, model=model)
    first, again, other = (tokenizer.sample(texts, strength, seed=seed) for seed in (7, 7, 8))
    assert first == again
    assert first != other
    assert first != tokenizer.encode(texts)
    assert [tokenizer.decode(ids) for ids in first] == [Tokenizer.normalise(text) for text in texts]
    assert tokenizer.encode(texts) == Tokenizer(tokenizer.model).encode(texts)  # sampling changes nothing else


def test_sample_takes_a_list_of_texts(made_up_sentences):
    tokenizer = train_tokenizer([pair[0] for pair in made_up_sentences(100)], vocabulary_size=300)
    with pytest.raises(DataError, match=r"sample takes a list of sentences, received one str"):
        tokenizer.sample("a cat", 0.1, seed=1)
