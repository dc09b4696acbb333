"""`seq2seq evaluate`: a test set translated and scored."""

import argparse
import logging
from typing import TYPE_CHECKING, Any

from seq2seq.cli.options import (
    add_command,
    add_engine,
    add_json,
    add_search,
    add_target,
    load_translator,
    print_warnings,
    refuse_useless_penalty,
    search_settings,
    write_json,
)
from seq2seq.cli.parallel_files import read_parallel
from seq2seq.errors import DataError
from seq2seq.outputs import check_outputs, write_file
from seq2seq.standard_streams import require_stdout

if TYPE_CHECKING:
    from seq2seq.translator import Translator
_log = logging.getLogger("seq2seq")


def add_evaluate(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "translate a test set and score it: BLEU, chrF, TER"
    example = "seq2seq evaluate runs/first --source test.en --reference test.fr --json scores.json"
    parser = add_command(commands, "evaluate", _evaluate, text, example)
    parser.add_argument("directory", metavar="RUN_DIR", help="the run that translates")
    parser.add_argument("--source", required=True, metavar="F", help="the test set's source, one sentence a line")
    parser.add_argument("--reference", required=True, metavar="F", help="its human translation, line by line")
    parser.add_argument("--baseline", metavar="FILE|RUN_DIR", help="compare with these translations, or this run")
    add_json(parser, "write all figures and the translations as JSON")
    parser.add_argument("--hypotheses", metavar="OUT", help="write the translations, one a line")
    parser.add_argument("--lowercase", action="store_true", help="ignore upper and lower case when scoring")
    tokenize = "sacreBLEU's tokenizer for BLEU (default: chosen by the target language)"
    parser.add_argument("--tokenize", metavar="NAME", help=tokenize)
    add_target(parser)
    add_search(parser)
    add_engine(parser)


def _evaluate(options: argparse.Namespace) -> int:
    from seq2seq.evaluation import evaluate
    from seq2seq.sacrebleu_metrics import bleu_metric

    require_stdout()
    if options.tokenize:
        bleu_metric(options.lowercase, options.tokenize)  # raises now, not after the translating, if the name is wrong
    check_outputs(
        {"--json": options.json, "--hypotheses": options.hypotheses},
        {
            "--source": options.source,
            "--reference": options.reference,
            "--baseline": options.baseline,
            "the run": options.directory,
        },
    )
    refuse_useless_penalty(options, options.directory)
    sources, references = read_parallel(options.source, options.reference)
    baseline = _baseline(options, len(references))
    translator = load_translator([options.directory], options)
    hypotheses = _translate(translator, sources)
    if options.baseline and baseline is None:
        baseline = _translate(load_translator([options.baseline], options), sources)
    _log.info("scoring")
    evaluation = evaluate(
        hypotheses,
        references,
        baseline=baseline,
        lowercase=options.lowercase,
        tokenize=options.tokenize,
        language=translator.target_language,
    )
    print(evaluation.table())
    if options.hypotheses:
        write_file(options.hypotheses, "".join(f"{hypothesis}\n" for hypothesis in hypotheses).encode())
    record = {"run": options.directory, "search": translator.search.model_dump(), **evaluation.to_json()}
    write_json(options, record | {"hypotheses": hypotheses})
    return 0


def _translate(translator: "Translator", sources: list[str]) -> list[str]:
    """The translations; what is being done, and what was out of the ordinary, is said."""
    from seq2seq.counts import Counts
    from seq2seq.oddities import sentences

    _log.info("translating %s", sentences(len(sources)))
    counts = Counts()
    hypotheses = translator.translate(sources, counts=counts)
    print_warnings(translator, counts)
    return hypotheses


def _baseline(options: argparse.Namespace, references: int) -> list[str] | None:
    """The lines of a baseline that is a file; None for a run, which is only checked now and translates later."""
    from seq2seq.data.lines import read_lines
    from seq2seq.runs.shipped import find_run

    if not options.baseline:
        return None
    if find_run(options.baseline).path.is_dir():
        search_settings(options, options.baseline)
        return None
    lines = list(read_lines(options.baseline))
    if len(lines) != references:
        counts = f"{len(lines):,} and {references:,} lines"
        raise DataError(f"{options.baseline} and {options.reference} have different lengths ({counts})")
    return lines
