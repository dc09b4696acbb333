"""`seq2seq export`: a run as a folder that translates without Keras."""

import argparse
import logging
from typing import Any

from seq2seq.cli.options import add_command, megabytes

_log = logging.getLogger("seq2seq")


def add_export(commands: Any) -> None:
    """Make the command known."""
    text = "write a run as a folder that translates anywhere: ONNX graphs, vocabularies, and how to call them"
    parser = add_command(commands, "export", _export, text, "seq2seq export runs/first exports/first --int8")
    parser.add_argument("directory", metavar="RUN_DIR", help="the trained run; it is only read")
    parser.add_argument("place", metavar="OUT", help="the folder to make")
    in_eight_bits = "store weights in eight bits: a quarter of the size and faster; few translations change"
    parser.add_argument("--int8", action="store_true", help=in_eight_bits)


def _export(options: argparse.Namespace) -> int:
    from seq2seq.export.writing import export

    _log.info("writing the graphs of %s", options.directory)
    place = export(options.directory, options.place, int8=options.int8)
    _log.info("%s has %.1f MB; its README.md tells how to use it", place, megabytes(place))
    return 0
