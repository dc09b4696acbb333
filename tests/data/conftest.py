"""What the tests of tables share: tables that are written, the texts that are read, and the error that is expected."""

import gzip
import re

import pytest

from seq2seq.data.corpus import read_pairs
from seq2seq.errors import DataError
from seq2seq.settings.config import Corpus


@pytest.fixture(scope="session")
def texts_of():
    """A function of a table and of settings of its corpus: the texts of all pairs, English and French."""

    def read(path, **settings):
        pairs = read_pairs(Corpus(path=str(path), **settings), source_language="en", target_language="fr")
        return [(pair.source, pair.target) for pair in pairs]

    return read


@pytest.fixture(scope="session")
def dropped_of():
    """A function of a table: the reasons and places of the rows that cannot be used, and the texts that remain."""

    def read(path):
        dropped = []
        languages = {"source_language": "en", "target_language": "fr"}
        pairs = list(read_pairs(Corpus(path=str(path)), **languages, drop=lambda *what: dropped.append(what)))
        return dropped, [(pair.source, pair.target) for pair in pairs]

    return read


@pytest.fixture(scope="session")
def table():
    """A function of a folder, a name and a content: writes the file, compressed where its name says so."""

    def write(folder, name, content):
        path = folder / name
        path.write_bytes(gzip.compress(content.encode()) if path.suffix.lower() == ".gz" else content.encode())
        return path

    return write


@pytest.fixture(scope="session")
def raises():
    """Expects a DataError whose message has this part."""
    return lambda message: pytest.raises(DataError, match=re.escape(message))
