"""`seq2seq settings`: every setting with its meaning, range and value, as a settings file."""

import argparse
from typing import Any

from seq2seq import __version__
from seq2seq.cli.options import add_command
from seq2seq.standard_streams import require_stdout


def add_settings(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "print every setting with its meaning, range and default, as a settings file that can be used as it is"
    parser = add_command(commands, "settings", _settings, text, "seq2seq settings model > model.toml")
    section = "only this section or setting, such as model, data.cleaning or training.epochs"
    parser.add_argument("section", nargs="?", metavar="SECTION", help=section)
    of_run = "print the settings of this run, and mark those that differ from the default"
    parser.add_argument("--run", dest="directory", metavar="RUN_DIR", help=of_run)


def _settings(options: argparse.Namespace) -> int:
    from seq2seq.runs.shipped import find_run
    from seq2seq.settings.config import Config
    from seq2seq.settings.printing import settings_toml

    require_stdout()
    config = find_run(options.directory).config() if options.directory else Config()
    text = settings_toml(config, options.section or "", mark=options.directory is not None)
    if options.directory:
        name = options.directory if options.directory.isprintable() else repr(options.directory)
        print(f"# The settings of {name}; 'differs' marks those that are not the default.\n")
    else:
        print(
            f"# Settings of seq2seq {__version__}, all at their defaults. Your file needs only those that you change.\n"
        )
    print(text)
    return 0
