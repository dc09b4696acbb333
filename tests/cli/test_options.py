"""Options that several commands share."""

import pytest


@pytest.mark.parametrize("place", ["before", "behind"])
def test_quiet_may_stand_before_the_command_or_behind_it(command, folder, place):
    words = ["translate", folder / "run"]
    words = ["--quiet", *words] if place == "before" else [*words, "--quiet"]
    result = command(*words, input=b"I eat.\n")
    assert result.returncode == 0
    assert b"loading" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "work"),
    [
        (["translate"], "translating"),
        (["encode", "--output", "/dev/null"], "encoding"),
        (["score", "--source", "dev.en", "--target", "dev.fr"], "scoring"),
    ],
)
def test_loading_and_working_are_said(command, folder, arguments, work):
    result = command(*arguments, "run", input=b"", cwd=folder)
    assert result.stderr.decode() == f"loading run\n{work}\n"


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["translate", ""], "runs"),
        (["translate", "run", "--target", ""], "target-language"),
        (["encode", "run", "--output", ""], "output"),
        (["evaluate", "run", "--source", "dev.en", "--reference", "dev.fr", "--baseline", ""], "baseline"),
        (["train", "c.toml", "--run", ""], "directory"),
    ],
)
def test_empty_argument_is_refused(command, folder, arguments, name):
    """Of a shell's variable that is not set: an empty path would be the current folder, other values nothing at all."""
    result = command(*arguments, cwd=folder)
    assert result.returncode == 2
    assert f"{name} is empty, received '': is a variable of the shell not set?" in result.stderr.decode()


@pytest.mark.parametrize("number", ["0", "-3", "x"])
def test_n_best_is_a_number_from_one_up(command, number):
    result = command("translate", "run", f"--n-best={number}", input=b"")
    assert result.returncode == 2
    assert f"'{number}' is not a number from 1 up".encode() in result.stderr
