"""The container files copy what the package needs, and hosted CI runs on every Python that the package is for."""

import configparser
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.train"])
def test_image_copies_only_what_exists_and_is_not_ignored(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    copied = [source for line in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE) for source in line.split()]
    allowed = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"setup.cfg", "pyproject.toml", "README.md", "LICENSE", "seq2seq"} <= set(copied) <= set(allowed)
    assert all((ROOT / source).exists() for source in copied)


@pytest.mark.parametrize(("name", "extras"), [("Dockerfile", ["serve"]), ("Dockerfile.train", ["cpu", "gpu", "jax"])])
def test_image_installs_extras_that_exist(name, extras):
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    assert set(extras) <= set(settings["options.extras_require"])
    text = (ROOT / name).read_text(encoding="utf-8")
    named = re.findall(r"source\[(\w+)\]", text) or re.findall(r"BACKEND=(\w+)", text) + re.findall(r", or (jax)", text)
    assert set(named) == set(extras)


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.train"])
def test_commands_of_an_image_are_commands(name):
    from seq2seq.cli import make_parser

    text = (ROOT / name).read_text(encoding="utf-8")
    (command,) = re.findall(r"^CMD (\[.+\])$", text, re.MULTILINE)
    arguments = yaml.safe_load(command)
    if arguments != ["--help"]:
        assert make_parser().parse_args(arguments).run


def test_hosted_ci_runs_every_python_of_the_package():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["run"]
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    pythons = re.findall(r"Python :: (3\.\d+)", settings["metadata"]["classifiers"])
    assert job["strategy"]["matrix"]["python"] == pythons
    assert set(job["strategy"]["matrix"]["system"]) == {"ubuntu-latest", "macos-latest"}
    assert job["steps"][-1] == {"run": ".ci/run"}
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
