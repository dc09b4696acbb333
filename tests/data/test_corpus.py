import os
import re
import subprocess
import sys
import tracemalloc
from itertools import islice
from pathlib import Path

import pytest

from seq2seq.data.corpus import Pair, check_files, check_same_lengths, read_pairs
from seq2seq.errors import ConfigError, DataError
from seq2seq.settings.config import Corpus


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def pairs_of(corpus, **more):
    return list(read_pairs(corpus, source_language="en", target_language="fr", **more))


def raises(error, message):
    return pytest.raises(error, match=re.escape(message))


@pytest.fixture
def texts(tmp_path):
    """Writes a source and a target file, and describes them."""

    def make(source, target):
        return Corpus(source=write(tmp_path / "train.en", source), target=write(tmp_path / "train.fr", target))

    return make


def test_text_pairs_know_their_file_and_line(texts):
    corpus = texts("A cat\nA dog\n", "Un chat\nUn chien\n")
    assert pairs_of(corpus) == [
        Pair("A cat", "Un chat", corpus.source, 1),
        Pair("A dog", "Un chien", corpus.source, 2),
    ]


def test_text_needs_no_languages_and_no_last_line_feed(texts):
    pairs = list(read_pairs(texts("A cat\nA dog", "Un chat\nUn chien\n"), source_language=None, target_language=None))
    assert [pair.target for pair in pairs] == ["Un chat", "Un chien"]


@pytest.mark.parametrize("inside", ["\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\r", "\ufeff"])
def test_a_line_ends_at_a_line_feed_only(texts, inside):
    pairs = pairs_of(texts(f"A{inside}cat\nA dog\n", "Un chat\nUn chien\n"))
    assert [pair.source for pair in pairs] == [f"A{inside}cat", "A dog"]


def test_windows_line_ends_and_byte_order_mark_are_dropped(texts):
    pairs = pairs_of(texts("\ufeffA cat\r\n\r\nA dog\r\r\n", "Un chat\n\nUn chien\n"))
    assert [pair.source for pair in pairs] == ["A cat", "", "A dog\r"]


def test_empty_files_are_refused(texts):
    with raises(DataError, "train.fr are empty: check how they were made"):
        pairs_of(texts("", ""))


@pytest.mark.parametrize(
    ("given_settings", "received"),
    [
        ({}, "none of them"),
        ({"source": "a"}, "source"),
        ({"target": "a"}, "target"),
        ({"source": "a", "target": "b", "path": "c"}, "source and target and path"),
        ({"path": "a", "hub": "b"}, "path and hub"),
    ],
)
def test_a_corpus_is_one_kind_of_thing(given_settings, received):
    with raises(ConfigError, f"a corpus is either source and target, or path, or hub: got {received}"):
        pairs_of(Corpus(**given_settings))


def test_text_files_have_no_columns():
    with raises(ConfigError, "source_column and target_column belong to path or hub: got source and target"):
        pairs_of(Corpus(source="a", target="b", source_column="en"))


def test_reading_is_streamed(texts):
    pairs = read_pairs(texts("A cat\n" * 200_000, "Un chat\n" * 200_000), source_language=None, target_language=None)
    tracemalloc.start()
    try:
        assert sum(1 for _ in islice(pairs, 150_000)) == 150_000
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < 3 << 20


@pytest.mark.parametrize(
    ("modules", "light"),
    [("seq2seq.data.corpus, seq2seq.data.cleaning, seq2seq.data.inspection", set()), ("seq2seq.evaluation", {"numpy"})],
)
def test_importing_loads_no_heavy_package(modules, light):
    heavy = {"datasets", "pyarrow", "sacrebleu", "tensorflow", "keras", "jax", "numpy"} - light
    code = f"import {modules}, sys; print(*sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


@pytest.mark.parametrize("key", ["configuration", "split", "revision"])
def test_keys_of_a_hub_are_refused_elsewhere(key):
    corpus = Corpus(**{"path": "pairs.tsv", key: "dev"})
    with pytest.raises(ConfigError, match=r"configuration, split and revision belong to hub: got path"):
        read_pairs(corpus, source_language="en", target_language="fr")


# What makes one line unusable, the reason that it is counted by, and what the message says.
BAD_LINES = [
    (
        b"\xe9t\xe9",
        "not_utf8",
        "byte 0xe9 at position 1 is not UTF-8: convert the file, for instance: iconv -f WINDOWS",
    ),
    (b"\xc3\xa9t\xe9", "not_utf8", "byte 0xe9 at position 4 is not UTF-8"),
    (b"\xed\xa0\xbd", "not_utf8", "byte 0xed at position 1 is not UTF-8"),
    (b"Un\0chat", "nul", "holds a NUL character: look for binary data or UTF-16"),
    (b"x" * (1 << 20) + b"x", "over_long", "has 1,048,577 characters: look for missing line ends"),
    (b"x" * (17 << 20), "over_long", "is longer than 16,777,216 bytes: look for missing line ends"),
]


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize(("line", "reason", "message"), BAD_LINES)
def test_a_bad_line_drops_its_pair_and_shifts_nothing(texts, side, line, reason, message):
    good = [f"line {number}".encode() for number in range(1, 5)]
    bad = [good[0], line, *good[2:]]
    sides = (bad, good) if side == "source" else (good, bad)
    corpus, dropped = texts(*(b"\n".join(lines) for lines in sides)), []
    pairs = pairs_of(corpus, drop=lambda *what: dropped.append(what))
    assert [(pair.source, pair.target, pair.line) for pair in pairs] == [(f"line {n}",) * 2 + (n,) for n in (1, 3, 4)]
    assert dropped == [(reason, f"{getattr(corpus, side)}, line 2")]


@pytest.mark.parametrize(("line", "reason", "message"), BAD_LINES)
def test_a_file_of_bad_lines_is_refused_with_the_first(texts, line, reason, message):
    with raises(DataError, f"2 of 3 lines cannot be used; the first: line 2 {message}"):
        pairs_of(texts(b"A cat\nA dog\nA cow\n", b"Un chat\n" + line + b"\n" + line + b"\n"))


@pytest.mark.parametrize(("bad", "refused"), [(10, False), (11, True)])
def test_a_tenth_of_many_lines_may_be_bad(texts, bad, refused):
    corpus = texts("A cat\n" * 100, b"\xe9\n" * bad + b"Un chat\n" * (100 - bad))
    if refused:
        with raises(DataError, "train.en: 11 of 100 lines cannot be used"):
            pairs_of(corpus)
    else:
        assert len(pairs_of(corpus)) == 90


def test_many_bad_lines_end_the_reading_early(texts):
    corpus = texts("A cat\n" * 100_000, b"\xe9\n" * 100_000)
    with raises(DataError, "1,000 of 1,000 lines cannot be used"):
        pairs_of(corpus)


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("x\n" * 29_000, "x\n" * 28_999, "(29,000 and 28,999 lines): {source} has 1 more; compare the last lines"),
        ("x\nx\n", "x\n\nx\n", "(2 and 3 lines): {target} has 1 more; its empty lines are 2: take out those too many"),
        ("x\n" * 3, "x\n" * 3 + "\n" * 6, "{target} has 6 more; its empty lines are 4, 5, 6, 7, 8, ...: take out"),
        ("x\n", "", "(1 and 0 lines): {source} has 1 more; check how the empty one was made"),
    ],
)
def test_different_lengths_are_found_before_the_first_pair(texts, source, target, message):
    corpus = texts(source, target)
    expected = message.format(source=corpus.source, target=corpus.target)
    with raises(DataError, f"{corpus.source} and {corpus.target} have different lengths") as caught:
        read_pairs(corpus, source_language=None, target_language=None)
    assert expected in str(caught.value)


def test_same_lengths_need_no_reading():
    check_same_lengths("a", "b", (3, 3), (iter(()), iter(())))


def test_a_file_that_changes_while_it_is_read_is_an_error(texts):
    corpus = texts("A cat\n" * 3, "Un chat\n" * 3)
    pairs = read_pairs(corpus, source_language=None, target_language=None)
    write(Path(corpus.target), "Un chat\n" * 4)
    with raises(DataError, "train.en ends before line 4: has it been changed while it was read?"):
        list(pairs)


def test_a_pipe_is_refused_where_text_is_read_again(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    message = "is a pipe, which can be read only once, and this text is read again: write the text to a file"
    for corpus in (Corpus(path=str(tmp_path / "pipe")), Corpus(source=str(tmp_path / "pipe"), target="x")):
        with raises(DataError, f"{tmp_path / 'pipe'} {message}"):
            pairs_of(corpus)


def test_a_home_folder_is_found(texts, tmp_path, monkeypatch):
    texts("A cat\n", "Un chat\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert [pair.source for pair in pairs_of(Corpus(source="~/train.en", target="~/train.fr"))] == ["A cat"]


def test_missing_files_are_found_at_once(texts, tmp_path):
    corpus = texts("A cat\n", "Un chat\n")
    check_files([corpus, Corpus(hub="opus_books")], tmp_path)
    with raises(DataError, "train.frr does not exist: did you mean train.fr or"):
        check_files([corpus, Corpus(source=corpus.source, target=f"{corpus.target}r")], tmp_path)


def test_a_file_beside_the_settings_is_pointed_at(texts, tmp_path, monkeypatch):
    texts("A cat\n", "Un chat\n")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    message = (
        "train.en is beside the settings, but relative paths are read from the current folder, "
        f"{tmp_path / 'elsewhere'}: change to {tmp_path}, or write the full path"
    )
    with raises(DataError, message):
        check_files([Corpus(source="train.en", target="train.fr")], tmp_path)
