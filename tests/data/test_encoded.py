import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from seq2seq.data import encoding
from seq2seq.data.corpus import Pair
from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.encoding import encode_pairs
from seq2seq.errors import CheckpointError, DataError
from seq2seq.symbols import PAD


class Words:
    """Stands in for a tokenizer: a text is its ids, written in decimals."""

    def encode(self, texts):
        return [[int(word) for word in text.split()] for text in texts]


def pair(source, target=(4,)):
    return Pair(" ".join(map(str, source)), " ".join(map(str, target)), "made up", 1)


def random_pairs(count, seed=0):
    draw = np.random.default_rng(seed)
    return [pair(*(draw.integers(4, 65_535, draw.integers(0, 9)) for _ in range(2))) for _ in range(count)]


def encode(path, *corpora, weights=None, max_tokens=(128, 128)):
    tokenizers = (Words(), Words())
    return encode_pairs(path, corpora, tokenizers, weights=weights or [1.0] * len(corpora), max_tokens=max_tokens)


def ids_of(pairs):
    return [tuple([int(word) for word in text.split()] for text in (pair.source, pair.target)) for pair in pairs]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "train.arrow"


@pytest.mark.parametrize("chunk", [1, 7, 100, 8192])
def test_ids_come_back_in_order_over_chunks_and_corpora(path, monkeypatch, chunk):
    monkeypatch.setattr(encoding, "_CHUNK", chunk)
    first, second = random_pairs(60, seed=1), random_pairs(41, seed=2)
    report = encode(path, first, iter(second), weights=[1.0, 0.25])
    stored = EncodedPairs(path)
    assert report == ([60, 41], 0)
    assert len(stored) == 101
    assert [tuple(side.tolist() for side in stored[index]) for index in range(101)] == ids_of(first + second)
    assert stored.corpora.tolist() == [0] * 60 + [1] * 41
    assert stored.weights == [1.0, 0.25]


def test_lengths_count_the_end_symbol(path, monkeypatch):
    monkeypatch.setattr(encoding, "_CHUNK", 2)
    encode(path, [pair([], [5]), pair([7, 8, 9], []), pair([4], [4, 5])])
    stored = EncodedPairs(path)
    assert stored.source_lengths.tolist() == [1, 4, 2]
    assert stored.target_lengths.tolist() == [2, 1, 3]


def test_pairs_survive_the_release_of_their_pages(path):
    pairs = random_pairs(50)
    encode(path, pairs)
    stored = EncodedPairs(path)
    before = [stored[index] for index in range(50)]
    stored.release()
    assert [tuple(side.tolist() for side in both) for both in before] == ids_of(pairs)


@pytest.mark.parametrize(
    ("max_tokens", "kept"), [((4, 4), [3, 2]), ((3, 4), [2, 2]), ((4, 2), [1, 1]), ((2, 2), [0, 1])]
)
def test_pairs_with_too_many_tokens_are_left_out_and_counted(path, max_tokens, kept):
    first = [pair([4] * 3, [4]), pair([4], [4] * 3), pair([4, 4], [4, 4])]  # and an end symbol each
    second = [pair([4], [4]), pair([4], [4, 4]), pair([4] * 50, [4] * 50)]
    report = encode(path, first, second, max_tokens=max_tokens)
    assert report == (kept, 6 - sum(kept))
    assert len(EncodedPairs(path)) == sum(kept)


@pytest.mark.parametrize("pairs", [[], [pair([4] * 50)]])
def test_nothing_left_is_an_error_and_leaves_no_file(path, pairs):
    message = rf"no pair is left to train on: {len(pairs)} are longer than \(8, 9\) tokens"
    with pytest.raises(DataError, match=message):
        encode(path, pairs, max_tokens=(8, 9))
    assert list(path.parent.iterdir()) == []


def test_crash_while_writing_leaves_nothing_under_the_final_name(path, monkeypatch):
    monkeypatch.setattr(encoding, "_CHUNK", 2)

    def crashing():
        yield from random_pairs(5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encode(path, crashing())
    assert not path.exists()
    pairs = random_pairs(3)
    encode(path, pairs)
    assert [entry.name for entry in path.parent.iterdir()] == ["train.arrow"]
    assert len(EncodedPairs(path)) == 3


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_truncated_file_is_refused(path, share):
    encode(path, random_pairs(200))
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(CheckpointError, match=r"train\.arrow is not a complete file of encoded pairs .*: delete it"):
        EncodedPairs(path)


def test_foreign_file_is_refused(path):
    path.write_bytes(b"once upon a time " * 100)
    with pytest.raises(CheckpointError, match="is not a complete file of encoded pairs"):
        EncodedPairs(path)


def test_foreign_arrow_file_is_refused(path):
    table = pa.table({"source": [[4]], "target": [[5]]})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(CheckpointError, match="is not a complete file of encoded pairs"):
        EncodedPairs(path)


def test_missing_file_is_named(path):
    with pytest.raises(CheckpointError, match=r"train\.arrow is not a complete file .*No such file"):
        EncodedPairs(path)


# Python does not give all memory back, so each size is measured in a process of its own.
_PEAK = """
import random, sys
from pathlib import Path
from seq2seq.data.batching import Batches
from seq2seq.data.corpus import Pair
from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.encoding import encode_pairs

class Words:
    def encode(self, texts):
        return [[int(word) for word in text.split()] for text in texts]

def pairs(count):
    draw = random.Random(1)
    for line in range(count):
        yield Pair(*(("1000 " * draw.randint(20, 60)) for _ in range(2)), "made up", line)

count, path = int(sys.argv[1]), Path(sys.argv[2])
encode_pairs(path, [pairs(count)], (Words(), Words()), weights=[1.0], max_tokens=(128, 128))
stored = EncodedPairs(path)
rows = sum(len(target) for _, target, _ in Batches(stored, batch_tokens=8192, seed=1).epoch(0))
assert len(stored) == count <= rows
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.split("\\n") if line.startswith("VmHWM")))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak of the memory from /proc")
def test_memory_holds_no_text_however_many_pairs(tmp_path):
    peaks = {}
    for count in (30_000, 300_000):
        command = [sys.executable, "-c", _PEAK, str(count), str(tmp_path / f"{count}.arrow")]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=_environment())
        peaks[count] = int(done.stdout)
    # A pair has 600 bytes of text or more. What may stay of it is its lengths and its place in the order of an epoch.
    assert 1024 * (peaks[300_000] - peaks[30_000]) < 250 * 270_000, peaks


def _environment():
    import os

    import seq2seq

    root = str(Path(seq2seq.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}


@pytest.mark.parametrize("chunk", [1, 7, 8192])
def test_rows_of_many_pairs_are_those_of_each(path, monkeypatch, chunk):
    monkeypatch.setattr(encoding, "_CHUNK", chunk)
    encode(path, random_pairs(60, seed=1), random_pairs(41, seed=2))
    stored = EncodedPairs(path)
    indices = np.random.default_rng(3).permutation(101)[:64].astype(np.uint32)
    for side in (0, 1):
        rows = stored.rows(indices, side, 9)
        assert rows.shape == (64, 9)
        for row, index in zip(rows, indices, strict=True):
            ids = stored[index][side]
            assert row.tolist() == ids.tolist() + [PAD] * (9 - len(ids))
