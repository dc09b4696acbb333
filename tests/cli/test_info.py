import json


def test_info_prints_lines_and_writes_the_same(command, folder, tmp_path):
    result = command("info", folder / "run", "--json", tmp_path / "info.json")
    assert result.returncode == 0, result.stderr.decode()
    facts = json.loads((tmp_path / "info.json").read_text("utf-8"))
    assert f"{facts['weights']:,} weights in float32; vocabularies of 600 and 600 pieces" in result.stdout.decode()


def test_what_is_no_run_is_refused(command, refused, folder, tmp_path):
    refused(command("info", tmp_path), "is not a run of seq2seq train: it has no config.json")
    refused(command("info", folder), f"it has no config.json: did you mean {folder / 'run'}?")
    refused(command("info", folder / "run" / "about.json"), "about.json is not a run but a file: give the folder")
    refused(command("info", tmp_path / "none"), "none is not a run: there is no such folder: give the folder of a run")
