"""Two files that belong together."""

from pathlib import Path

import pytest

from seq2seq.cli.parallel_files import read_parallel
from seq2seq.errors import DataError


def test_lines_come_in_their_order_and_other_numbers_of_them_are_refused(tmp_path):
    names = [str(tmp_path / name) for name in ("test.en", "test.fr")]
    Path(names[0]).write_text("A cat.\nA dog.\n")
    Path(names[1]).write_text("Un chat.\nUn chien.\n", encoding="utf-8")
    assert read_parallel(*names) == (["A cat.", "A dog."], ["Un chat.", "Un chien."])
    Path(names[1]).write_text("Un chat.\n")
    with pytest.raises(DataError, match=r"have different lengths \(2 and 1 lines\)"):
        read_parallel(*names)


def test_two_files_of_the_same_text_are_said(tmp_path, caplog):
    names = [str(tmp_path / name) for name in ("test.en", "test.fr")]
    for name in names:
        Path(name).write_text("A cat.\n")
    assert read_parallel(*names) == (["A cat."], ["A cat."])
    assert "test.fr hold the same text: the second should be the translation" in caplog.text
