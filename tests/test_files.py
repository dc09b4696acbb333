"""Files that are whole or not there."""

import pytest

from seq2seq import files


def test_file_is_replaced_whole(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"older")
    files.write_atomically(path, b"newer")
    assert path.read_bytes() == b"newer"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_error_leaves_what_was_there_and_nothing_beside_it(tmp_path, monkeypatch, error):
    def half_written(path, content):
        path.write_bytes(content[:2])
        raise error

    path = tmp_path / "a.json"
    path.write_bytes(b"older")
    monkeypatch.setattr(files, "write_and_flush", half_written)
    with pytest.raises(type(error)):
        files.write_atomically(path, b"newer")
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]
