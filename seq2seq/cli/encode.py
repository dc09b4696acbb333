"""`seq2seq encode`: h(T) of each line as a NumPy file."""

import argparse
import logging
from typing import Any

from seq2seq.cli.options import add_command, add_engine, load_translator, print_warnings
from seq2seq.outputs import check_outputs
from seq2seq.standard_streams import ready_lines, require_stdin

_log = logging.getLogger("seq2seq")


def add_encode(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "write h(T) of each line of stdin as a row of a NumPy file"
    example = "seq2seq encode runs/first --output vectors.npy < test.en"
    parser = add_command(commands, "encode", _encode, text, example)
    parser.add_argument("directory", metavar="RUN_DIR", help="the run that encodes")
    parser.add_argument(
        "--output",
        required=True,
        metavar="vectors.npy",
        help="the file to write: float32, one row of S numbers for each line, zeros for an empty line. "
        "A file is written line by line, a pipe only at the end",
    )
    add_engine(parser)


def _encode(options: argparse.Namespace) -> int:
    require_stdin()
    check_outputs({"--output": options.output}, {"the run": options.directory, "stdin": "/dev/stdin"})
    translator = load_translator([options.directory], options)
    from seq2seq.counts import Counts
    from seq2seq.vectors import VectorFile

    _log.info("encoding")
    counts = Counts()
    with VectorFile(options.output, translator.engine.summary_size) as file:
        for lines in ready_lines():
            file.append(translator.encode(lines, counts=counts))
    print_warnings(translator, counts)
    return 0
