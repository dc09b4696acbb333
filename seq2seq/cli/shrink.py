"""`seq2seq shrink`: a small copy of a run, for passing on."""

import argparse
import logging
from typing import Any

from seq2seq.cli.options import add_command, megabytes

_log = logging.getLogger("seq2seq")


def add_shrink(commands: Any) -> None:
    """Make the command known."""
    text = "a copy of a run for passing on: weights in eight bits, and nothing that only training needs"
    parser = add_command(commands, "shrink", _shrink, text, "seq2seq shrink runs/first --run runs/small")
    parser.add_argument("directory", metavar="RUN_DIR", help="the trained run; it is only read")
    parser.add_argument("--run", required=True, dest="place", metavar="NEW_RUN", help="the folder to make")


def _shrink(options: argparse.Namespace) -> int:
    from seq2seq.runs.small_run import shrink

    place = shrink(options.directory, options.place)
    _log.info("%s has %.1f MB", place, megabytes(place))
    return 0
