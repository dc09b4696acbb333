"""`seq2seq phrasebook`: pairs of the embedded corpus."""

import argparse
from typing import Any

from seq2seq.cli.options import add_command
from seq2seq.standard_streams import require_stdout


def add_phrasebook(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "print pairs of the embedded corpus: English, tab, French"
    parser = add_command(commands, "phrasebook", _phrasebook, text, "seq2seq phrasebook 1000 > pairs.tsv")
    parser.add_argument("count", type=int, help="how many pairs to print")
    parser.add_argument(
        "--split", default="train", choices=("train", "dev", "test"), help="which part of the corpus (default train)"
    )
    parser.add_argument("--min-words", type=int, default=3, metavar="N", help="shortest English sentence (default 3)")
    parser.add_argument("--max-words", type=int, default=12, metavar="N", help="longest English sentence (default 12)")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="S", help="another seed gives other sentences (default 0)"
    )


def _phrasebook(options: argparse.Namespace) -> int:
    from seq2seq.phrasebook import phrases

    require_stdout()
    lengths = {"min_words": options.min_words, "max_words": options.max_words}
    for phrase in phrases(options.split, options.count, seed=options.seed, **lengths):
        print(f"{phrase.english}\t{phrase.french}")
    return 0
