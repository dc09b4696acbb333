"""The command that makes a small run."""

import re


def test_shrink_makes_a_copy_that_translates_and_is_not_trained(command, folder, tmp_path):
    small = tmp_path / "small"
    result = command("shrink", folder / "run", "--run", small)
    assert result.returncode == 0, result.stderr.decode()
    assert re.fullmatch(rf"{small} has 0\.\d MB\n", result.stderr.decode())
    assert command("translate", small, input=b"I am a man.\n").stdout.count(b"\n") == 1
    for more in ([], ["--resume"]):
        result = command("train", folder / "config.toml", "--run", small, *more)
        assert result.returncode == 1
        assert b"cannot be trained further" in result.stderr
        assert b"loading" not in result.stderr
    result = command("shrink", folder / "run", "--run", small)
    assert result.returncode == 1
    assert b"is there already" in result.stderr
