import gzip
import re
import subprocess
import sys
import tracemalloc
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seq2seq.config import Corpus
from seq2seq.data.corpus import Pair, decode_lines, read_lines, read_pairs
from seq2seq.errors import ConfigError, DataError


def write(path, content):
    data = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return str(path)


def pairs_of(corpus):
    return list(read_pairs(corpus, source_language="en", target_language="fr"))


def raises(error, message):
    return pytest.raises(error, match=re.escape(message))


@pytest.fixture
def texts(tmp_path):
    """Writes a source and a target file, and describes them."""

    def make(source, target, suffix=""):
        return Corpus(
            source=write(tmp_path / f"train.en{suffix}", source), target=write(tmp_path / f"train.fr{suffix}", target)
        )

    return make


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_text_pairs_know_their_file_and_line(texts, suffix):
    corpus = texts("A cat\nA dog\n", "Un chat\nUn chien\n", suffix)
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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\0")), min_size=1))
def test_any_lines_come_back(tmp_path, lines):
    path = tmp_path / "any.txt"
    path.write_bytes(b"\xef\xbb\xbf" + "".join(f"{line}\r\n" for line in lines).encode())
    assert list(read_lines(path)) == lines


def test_an_empty_file_has_no_lines(tmp_path):
    assert list(read_lines(write(tmp_path / "empty.txt", ""))) == []


def test_a_stream_is_decoded_under_its_name():
    with raises(DataError, "standard input, line 2: byte 0xe9 at position 4 is not UTF-8: convert the file"):
        list(decode_lines([b"un\n", b"\xc3\xa9t\xe9\n"], "standard input"))


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_different_lengths_are_found_before_the_first_pair(texts, suffix):
    corpus = texts("x\n" * 29_000, "x\n" * 28_999, suffix)
    message = "have different lengths (29,000 and 28,999 lines): look for a missing last line"
    with raises(DataError, f"{corpus.source} and {corpus.target} {message}"):
        read_pairs(corpus, source_language=None, target_language=None)


def test_empty_files_are_refused(texts):
    with raises(DataError, "train.fr are empty: check how they were made"):
        pairs_of(texts("", ""))


def test_undecodable_bytes_name_file_line_and_byte(texts):
    corpus = texts("A cat\nsummer\n", b"Un chat\n\xe9t\xe9\n")
    message = "train.fr, line 2: byte 0xe9 at position 1 is not UTF-8: convert the file, for instance: iconv -f"
    with raises(DataError, message):
        pairs_of(corpus)


def test_a_bad_byte_after_a_byte_order_mark_is_named(tmp_path):
    with raises(DataError, "line 1: byte 0xe9 at position 2 is not UTF-8"):
        list(read_lines(write(tmp_path / "x.txt", b"\xef\xbb\xbfa\xe9\n")))


def test_nul_names_file_and_line(texts):
    with raises(DataError, "train.en, line 1: holds a NUL character: look for binary data or UTF-16"):
        pairs_of(texts("A\0cat\n", "Un chat\n"))


def test_a_missing_file_suggests_its_neighbours(tmp_path):
    write(tmp_path / "train.en", "A cat\n")
    with raises(DataError, f"{tmp_path / 'trian.en'} does not exist: did you mean train.en?"):
        read_lines(tmp_path / "trian.en")
    with raises(DataError, f"{tmp_path / 'zzz'} does not exist: check what is in {tmp_path}"):
        read_lines(tmp_path / "zzz")


def test_a_missing_folder_is_named(tmp_path):
    with raises(DataError, f"does not exist, nor does the folder {tmp_path / 'no'}: check the spelling"):
        read_lines(tmp_path / "no" / "train.en")


def test_a_folder_is_not_a_file(tmp_path):
    with raises(DataError, f"{tmp_path} is not a file: give the name of one"):
        read_lines(tmp_path)


def test_an_unreadable_file_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with raises(DataError, "x.txt may not be read: check its permissions"):
        read_lines(write(tmp_path / "x.txt", ""))


SOUND = gzip.compress(b"A cat\n" * 100)


@pytest.mark.parametrize("data", [SOUND[:-12], b"plain text\n", SOUND[:12] + b"!" * 30])
def test_damaged_gzip_is_reported(tmp_path, data):
    path = tmp_path / "train.en.gz"
    path.write_bytes(data)
    message = f"{path} is truncated or not gzip: check it with gzip -t, and copy or download it again"
    with raises(DataError, message):
        list(read_lines(path))
    with raises(DataError, message):
        pairs_of(Corpus(source=str(path), target=str(path)))


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


def test_importing_loads_no_heavy_package():
    heavy = "{'datasets', 'pyarrow', 'sacrebleu', 'tensorflow', 'keras', 'jax', 'numpy'}"
    modules = "seq2seq.data.corpus, seq2seq.data.cleaning, seq2seq.evaluation"
    code = f"import {modules}, sys; print(*sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


@pytest.mark.parametrize("key", ["configuration", "split", "revision"])
def test_keys_of_a_hub_are_refused_elsewhere(key):
    corpus = Corpus(**{"path": "pairs.tsv", key: "dev"})
    with pytest.raises(ConfigError, match=r"configuration, split and revision belong to hub: got path"):
        read_pairs(corpus, source_language="en", target_language="fr")
