import os
import select
import shutil
import subprocess

import pytest

BASH = """
source {script}
COMP_WORDS=({words})
COMP_CWORD={last}
{function} seq2seq "{current}" ""
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def completed(command, tmp_path):
    """What the Tab key offers in bash after some words."""

    def complete(*words):
        script = tmp_path / "completion.sh"
        script.write_bytes(command("completion", "bash").stdout)
        function = next(line for line in script.read_text().split("\n") if line.startswith("complete ")).split(" -F ")[
            1
        ]
        program = BASH.format(
            script=script, words=" ".join(words), last=len(words) - 1, current=words[-1], function=function.split()[0]
        )
        (tmp_path / "text.en").touch()
        (tmp_path / "runs").mkdir(exist_ok=True)
        done = subprocess.run(["bash", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
        return set(done.stdout.split())

    return complete


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_commands_options_and_files(completed):
    assert {"train", "translate"} <= completed("seq2seq", "tra") | completed("seq2seq", "t")
    assert "--beam-size" in completed("seq2seq", "translate", "--b")
    assert "text.en" in completed("seq2seq", "score", "runs", "--source", "te")
    offered = completed("seq2seq", "translate", "")
    assert "runs" in offered
    assert "text.en" not in offered


def test_zsh_script_names_every_command(command):
    script = command("completion", "zsh").stdout.decode()
    assert script.startswith("#compdef seq2seq")
    assert all(f"{name}:'" in script for name in ("train", "translate", "settings", "push"))


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh")
def test_zsh_completes_commands_options_and_files(command, tmp_path):
    (tmp_path / "_seq2seq").write_bytes(command("completion", "zsh").stdout)
    (tmp_path / "text.en").touch()
    terminal, of_shell = os.openpty()
    environment = {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(tmp_path)}
    streams = {"stdin": of_shell, "stdout": of_shell, "stderr": of_shell}
    with subprocess.Popen(["zsh", "-f", "-i"], cwd=tmp_path, env=environment, **streams) as shell:
        try:
            type_and_see(
                terminal, "fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; echo rea''dy\n", "ready\r\n"
            )
            type_and_see(terminal, "seq2seq translat\t", "e ")
            type_and_see(terminal, "--beam-si\t", "ze ")
            type_and_see(terminal, "5 --shor\t", "tlist ")
            type_and_see(terminal, "\x15seq2seq score run --source tex\t", "t.en ")
        finally:
            shell.kill()


def type_and_see(terminal, keys, shown):
    """Type into a terminal, and wait until its program has shown a text that the keys do not hold."""
    assert shown not in keys
    os.write(terminal, keys.encode())
    output = ""
    while shown not in output.replace("\x07", ""):
        assert select.select([terminal], [], [], 60)[0], f"{keys!r} led to {output!r}"
        output += os.read(terminal, 1 << 16).decode()


def test_another_shell_is_refused(command):
    assert command("completion", "fish").returncode == 2
