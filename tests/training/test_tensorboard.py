import sys

import pytest

from seq2seq.errors import MissingExtraError
from seq2seq.training.tensorboard import EventWriter


def test_numbers_of_a_record_are_written(tmp_path):
    pytest.importorskip("tensorboardX")
    writer = EventWriter(tmp_path, 0)
    writer.write({"step": 7, "dev_bleu": 12.5, "dev_bleu_signature": "nrefs:1"})
    writer.close()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"dev_bleu" in content
    assert b"nrefs" not in content


def test_missing_package_names_its_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(MissingExtraError, match=r"needs tensorboardX: run pip install 'seq2seq\[tensorboard\]'"):
        EventWriter(tmp_path, 0)
