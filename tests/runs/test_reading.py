"""Files of a run that may come from a stranger: only regular files inside the run, and checked JSON."""

import os

import pytest

from seq2seq.errors import CheckpointError
from seq2seq.runs.reading import exists, expect, open_inside, parse_json, read_inside, true_place


@pytest.fixture
def root(tmp_path):
    """A run's directory with a file, beside a file that is not in it."""
    root = tmp_path / "run"
    root.mkdir()
    (root / "file").write_bytes(b"inside")
    (tmp_path / "outside").write_bytes(b"outside")
    return root


def test_file_and_link_within_the_run_are_read(root):
    (root / "link").symlink_to(root / "file")
    for name in ("file", "link"):
        assert read_inside(root / name, root, 6) == b"inside"
        assert true_place(root / name, root) == (root / "file").resolve()


def test_run_may_itself_be_a_link(root, tmp_path):
    (tmp_path / "linked").symlink_to(root)
    assert read_inside(tmp_path / "linked" / "file", tmp_path / "linked", 6) == b"inside"


def test_what_lies_elsewhere_is_not_opened(root, tmp_path):
    (root / "link").symlink_to(tmp_path / "outside")
    for path in (root / "link", root / ".." / "outside"):
        with pytest.raises(CheckpointError, match="is a link that leads out of the run, to "):
            open_inside(path, root)


def test_pipe_is_refused_at_once(root):
    os.mkfifo(root / "pipe")
    with pytest.raises(CheckpointError, match="pipe is not a regular file but a pipe or a device: remove it"):
        open_inside(root / "pipe", root)


def test_missing_file_is_named(root):
    with pytest.raises(CheckpointError, match=r"cannot read .*nothing: No such file or directory: copy the run again"):
        open_inside(root / "nothing", root)


def test_file_that_is_too_large_is_not_read(root):
    with pytest.raises(CheckpointError, match="file has 6 bytes, expected 5 at most: it is not a file that seq2seq"):
        read_inside(root / "file", root, 5)


def test_link_to_nothing_is_there(root):
    (root / "link").symlink_to(root / "nothing")
    assert exists(root / "link")
    assert not exists(root / "nothing")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"5", b"\xff", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"])
def test_what_is_no_object_is_damaged(root, content):
    with pytest.raises(CheckpointError, match=r"file is damaged: ") as caught:
        parse_json(root / "file", content)
    assert len(str(caught.value)) < 500


def test_keys_hold_what_is_expected_where_they_are_there(root):
    values = parse_json(root / "file", b'{"name": "a", "size": 3, "flag": true}')
    expect(root / "file", values, {"name": str, "size": (int, float), "other": dict})
    for key, kind in (("name", int), ("flag", int)):
        with pytest.raises(CheckpointError, match=f"file is damaged: {key} cannot be .*: copy the file again"):
            expect(root / "file", values, {key: kind})
