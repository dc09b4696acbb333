"""Rows for a new vocabulary: which are copied, composed, drawn."""

import numpy as np
import pytest

from seq2seq.symbols import BOS, EOS, PAD, UNK
from seq2seq.tokenizer import train_tokenizer
from seq2seq.transfer import map_vocabulary, moved, share_of_bytes, split_differently


@pytest.fixture(scope="module")
def texts(made_up_sentences):
    """Two languages: the second has the words of the first spelled backwards."""
    french = [target.removesuffix(".") for _, target in made_up_sentences(250)]
    return french, [" ".join(word[::-1] for word in text.split()) for text in french]


@pytest.fixture(scope="module", params=["unigram", "bpe"])
def both(request, texts):
    return tuple(train_tokenizer(text, vocabulary_size=310, model=request.param) for text in texts)


def table(tokenizer, seed=1):
    return np.random.default_rng(seed).normal(size=(tokenizer.size, 5)).astype(np.float32)


def test_same_vocabulary_changes_no_bit(both):
    old, _ = both
    rows = map_vocabulary(old, old)
    assert rows.counts == {"copied": old.size, "composed": 0, "new": 0}
    np.testing.assert_array_equal(rows.rows(table(old), table(old, 2)), table(old))


def test_permuted_vocabulary_permutes_the_rows(both, permuted):
    old, _ = both
    new, order = permuted(old)
    moved_rows = map_vocabulary(old, new).rows(table(old), table(new, 2))
    np.testing.assert_array_equal(moved_rows[UNK + 1 :], table(old)[order])
    np.testing.assert_array_equal(moved_rows[: UNK + 1], table(old)[: UNK + 1])


def test_shared_pieces_are_copied_and_new_ones_composed_from_their_spelling(both):
    old, new = both
    mapped, rows = map_vocabulary(old, new), table(old)
    result = mapped.rows(rows, table(new, 2))
    ids = {piece: index for index, piece in enumerate(old.pieces)}
    composed = 0
    for index, piece in enumerate(new.pieces):
        if piece in ids:
            np.testing.assert_array_equal(result[index], rows[ids[piece]])
            continue
        composed += 1
        spelling = mapped.sources[index]
        assert len(spelling) > 1 or old.is_byte(spelling[0])
        assert bytes_of(old, spelling) == piece.encode()
        np.testing.assert_allclose(result[index], rows[spelling].mean(axis=0), rtol=1e-6)
    assert mapped.counts["composed"] == composed > 0
    assert sum(mapped.counts.values()) == new.size


def bytes_of(tokenizer, ids):
    """What pieces write, byte pieces included, spaces as the vocabulary marks them."""
    pieces = [(tokenizer.pieces[index], tokenizer.is_byte(index)) for index in ids]
    return b"".join(bytes([int(piece[3:5], 16)]) if single else piece.encode() for piece, single in pieces)


def test_new_rows_stay_as_drawn_if_wanted(both):
    old, new = both
    mapped, drawn = map_vocabulary(old, new, compose=False), table(new, 2)
    assert mapped.counts["composed"] == 0 < mapped.counts["new"]
    np.testing.assert_array_equal(mapped.rows(table(old), drawn)[~mapped.kept], drawn[~mapped.kept])


def test_only_named_tables_are_mapped(both):
    old, new = both
    arrays = {"table": table(old), "kernel": np.ones((2, 2))}
    result = moved(arrays, {"table": table(new), "kernel": np.zeros((2, 2))}, {"table": map_vocabulary(old, new)})
    assert result["table"].shape == (new.size, 5)
    np.testing.assert_array_equal(result["kernel"], arrays["kernel"])


def test_extended_vocabulary_keeps_all_ids_and_writes_the_new_text_in_fewer_pieces(both, texts):
    old, new = both
    extended = old.extended(new)
    assert extended.pieces[: old.size] == old.pieces
    assert set(extended.pieces) == set(old.pieces) | set(new.pieces)
    lengths = [sum(map(len, tokenizer.encode(texts[1]))) for tokenizer in (old, extended, new)]
    assert lengths[2] * 0.95 < lengths[1] < lengths[0] * 0.9
    for text in (*texts[0][:3], *texts[1][:3], "日本 と עברית"):
        assert extended.decode(extended.encode([text])[0]) == text


def test_start_symbol_of_a_language_is_never_text(both):
    old, _ = both
    extended = old.extended(None, "de")
    symbol = extended.start_of("de")
    assert symbol == old.size
    assert [extended.start_of(language) for language in ("fr", "", "d")] == [BOS] * 3
    assert symbol not in extended.encode(["<2de> tahc nu"])[0]
    assert extended.decode([symbol, *extended.encode(["un chat"])[0]]) == "un chat"
    assert extended.extended(None, "de").size == extended.size


def test_words_that_split_otherwise_are_counted(both):
    old, new = both
    assert split_differently(["chat", "chien", "chat"], old, old) == (0, 2)
    different, words = split_differently(["chat", "chien", "x"], old, new)
    assert words == 3
    assert 0 < different < 3


def test_share_of_bytes_tells_text_that_the_vocabulary_does_not_cover(both, texts):
    old, _ = both
    assert share_of_bytes(old.encode(texts[0]), old) == 0
    assert share_of_bytes(old.encode(["日本語の文"]), old) > 0.8
    assert share_of_bytes([], old) == 0


def test_reserved_pieces_keep_their_rows(both):
    old, new = both
    rows = table(old)
    np.testing.assert_array_equal(map_vocabulary(old, new).rows(rows, table(new))[[PAD, BOS, EOS, UNK]], rows[:4])
