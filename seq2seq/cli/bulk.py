"""`seq2seq bulk`: a corpus in many files, translated by many workers."""

import argparse
from typing import TYPE_CHECKING, Any

from seq2seq.cli.hypotheses import add_hypotheses, sampling_of, settle_beam
from seq2seq.cli.options import add_command, add_search, add_target, search_settings
from seq2seq.cli.shards import add_launcher, do_shards
from seq2seq.outputs import check_folder

if TYPE_CHECKING:
    from seq2seq.runs.directory import RunDirectory


def add_bulk(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "translate a corpus in many files; a second call does only what is missing or has changed"
    example = "seq2seq bulk runs/first --input corpus/*.en --output translated --workers 4"
    parser = add_command(commands, "bulk", _bulk, text, example)
    parser.add_argument("directory", metavar="RUN_OR_EXPORT", help="the run that translates, with onnxruntime")
    shards = "files of text, plain or compressed, or folders of them; each is translated by itself"
    parser.add_argument("--input", nargs="+", required=True, metavar="SHARD", help=shards)
    add_launcher(parser)
    add_target(parser)
    add_search(parser)
    add_hypotheses(parser)


def _bulk(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from seq2seq.bulk.shards import shards_in
    from seq2seq.bulk.translating import TranslateJob
    from seq2seq.ensemble import open_runs
    from seq2seq.runs.identity import identity_of

    sampling = sampling_of(options)
    settle_beam(options, options.directory, sampling, rows=bool(options.n_best))
    search = search_settings(options, options.directory)
    [run] = open_runs(options.directory, options.target_language)
    check_folder("--output", options.output, [str(run.path)])
    if search.shortlist:
        run.shortlist()  # raises if there is none
    job = TranslateJob(
        run=options.directory,
        identity=identity_of(run),
        search=search.model_dump(),
        target_language=options.target_language,
        split_sentences=options.split_sentences,
        n_best=options.n_best or 1,
        rows=bool(options.n_best),
        sampling=asdict(sampling) if sampling else None,
    )
    shards = shards_in(options.input, options.output)
    do_shards(options, job, shards, lambda results: _sum_up(run, results))
    return 0


def _sum_up(run: "RunDirectory", results: list[dict[str, Any]]) -> None:
    """Print a warning for each thing that was out of the ordinary in all shards together."""
    from seq2seq.cli.options import print_text_warnings
    from seq2seq.counts import Counts
    from seq2seq.runs.training_text import familiarity_of
    from seq2seq.texts import TextReader

    counts = Counts()
    for result in results:
        counts.add(result["counts"])
    data = run.config().data
    reader = TextReader(run.tokenizers(), data.cleaning, data.max_source_tokens, familiarity_of(run))
    alike = [warning for result in results for warning in result["alike"]][:1]
    print_text_warnings([*reader.warnings(counts), *alike])
