"""`seq2seq analyze`: what h(T) keeps and what it forgets, as a report."""

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seq2seq.analysis import MOST_SENTENCES, QUICK_SENTENCES
from seq2seq.analysis.instruments import NAMES
from seq2seq.cli.options import add_command, add_json, open_backend, positive, search_settings, write_json
from seq2seq.cli.parallel_files import read_parallel
from seq2seq.errors import ConfigError
from seq2seq.outputs import check_folder, check_outputs
from seq2seq.standard_streams import require_stdout

_log = logging.getLogger("seq2seq")


def add_analyze(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "write a report on what h(T) keeps and what it forgets"
    example = "seq2seq analyze runs/first --source test.en --reference test.fr --output report"
    parser = add_command(commands, "analyze", _analyze, text, example)
    parser.add_argument("runs", nargs="+", metavar="RUN_DIR", help="a run; further runs are compared with the first")
    parser.add_argument("--source", required=True, metavar="F", help="the test set's source, one sentence a line")
    parser.add_argument("--reference", required=True, metavar="F", help="its human translation, line by line")
    parser.add_argument("--output", required=True, metavar="DIR", help="write report.html, pictures and figures here")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help=f"only these: {', '.join(NAMES)}")
    parser.add_argument(
        "--sentences", type=positive, metavar="N", help=f"use N sentences, evenly spread (default {MOST_SENTENCES})"
    )
    parser.add_argument(
        "--quick", action="store_true", help=f"use {QUICK_SENTENCES} sentences and skip the slowest part"
    )

    add_json(parser, "write all figures and findings as JSON; each analysis also has a file in --output")


def _analyze(options: argparse.Namespace) -> int:
    require_stdout()
    unknown = [name for name in options.only if name not in NAMES]
    if unknown:
        raise ConfigError(f"there is no analysis {unknown[0]!r}: there are {', '.join(NAMES)}")
    if options.quick and (options.sentences or 0) > QUICK_SENTENCES:
        raise ConfigError(
            f"--sentences {options.sentences} would do nothing: --quick looks at {QUICK_SENTENCES}, so leave out one"
        )
    runs = {f"run {number}": run for number, run in enumerate(options.runs, 1)}
    check_outputs({"--json": options.json}, {"--source": options.source, "--reference": options.reference} | runs)
    check_folder("--output", options.output, options.runs)
    sources, references = read_parallel(options.source, options.reference)
    for run in options.runs:
        search_settings(options, run)
    _log.info("loading %s", ", ".join(options.runs))
    open_backend()
    from seq2seq.analysis.examination import analyze, chosen_names

    choice = {"only": options.only, "most": options.sentences or MOST_SENTENCES, "quick": options.quick}
    report = analyze(options.runs, sources, references, options.output, **choice)
    print(report)
    write_json(options, _record(report, chosen_names(options.only, quick=options.quick)))
    return 0


def _record(report: Path, names: Sequence[str]) -> dict[str, Any]:
    """The figures of all analyses, as their files in the folder of the report have them."""
    figures = {name: json.loads((report.parent / f"{name}.json").read_bytes()) for name in names}
    return {"report": str(report), "analyses": figures}
