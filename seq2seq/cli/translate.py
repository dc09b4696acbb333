"""`seq2seq translate`: stdin to stdout, line by line."""

import argparse
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq.cli.hypotheses import add_hypotheses, sampling_of, settle_beam
from seq2seq.cli.options import (
    add_command,
    add_engine,
    add_json,
    add_search,
    add_target,
    load_translator,
    print_warnings,
    write_json,
)
from seq2seq.errors import ConfigError
from seq2seq.outputs import check_outputs
from seq2seq.standard_streams import ready_lines, require_stdin, require_stdout

if TYPE_CHECKING:
    from seq2seq.hypothesis import Hypothesis

_log = logging.getLogger("seq2seq")


def add_translate(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "translate stdin to stdout, line by line"
    parser = add_command(commands, "translate", _translate, text, "seq2seq translate runs/first < test.en > test.fr")
    parser.add_argument(
        "runs", nargs="+", metavar="RUN_DIR", help="a run; several runs with the same vocabulary form an ensemble"
    )
    add_target(parser)
    add_search(parser)
    add_engine(parser)
    add_json(parser, "also write the translations with their scores as JSON, at the end")
    add_hypotheses(parser)


def _translate(options: argparse.Namespace) -> int:
    from seq2seq.counts import Counts

    require_stdin()
    require_stdout()
    _look_at_runs(options.runs)
    runs = {f"run {number}": run for number, run in enumerate(options.runs, 1)}
    check_outputs({"--json": options.json}, runs | {"stdin": "/dev/stdin"})
    sampling = sampling_of(options)
    settle_beam(options, options.runs[0], sampling, rows=bool(options.n_best))
    translator = load_translator(options.runs, options)
    _log.info("ready: type a sentence, Ctrl-D ends" if sys.stdin.isatty() else "translating")
    counts = Counts()
    number = 0
    records: list[dict[str, Any]] = []
    for lines in ready_lines():
        for hypotheses in translator.hypotheses(lines, n_best=options.n_best or 1, sampling=sampling, counts=counts):
            number += 1
            if options.json:
                records.append({"number": number, "hypotheses": [_record(hypothesis) for hypothesis in hypotheses]})
            for hypothesis in hypotheses:
                text = hypothesis.text
                print(f"{number}\t{hypothesis.score:.4f}\t{text}" if options.n_best else text)
        sys.stdout.flush()
    print_warnings(translator, counts)
    write_json(options, {"runs": options.runs, "sentences": records})
    return 0


def _record(hypothesis: "Hypothesis") -> dict[str, Any]:
    """A translation with its normalised score and its log-probability in nats; cut if it reached the longest length."""
    return {name: getattr(hypothesis, name) for name in ("text", "score", "log_prob", "cut")}


def _look_at_runs(runs: list[str]) -> None:
    """Refuse a text file in the place of a run: text comes from stdin, but many people first give it as an argument."""
    for run in runs:
        if Path(run).is_file():
            raise ConfigError(f"{run} is a file, not a run: to translate it, write < {run}")
