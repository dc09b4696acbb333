"""`seq2seq encode`: h(T) of each line as a NumPy file."""

import argparse
import io
from typing import Any

from seq2seq.cli.options import add_command, load_translator, print_warnings
from seq2seq.streams import ready_lines, write_file


def add_encode(commands: Any) -> None:
    """Make the command known."""
    parser = add_command(commands, "encode", _encode, "write h(T) of each line of stdin as a row of a NumPy file")
    parser.add_argument("directory", metavar="RUN_DIR", help="the run")
    parser.add_argument(
        "--output", required=True, metavar="vectors.npy", help="float32 (lines, S); zeros for an empty line"
    )


def _encode(options: argparse.Namespace) -> int:
    import numpy as np

    translator = load_translator([options.directory], options)
    vectors = translator.encode([line for lines in ready_lines() for line in lines])
    stream = io.BytesIO()
    np.save(stream, vectors, allow_pickle=False)
    write_file(options.output, stream.getvalue())
    print_warnings(translator)
    return 0
