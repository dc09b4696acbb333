"""The command that writes a report: what it refuses first, and where the report is."""

import pytest


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--output", "dev.en"], "--output dev.en: dev.en is not a folder"),
        (["--output", "run"], "--output run belongs to the run run"),
        (["--output", "new", "--only", "usag"], "there is no analysis 'usag'"),
        (["--output", "new", "--reference", "train.fr"], "have different lengths"),
        (
            ["--output", "new", "--quick", "--sentences", "201"],
            "--sentences 201 would do nothing: --quick looks at",
        ),
    ],
)
def test_analyze_looks_first(command, folder, options, message, refused):
    refused(command("analyze", "run", "--source", "dev.en", "--reference", "dev.fr", *options, cwd=folder), message)
    assert not (folder / "new").exists()


def test_analyze_of_a_folder_that_is_no_run_is_refused_first(command, folder, refused):
    options = ("--source", "dev.en", "--reference", "dev.fr", "--output", "new")
    refused(command("analyze", "run", "no_run", *options, cwd=folder), "no_run is not a run")
    assert not (folder / "new").exists()


def test_analyze_leaves_a_report_and_says_where(command, folder, tmp_path):
    files = ("--source", folder / "dev.en", "--reference", folder / "dev.fr", "--output", tmp_path / "out")
    result = command("analyze", folder / "run", *files, "--only", "usage", "lengths")
    assert result.returncode == 0, result.stderr.decode()
    assert result.stdout.decode().strip() == str(tmp_path / "out" / "report.html")
    assert b"lengths, run" in result.stderr  # the progress bar names what runs
    assert "Is the summary used?" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
