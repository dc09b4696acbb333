import pytest

from seq2seq.runs.directory import RunDirectory


def test_run_is_pushed_pulled_and_translates_by_name(command, folder, hub, tmp_path):
    pushed = command("push", folder / "run", "ann/tiny", "--licence", "cc-by-4.0", "--quiet")
    assert pushed.returncode == 0, pushed.stderr.decode()
    sha, files = hub.files("ann/tiny")
    assert pushed.stdout.decode().strip() == f"{hub.endpoint}/ann/tiny/commit/{sha}"
    assert b'license: "cc-by-4.0"' in files["README.md"]
    pulled = command("pull", "ann/tiny", "--run", tmp_path / "mine")
    assert pulled.returncode == 0, pulled.stderr.decode()
    outputs = [
        command("translate", run, "--quiet", input=b"I eat.\n").stdout
        for run in (folder / "run", tmp_path / "mine", "hub:ann/tiny")
    ]
    assert outputs[0] == outputs[1] == outputs[2] != b""
    settings = command("settings", "tokenizer.vocabulary_size", "--run", "hub:ann/tiny").stdout
    assert b"vocabulary_size = 600  # differs" in settings


def test_folder_is_written_and_nothing_is_pushed(command, folder, hub, tmp_path):
    result = command("push", folder / "run", "ann/tiny", "--folder", tmp_path / "look")
    assert result.returncode == 0, result.stderr.decode()
    assert RunDirectory(tmp_path / "look").config().data.train == []
    assert hub.asked == []


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("push", "en-fr", "no-owner"), "a run on a hub is named hub:owner/name"),
        (("push", "none", "ann/tiny", "--folder", "look"), "none is not a run"),
        (("push", "en-fr", "ann/tiny", "--scores", "none.json", "--folder", "look"), "cannot read none.json"),
        (("pull", "ann/none", "--run", "mine"), "cannot read hub:ann/none: "),
        (("translate", "hub:ann/none"), "cannot read hub:ann/none: "),
    ],
)
def test_what_cannot_be_done_is_one_line(command, hub, tmp_path, refused, arguments, part):
    refused(command(*arguments, cwd=tmp_path), part)
    assert not list(tmp_path.glob("[!c]*"))
