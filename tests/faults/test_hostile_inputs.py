"""Settings and corpora that nobody wrote on purpose: each is used or refused in words, and none ends in a traceback.

SEQ2SEQ_DAMAGES=2000 makes so many damaged copies of each kind of file (default: a few).
"""

import gzip
import io
import json
import os
import random

import pyarrow as pa
import pyarrow.parquet
import pytest

from seq2seq.data.corpus import read_pairs
from seq2seq.errors import ConfigError, Seq2SeqError
from seq2seq.settings.config import Corpus, load_config

DAMAGES = int(os.environ.get("SEQ2SEQ_DAMAGES", "60"))  # of each kind of file
SETTINGS = b"""[[data.train]]
source = "a.en"
target = "a.fr"
weight = 2.0

[model]
cell = "lstm"
embedding = 64

[training]
epochs = 3
learning_rate = 1e-3
"""
TOML = {
    "nothing but a byte": b"\x00",
    "UTF-16": SETTINGS.decode().encode("utf-16"),
    "deep lists": b"a = " + b"[" * 100_000,
    "deep tables": b"[" + b"a." * 50_000 + b"a]",
    "rather deep lists": b"a = " + b"[" * 400 + b"]" * 400,
    "rather deep tables": b"[a" + b".a" * 400 + b"]",
    "deep inline tables": b"a = " + b"{a=" * 50_000,
    "a long number": b"[training]\nepochs = " + b"9" * 5000,
    "a long key": b"[training]\n" + b"k" * 1_000_000 + b" = 1",
    "a long value": b'[data]\ntarget_language = "' + b"k" * 1_000_000 + b'"',
    "not a number": b"[training]\nlearning_rate = nan",
    "minus infinity": b"[training]\nlearning_rate = -inf",
    "a date": b"[training]\nseed = 2009-01-01",
    "a section that is a value": b"training = 5",
    "a value that is a section": b"[training.epochs]\na = 1",
    "a table for a list": b'[data.train]\nsource = "a"',
    "a key twice": b"[training]\nepochs = 1\nepochs = 2",
    "a NUL in a name": b'[[data.train]]\npath = "a\\u0000b"',
    "an empty name": b'[[data.train]]\npath = ""',
    "many corpora": b'[[data.train]]\npath = "a.tsv"\n' * 5000,
}


@pytest.mark.parametrize("content", TOML.values(), ids=TOML)
def test_settings_nobody_meant_are_refused(tmp_path, content):
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 4000


SURPRISES = [b"\0", b'"', b"\t", b"\r", b"\n", b"[", b"\xff", b"\\u", b"\xed\xa0\x80"]


def damaged(content: bytes, draw: random.Random) -> bytes:
    """The content with something wrong in it: bytes that are others, missing, doubled, or in another place."""
    changed = bytearray(content)
    for _ in range(draw.choice([1, 1, 3, 20])):
        first, second = sorted(draw.randrange(len(changed) + 1) for _ in range(2))
        part = changed[first:second]
        how = draw.randrange(6)
        if how == 0 and changed:
            changed[draw.randrange(len(changed))] = draw.randrange(256)
        elif how == 1:
            del changed[first:second]
        elif how == 2:
            changed[first:first] = part
        elif how == 3:
            changed[first:first] = draw.choice(
                [b"\0", b'"', b"\t", b"\r", b"\n", b"[", b"\xff", b"\\u", b"\xed\xa0\x80"]
            )
        elif how == 4:
            del changed[second:]
        else:
            changed[first:second] = bytes(draw.randrange(256) for _ in part[:50])
        changed = changed or bytearray(b" ")
    return bytes(changed)


def test_damaged_settings_are_used_or_refused(tmp_path):
    draw, path = random.Random(1), tmp_path / "settings.toml"
    for _ in range(5 * DAMAGES):
        path.write_bytes(damaged(SETTINGS, draw))
        try:
            load_config(path)
        except ConfigError as error:
            assert str(path) in str(error)


ROWS = [(f"Line {n} is about {n * 7} cats.", f"La ligne {n} parle de {n * 7} chats.") for n in range(40)]


def parquet(rows):
    stream = io.BytesIO()
    sides = [list(side) for side in zip(*rows, strict=True)]
    pa.parquet.write_table(pa.table(dict(zip(("en", "fr"), sides, strict=True))), stream)
    return stream.getvalue()


TABLES = {
    "pairs.tsv": "".join(f"{en}\t{fr}\n" for en, fr in ROWS).encode(),
    "pairs.csv": ("en,fr\n" + "".join(f'"{en}","{fr}"\n' for en, fr in ROWS)).encode(),
    "pairs.jsonl": "".join(json.dumps({"translation": {"en": en, "fr": fr}}) + "\n" for en, fr in ROWS).encode(),
    "pairs.parquet": parquet(ROWS),
    "pairs.tsv.gz": gzip.compress("".join(f"{en}\t{fr}\n" for en, fr in ROWS).encode(), mtime=0),
}


def pairs_of(corpus):
    return list(read_pairs(corpus, source_language="en", target_language="fr"))


@pytest.mark.parametrize("name", TABLES)
def test_damaged_table_is_read_or_refused(tmp_path, name):
    draw, path = random.Random(name), tmp_path / name
    path.write_bytes(TABLES[name])
    assert len(pairs_of(Corpus(path=str(path)))) == len(ROWS)
    for _ in range(DAMAGES):
        path.write_bytes(damaged(TABLES[name], draw))
        try:
            pairs = pairs_of(Corpus(path=str(path)))
        except Seq2SeqError as error:
            assert name in str(error)
            assert len(str(error)) < 4000
        else:
            assert all(isinstance(side, str) and "\0" not in side for pair in pairs for side in pair[:2])


def test_damaged_text_files_are_read_in_step_or_refused(tmp_path):
    draw = random.Random(2)
    corpus = Corpus(source=str(tmp_path / "a.en"), target=str(tmp_path / "a.fr"))
    contents = ["".join(f"{row[side]}\n" for row in ROWS).encode() for side in (0, 1)]
    for number in range(2 * DAMAGES):
        sides = [damaged(content, draw) if number % 2 == side else content for side, content in enumerate(contents)]
        for name, content in zip(("a.en", "a.fr"), sides, strict=True):
            (tmp_path / name).write_bytes(content)
        try:
            pairs = pairs_of(corpus)
        except Seq2SeqError as error:
            assert "a.en" in str(error) or "a.fr" in str(error)
        else:
            lines = [side.decode("utf-8", "replace").split("\n") for side in sides]
            for pair in pairs:  # each side is the line of its number, whatever was dropped
                assert pair.source.strip() in lines[0][pair.line - 1]
                assert pair.target.strip() in lines[1][pair.line - 1]
