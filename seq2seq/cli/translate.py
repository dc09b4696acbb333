"""`seq2seq translate`: stdin to stdout, line by line."""

import argparse
import sys
from typing import Any

from seq2seq.cli.options import (
    add_command,
    add_search,
    add_target,
    load_translator,
    positive,
    print_warnings,
    search_settings,
)
from seq2seq.errors import ConfigError
from seq2seq.streams import ready_lines


def add_translate(commands: Any) -> None:
    """Make the command known."""
    parser = add_command(commands, "translate", _translate, "translate stdin to stdout, line by line")
    parser.add_argument("runs", nargs="+", metavar="RUN_DIR", help="a run; several with one vocabulary are an ensemble")
    add_target(parser)
    add_search(parser)
    parser.add_argument("--n-best", type=positive, metavar="N", help="print N lines a sentence: number, score, text")
    sampling = parser.add_argument_group("sampling")
    sampling.add_argument("--sample", action="store_true", help="draw instead of searching for the likeliest")
    sampling.add_argument("--temperature", type=float, default=1.0, metavar="T", help="below 1 sharpens (default 1)")
    sampling.add_argument("--top-k", type=int, default=0, metavar="K", help="among the K likeliest pieces only")
    sampling.add_argument("--top-p", type=float, default=1.0, metavar="P", help="among the fewest pieces that hold P")
    sampling.add_argument("--seed", type=int, default=1, metavar="S", help="of the drawing (default 1)")


def _translate(options: argparse.Namespace) -> int:
    n_best = options.n_best or 1
    if n_best > (options.beam_size or n_best):
        raise ConfigError(f"--n-best {n_best} needs --beam-size {n_best} or more, received {options.beam_size}")
    if n_best > 1 and options.sample:
        raise ConfigError("--n-best is for searching: with --sample, draw again with another --seed")
    if options.n_best and not options.sample and not options.beam_size:
        options.beam_size = max(n_best, search_settings(options, options.runs[0]).beam_size)
    translator = load_translator(options.runs, options)
    from seq2seq.translator import Sampling

    sampling = Sampling(options.temperature, options.top_k, options.top_p, options.seed) if options.sample else None
    number = 0
    for lines in ready_lines():
        for hypotheses in translator.hypotheses(lines, n_best=n_best, sampling=sampling):
            number += 1
            for hypothesis in hypotheses:
                text = hypothesis.text
                print(f"{number}\t{hypothesis.score:.4f}\t{text}" if options.n_best else text)
        sys.stdout.flush()
    print_warnings(translator)
    return 0
