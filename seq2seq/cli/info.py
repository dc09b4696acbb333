"""`seq2seq info`: what a run is, in a few lines."""

import argparse
from typing import Any

from seq2seq.cli.options import add_command, add_json, write_json
from seq2seq.outputs import check_outputs
from seq2seq.standard_streams import require_stdout


def add_info(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "print what a run or an export is: languages, network, training, quality"
    parser = add_command(commands, "info", _info, text, "seq2seq info runs/first")
    parser.add_argument("directory", metavar="RUN_DIR", help="the run or export")
    add_json(parser, "write the same as JSON")


def _info(options: argparse.Namespace) -> int:
    from seq2seq.publishing.facts import facts_of, facts_text
    from seq2seq.runs.shipped import find_run

    require_stdout()
    check_outputs({"--json": options.json}, {"the run": options.directory})
    facts = facts_of(find_run(options.directory))
    print(facts_text(facts))
    write_json(options, facts)
    return 0
