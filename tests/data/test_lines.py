import bz2
import gzip
import lzma
import os
import re
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seq2seq.data.lines import count_lines, decode_lines, existing, loose_lines, read_lines
from seq2seq.errors import DataError


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def raises(error, message):
    return pytest.raises(error, match=re.escape(message))


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


def test_a_bad_byte_after_a_byte_order_mark_is_named(tmp_path):
    with raises(DataError, "line 1: byte 0xe9 at position 2 is not UTF-8"):
        list(read_lines(write(tmp_path / "x.txt", b"\xef\xbb\xbfa\xe9\n")))


def test_a_missing_file_suggests_its_neighbours(tmp_path):
    write(tmp_path / "train.en", "A cat\n")
    with raises(DataError, f"{tmp_path / 'trian.en'} does not exist: did you mean train.en?"):
        read_lines(tmp_path / "trian.en")
    with raises(DataError, f"{tmp_path / 'zzz'} does not exist: check what is in {tmp_path}"):
        read_lines(tmp_path / "zzz")
    (tmp_path / "link.en").symlink_to("gone.en")
    with raises(DataError, "link.en is a link to gone.en, which does not exist: mend the link, or remove it"):
        read_lines(tmp_path / "link.en")


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


def test_a_folder_that_may_not_be_looked_into_is_named(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.is_file", refuse)
    with raises(DataError, "x.txt cannot be read ([Errno 13] Permission denied"):
        read_lines(tmp_path / "x.txt")


@pytest.mark.parametrize("path", ["x" * 5000, "~nobody-of-this-name/x"])
def test_an_impossible_path_is_an_error(path):
    with raises(DataError, "check"):
        read_lines(path)


TEXT = b"A cat\nA dog\n" * 50
COMPRESSED = {"gzip": gzip.compress(TEXT, mtime=0), "bzip2": bz2.compress(TEXT), "xz": lzma.compress(TEXT)}


@pytest.mark.parametrize("kind", COMPRESSED)
@pytest.mark.parametrize("name", ["train.en", "train.EN.GZ", "train.en.gz", "train.bz2", "train.txt"])
def test_compressed_text_is_read_whatever_its_name(tmp_path, kind, name):
    write(tmp_path / name, COMPRESSED[kind])
    assert list(read_lines(tmp_path / name)) == TEXT.decode().splitlines()
    assert list(loose_lines(tmp_path / name)) == TEXT.decode().splitlines()
    assert count_lines(tmp_path / name) == 100


def test_plain_text_is_read_whatever_its_name(tmp_path):
    assert list(read_lines(write(tmp_path / "train.en.gz", "plain text\n"))) == ["plain text"]


@pytest.mark.parametrize("kind", COMPRESSED)
@pytest.mark.parametrize("damage", [lambda data: data[:-12], lambda data: data[:14] + b"!" * 40])
def test_damaged_compression_is_reported(tmp_path, kind, damage):
    path = write(tmp_path / "train.en", damage(COMPRESSED[kind]))
    for read in (lambda: list(read_lines(path)), lambda: count_lines(tmp_path / "train.en")):
        with raises(DataError, f"{path} is compressed, and truncated or damaged (") as caught:
            read()
        assert str(caught.value).endswith("check it (gzip -t, bzip2 -t or xz -t), and copy or download it again")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x28\xb5\x2f\xfd" + TEXT, "compressed with zstd, which is not read here: decompress it (zstd -d)"),
        (
            b"PK\x03\x04" + TEXT,
            "a zip archive or an Office document: unpack it (unzip), or save the table as CSV in UTF-8",
        ),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it (7z x)"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture: give plain text in UTF-8, one sentence a line"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture: give plain text"),
        (b"\x93NUMPY\x01\0" + bytes(100), "an array of NumPy, such as encode writes: give plain text"),
        (bytes(200), "no text, for its first bytes are not: give plain text"),
        ("\ufeffA cat".encode("utf-16-le"), "UTF-16: convert it to UTF-8, for instance: iconv -f UTF-16 -t UTF-8"),
        ("\ufeffA cat".encode("utf-16-be"), "UTF-16: convert it to UTF-8"),
        ("A cat is asleep here".encode("utf-16-le"), "UTF-16: convert it to UTF-8"),
        ("A cat is asleep here".encode("utf-16-be"), "UTF-16: convert it to UTF-8"),
        ("\ufeffA cat".encode("utf-32-le"), "UTF-32: convert it to UTF-8"),
        (b"PAR1" + TEXT, "Parquet, a table: name it as path, without source and target"),
        (b"%PDF-1.7", "a PDF document: text must come as plain UTF-8"),
        (b"<!DOCTYPE html><title>Sign in</title>", "a web page: download the file that it speaks of"),
        (b"<?xml version='1.0'?><tmx>", "XML, such as TMX: convert it"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS, not the file itself: fetch it"),
        (b"train.en" + b"\0" * 249 + b"ustar", "a tar archive: unpack it (tar -xf)"),
        (gzip.compress(gzip.compress(TEXT, mtime=0), mtime=0), "compressed twice: decompress it once"),
        (gzip.compress(b"PK\x03\x04" + TEXT, mtime=0), "a zip archive"),
    ],
)
def test_other_kinds_are_named_with_what_to_do(tmp_path, content, message):
    path = write(tmp_path / "train.en", content)
    with raises(DataError, f"{path} is {message}"):
        list(read_lines(path))


@pytest.mark.parametrize("data", [TEXT, COMPRESSED["gzip"]])
def test_a_pipe_is_read_where_once_is_enough(tmp_path, data):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[data])
    writer.start()
    assert len(list(read_lines(tmp_path / "pipe"))) == 100
    writer.join()


def test_a_device_is_not_a_file():
    with raises(DataError, "/dev/null is not a file: give the name of one"):
        existing("/dev/null", read_once=True)


def test_address_is_no_path():
    with raises(DataError, "https://example.org/t.en is an address: download the file, and give its path"):
        existing("https://example.org/t.en")
