"""`seq2seq completion`: a script that completes commands and options in the shell."""

import argparse
from typing import Any

from seq2seq.cli.options import add_command
from seq2seq.standard_streams import require_stdout

_FOLDERS = ("RUN_DIR", "RUN_OR_EXPORT", "NEW_RUN", "DIR", "FILE|RUN_DIR")
_FILES = ("F", "SHARD", "FILE", "OUT", "CONFIG.toml", "vectors.npy", "SOURCE", "TARGET")


def add_completion(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "print a script that lets the Tab key complete commands, options and files"
    example = 'eval "$(seq2seq completion bash)"      # in ~/.bashrc; for zsh see docs/shell.md'
    parser = add_command(commands, "completion", _completion, text, example)
    parser.add_argument("shell", choices=("bash", "zsh"), help="the shell to write it for")


def _completion(options: argparse.Namespace) -> int:
    import shtab  # here, so that other commands do not load it

    from seq2seq.cli import make_parser

    require_stdout()
    parser = make_parser()
    for command in _commands(parser):
        for action in command._actions:
            if action.metavar in _FOLDERS:
                action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
            elif action.metavar in _FILES:
                action.complete = shtab.FILE  # type: ignore[attr-defined]
    print(shtab.complete(parser, options.shell))
    return 0


def _commands(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    """The parser of each command."""
    choices = next(action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return list(dict(choices or {}).values())
