"""`seq2seq evaluate`: a test set translated and scored."""

import argparse
import json
from pathlib import Path
from typing import Any

from seq2seq.cli.options import add_command, add_search, add_target, load_translator, print_warnings
from seq2seq.streams import read_parallel, write_file


def add_evaluate(commands: Any) -> None:
    """Make the command known."""
    parser = add_command(commands, "evaluate", _evaluate, "translate a test set and score it: BLEU, chrF, TER")
    parser.add_argument("directory", metavar="RUN_DIR", help="the run")
    parser.add_argument("--source", required=True, metavar="F", help="the test set's source, one sentence a line")
    parser.add_argument("--reference", required=True, metavar="F", help="its human translation")
    parser.add_argument("--baseline", metavar="FILE|RUN_DIR", help="translations, or another run, to compare with")
    parser.add_argument("--json", metavar="OUT", help="write all figures and the translations' text as JSON")
    parser.add_argument("--hypotheses", metavar="OUT", help="write the translations, one a line")
    parser.add_argument("--lowercase", action="store_true", help="score without regard to case")
    add_target(parser)
    add_search(parser)


def _evaluate(options: argparse.Namespace) -> int:
    from seq2seq.data.lines import read_lines
    from seq2seq.evaluation import evaluate

    sources, references = read_parallel(options.source, options.reference)
    translator = load_translator([options.directory], options)
    hypotheses = translator.translate(sources)
    print_warnings(translator)
    baseline = options.baseline
    if baseline:
        is_run = Path(baseline).is_dir()
        baseline = load_translator([baseline], options).translate(sources) if is_run else list(read_lines(baseline))
    evaluation = evaluate(hypotheses, references, baseline=baseline, lowercase=options.lowercase)
    print(evaluation.table())
    if options.hypotheses:
        write_file(options.hypotheses, "".join(f"{hypothesis}\n" for hypothesis in hypotheses).encode())
    if options.json:
        record = {"run": options.directory, "search": translator.search.model_dump(), **evaluation.to_json()}
        record["hypotheses"] = hypotheses
        write_file(options.json, (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode())
    return 0
