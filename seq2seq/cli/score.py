"""`seq2seq score`: how likely given translations are."""

import argparse
import logging
from typing import Any

from seq2seq.cli.options import add_command, add_engine, load_translator, print_warnings
from seq2seq.cli.parallel_files import read_parallel
from seq2seq.standard_streams import require_stdout

_log = logging.getLogger("seq2seq")


def add_score(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "print the log-probability of each given translation, in nats, one a line"
    example = "seq2seq score runs/first --source test.en --target test.fr > log_probs.txt"
    parser = add_command(commands, "score", _score, text, example)
    parser.add_argument("directory", metavar="RUN_DIR", help="the run that scores")
    parser.add_argument("--source", required=True, metavar="F", help="the source, one sentence a line")
    parser.add_argument("--target", required=True, metavar="F", help="the translation to score, line by line")
    add_engine(parser)


def _score(options: argparse.Namespace) -> int:
    from seq2seq.counts import Counts

    require_stdout()
    sources, targets = read_parallel(options.source, options.target)
    translator = load_translator([options.directory], options)
    _log.info("scoring")
    counts = Counts()
    for log_prob, _ in translator.score(sources, targets, counts=counts):
        print(f"{log_prob:.4f}")
    print_warnings(translator, counts)
    return 0
