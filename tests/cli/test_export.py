"""The command that exports a run, and the commands that take exports."""

import re

import pytest


@pytest.fixture(scope="module")
def exports(command, folder, tmp_path_factory):
    place = tmp_path_factory.mktemp("exports")
    for name, options in (("float32", []), ("int8", ["--int8"])):
        result = command("export", folder / "run", place / name, *options)
        assert result.returncode == 0, result.stderr.decode()
        assert re.search(rf"{place / name} has \d\.\d MB; its README.md tells how to use it\n", result.stderr.decode())
    return place


def test_commands_take_an_export_like_its_run(command, folder, exports, tmp_path):
    text = b"I am a man.\n\nYou are a woman.\n"
    (tmp_path / "source").write_bytes(text)
    for name in (("translate",), ("score", "--source", tmp_path / "source", "--target", tmp_path / "source")):
        results = [command(*name, run, input=text) for run in (folder / "run", exports / "float32")]
        assert [result.returncode for result in results] == [0, 0], results[1].stderr.decode()
        assert results[0].stdout == results[1].stdout


def test_engine_is_chosen_by_an_option(command, folder, exports):
    results = [
        command("translate", folder / "run", "--engine", engine, input=b"I am.\n") for engine in ("onnx", "keras")
    ]
    assert results[0].stdout == results[1].stdout
    refused = command("translate", exports / "int8", "--engine", "keras", input=b"I am.\n")
    assert refused.returncode == 1
    assert b"is an export, which only translates" in refused.stderr


def test_export_into_a_folder_that_is_there_is_refused(command, folder, exports):
    result = command("export", folder / "run", exports / "int8")
    assert result.returncode == 1
    assert b"is there already" in result.stderr
