"""The command that serves: options that are refused before anything is opened."""

import importlib.util

import pytest


@pytest.mark.parametrize("options", [["--port", "65536"], ["--port", "-1"], ["--texts", "0"], []])
def test_wrong_options_are_refused(command, options):
    result = command("serve", *(["run", *options] if options else []))
    assert result.returncode == 2


def test_keys_that_cannot_be_read_are_refused(command, refused, tmp_path):
    keys = tmp_path / "keys"
    refused(command("serve", "en-fr", "--keys", keys), f"cannot read the keys in {keys}")
    keys.write_text("\n \n", encoding="utf-8")
    refused(command("serve", "en-fr", "--keys", keys), f"{keys} has no key: write one a line, or leave out --keys")


def test_what_is_no_run_is_refused(command, tmp_path):
    result = command("serve", tmp_path, "--port", "0")
    assert result.returncode == 1
    assert b"is not a run" in result.stderr


def test_missing_extra_is_named(command, refused, monkeypatch):
    def find(name, true=importlib.util.find_spec):
        return None if name == "uvicorn" else true(name)

    monkeypatch.setattr(importlib.util, "find_spec", find)
    refused(command("serve", "en-fr"), "serve needs uvicorn: run pip install 'seq2seq[serve]'")


def test_help_says_what_is_served(command):
    text = command("serve", "--help").stdout.decode()
    assert "LibreTranslate" in text
    assert "--deadline-seconds" in text
