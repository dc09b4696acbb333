import os

import pytest

from seq2seq.data.fingerprint import corpus_fingerprint
from seq2seq.settings.config import Corpus


@pytest.fixture
def texts(tmp_path):
    """Writes a source and a target file, and describes them."""

    def make(source, target, folder="a"):
        (tmp_path / folder).mkdir(exist_ok=True)
        paths = [tmp_path / folder / name for name in ("x.en", "x.fr")]
        for path, text in zip(paths, (source, target), strict=True):
            path.write_text(text, encoding="utf-8")
        return Corpus(source=str(paths[0]), target=str(paths[1]))

    return make


def test_the_same_bytes_elsewhere_have_the_same_fingerprint(texts):
    assert corpus_fingerprint(texts("A cat\n", "Un chat\n")) == corpus_fingerprint(texts("A cat\n", "Un chat\n", "b"))


@pytest.mark.parametrize(
    ("source", "target"),
    [("A cat.\n", "Un chat\n"), ("A cat\n", "Un chat\n\n"), ("Un chat\n", "A cat\n"), ("A cat\nUn chat\n", "")],
)
def test_other_bytes_have_another_fingerprint(texts, source, target):
    before = corpus_fingerprint(texts("A cat\n", "Un chat\n"))
    assert before is not None
    assert corpus_fingerprint(texts(source, target, "b")) not in (before, None)


def test_a_table_has_a_fingerprint(tmp_path):
    for name, text in (("x.tsv", "a\tb\n"), ("y.tsv", "a\tb\n"), ("z.tsv", "a\tc\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    one, same, other = (corpus_fingerprint(Corpus(path=str(tmp_path / f"{name}.tsv"))) for name in "xyz")
    assert one == same != other


def test_what_cannot_be_known_cheaply_has_none(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert corpus_fingerprint(Corpus(hub="opus_books")) is None
    assert corpus_fingerprint(Corpus(path=str(tmp_path / "missing.tsv"))) is None
    assert corpus_fingerprint(Corpus(path=str(tmp_path))) is None
    assert corpus_fingerprint(Corpus(path=str(tmp_path / "pipe"))) is None
    assert corpus_fingerprint(Corpus()) is None
