"""`seq2seq translate`: stdin to stdout, line by line."""

import argparse
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq.cli.options import (
    SEARCH,
    add_command,
    add_engine,
    add_json,
    add_search,
    add_target,
    given,
    load_translator,
    positive,
    print_warnings,
    refuse,
    refuse_useless_penalty,
    search_settings,
    write_json,
)
from seq2seq.errors import ConfigError
from seq2seq.outputs import check_outputs
from seq2seq.standard_streams import ready_lines, require_stdin, require_stdout

if TYPE_CHECKING:
    from seq2seq.engine.sampling import Sampling
    from seq2seq.hypothesis import Hypothesis

_log = logging.getLogger("seq2seq")
_SAMPLING = ("temperature", "top_k", "top_p", "seed")
_LENGTHS = ("max_length_ratio", "min_length_ratio", "batch_sentences")  # search options that sampling uses too


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
    parser.add_argument(
        "--n-best", type=positive, metavar="N", help="print N translations of each sentence: number, score, text"
    )
    add_json(parser, "also write the translations with their scores as JSON, at the end")
    sampling = parser.add_argument_group("sampling")
    sampling.add_argument(
        "--sample", action="store_true", help="draw random translations instead of searching for the likeliest"
    )
    sampling.add_argument(
        "--temperature", type=float, metavar="T", help="below 1, likely pieces are drawn more often (default 1)"
    )
    sampling.add_argument("--top-k", type=int, metavar="K", help="sample from the K likeliest pieces only")
    smallest_set = "sample from the smallest set of pieces whose probabilities sum to at least P"
    sampling.add_argument("--top-p", type=float, metavar="P", help=smallest_set)
    sampling.add_argument("--seed", type=int, metavar="S", help="seed of the random numbers (default 1)")


def _translate(options: argparse.Namespace) -> int:
    from seq2seq.counts import Counts

    require_stdin()
    require_stdout()
    _look_at_runs(options.runs)
    check_outputs({"--json": options.json}, {"the run": options.runs[0], "stdin": "/dev/stdin"})
    sampling = _sampling(options)
    n_best = options.n_best or 1
    if n_best > (options.beam_size or n_best):
        raise ConfigError(f"--n-best {n_best} needs --beam-size {n_best} or more, received {options.beam_size}")
    if options.n_best and not sampling and not options.beam_size:
        options.beam_size = max(n_best, search_settings(options, options.runs[0]).beam_size)
    if not options.n_best:  # with --n-best the penalty has an effect: it changes the score that is printed
        refuse_useless_penalty(options, options.runs[0])
    translator = load_translator(options.runs, options)
    _log.info("ready: type a sentence, Ctrl-D ends" if sys.stdin.isatty() else "translating")
    counts = Counts()
    number = 0
    records: list[dict[str, Any]] = []
    for lines in ready_lines():
        for hypotheses in translator.hypotheses(lines, n_best=n_best, sampling=sampling, counts=counts):
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


def _sampling(options: argparse.Namespace) -> "Sampling | None":
    """How to draw, if samples are wanted; options that would do nothing are refused."""
    if not options.sample:
        refuse(options, _SAMPLING, "only --sample draws, so add it or leave this out")
        return None
    refuse(options, [name for name in SEARCH if name not in _LENGTHS], "--sample does not search, so leave this out")
    if (options.n_best or 1) > 1:
        raise ConfigError("--n-best is for searching: with --sample, draw again with another --seed")
    from seq2seq.engine.sampling import Sampling

    return Sampling(**given(options, _SAMPLING))
