"""`seq2seq score`: how likely given translations are."""

import argparse
import logging
import math
from collections.abc import Sequence
from typing import Any

from seq2seq.cli.options import add_command, add_engine, add_json, load_translator, print_warnings, write_json
from seq2seq.cli.parallel_files import read_parallel
from seq2seq.outputs import check_outputs
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
    add_json(parser, "write the log-probabilities and their perplexity as JSON")
    add_engine(parser)


def _score(options: argparse.Namespace) -> int:
    from seq2seq.counts import Counts

    require_stdout()
    inputs = {"--source": options.source, "--target": options.target, "the run": options.directory}
    check_outputs({"--json": options.json}, inputs)
    sources, targets = read_parallel(options.source, options.target)
    translator = load_translator([options.directory], options)
    _log.info("scoring")
    counts = Counts()
    scores = translator.score(sources, targets, counts=counts)
    for log_prob, _ in scores:
        print(f"{log_prob:.4f}")
    print_warnings(translator, counts)
    write_json(options, {"run": options.directory, **_record(scores)})
    return 0


def _record(scores: Sequence[tuple[float, int]]) -> dict[str, Any]:
    """The figures as plain numbers: of each translation and of all together, in nats and tokens (end symbols too)."""
    log_prob, tokens = (sum(column) for column in zip(*scores, strict=True)) if scores else (0.0, 0)
    perplexity = math.exp(min(-log_prob / tokens, 700.0)) if tokens else None
    of_each_line = [{"log_prob": log_prob, "tokens": tokens} for log_prob, tokens in scores]
    return {"log_prob": log_prob, "tokens": tokens, "perplexity": perplexity, "scores": of_each_line}
