import json

import pytest

from seq2seq.errors import CheckpointError
from seq2seq.runs.metrics_log import add_to_log, forget_after, read_log


@pytest.fixture
def path(tmp_path):
    for epoch in (1, 2, 3):
        add_to_log(tmp_path / "metrics.jsonl", {"epoch": epoch, "loss": 5.0 / epoch})
    return tmp_path / "metrics.jsonl"


def epochs(path):
    return [record["epoch"] for record in read_log(path, path.parent)]


@pytest.mark.parametrize("half", [b'{"epoch": 4, "lo', b"\0\0\0", b"\xff", b'{"epoch": 4}'])
def test_half_a_last_line_is_left_out_and_written_anew(path, half):
    path.write_bytes(path.read_bytes() + half)
    assert epochs(path) == [1, 2, 3]
    forget_after(path, path.parent, 2)
    add_to_log(path, {"epoch": 3})
    assert epochs(path) == [1, 2, 3]


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[]", b"\xff", b"[" * 99_999, b'{"loss": 1}', b'{"epoch": "2"}', b'{"epoch": 2, "loss": "x"}']
)
def test_damaged_line_is_named(path, line):
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([lines[0], line, *lines[2:]]))
    with pytest.raises(CheckpointError, match=r"metrics\.jsonl, line 2 is damaged: "):
        read_log(path, path.parent)


def test_forgetting_keeps_the_rest_to_the_bit(path):
    before = path.read_bytes()
    forget_after(path, path.parent, 3)
    assert path.read_bytes() == before
    forget_after(path, path.parent, 1)
    assert [json.loads(line) for line in path.read_text().split("\n")[:-1]] == [{"epoch": 1, "loss": 5.0}]
