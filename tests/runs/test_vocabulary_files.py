"""The vocabularies of a run."""

import pytest

from seq2seq.errors import CheckpointError
from seq2seq.translator import Translator


def test_exchanged_vocabularies_are_refused(run):
    source, target = (run.path / "tokenizer" / f"{side}.model" for side in ("source", "target"))
    contents = source.read_bytes(), target.read_bytes()
    source.write_bytes(contents[1])
    target.write_bytes(contents[0])
    with pytest.raises(CheckpointError, match=r"tokenizer/source\.model was changed, damaged or exchanged"):
        Translator.load(run.path)
