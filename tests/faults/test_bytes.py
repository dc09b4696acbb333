"""One byte of a run is not what was written: the run is refused, or nothing that is read from it differs.

SEQ2SEQ_FLIPS=5000 flips as many bytes of each file (default: a few, so that all of them take seconds).
"""

import os
import random
import shutil

import pytest

from seq2seq.errors import Seq2SeqError

FLIPS = int(os.environ.get("SEQ2SEQ_FLIPS", "25"))
MEASUREMENTS = ("metrics.jsonl",)  # figures for people: nothing is translated or trained from them


def flipped(content: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(content))
    return content[:place] + bytes([content[place] ^ (1 << draw.randrange(8))]) + content[place + 1 :]


def damaged_copies(run, folder, name):
    """Copies of a run with one byte of a file flipped, one after another."""
    draw = random.Random(name)
    copy = folder / "run"
    shutil.copytree(run, copy)
    content = (run / name).read_bytes()
    for number in range(FLIPS):
        (copy / name).write_bytes(flipped(content, draw))
        yield number, copy


def test_flipped_byte_is_refused_or_harmless(made_run, opened, tmp_path):
    intact = opened(made_run)
    names = sorted(str(path.relative_to(made_run)) for path in made_run.rglob("*") if path.is_file())
    refused = dict.fromkeys(names, 0)
    for number, name in enumerate(names):
        for _, copy in damaged_copies(made_run, tmp_path / str(number), name):
            try:
                content = opened(copy)
            except Seq2SeqError as error:
                refused[name] += 1
                assert str(copy) in str(error), f"does not name the run: {error}"
                assert len(str(error)) < 1000
            else:
                different = [key for key in intact if content[key] != intact[key] and key not in MEASUREMENTS]
                assert not different, f"a flipped byte of {name} changes {different} without a word"
    certain = [name for name in names if name.endswith((".model", ".npz", ".arrow", "config.json"))]
    assert len(certain) >= 6
    for name in certain:
        assert refused[name] == FLIPS, f"{name}: {refused[name]} of {FLIPS} flips were noticed"


def test_exchanged_vocabularies_are_refused(made_run, opened, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(made_run, copy)
    for side, other in (("source", "target"), ("target", "source")):
        shutil.copy(made_run / f"tokenizer/{side}.model", copy / f"tokenizer/{other}.model")
    with pytest.raises(Seq2SeqError, match=r"source\.model"):
        opened(copy)
