"""`seq2seq init`: a first settings file for the user's own text."""

import argparse
import logging
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq.cli.options import add_command, add_json, write_json
from seq2seq.errors import DataError
from seq2seq.outputs import check_outputs, write_file

if TYPE_CHECKING:
    from seq2seq.settings.config import Corpus

_NO_TEXT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")  # half of a surrogate stands for a byte that is not UTF-8
_log = logging.getLogger("seq2seq")


def add_init(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "look at your text and write a small settings file for it, with a dev and a test set"
    example = "seq2seq init my.en my.es --output mine.toml"
    parser = add_command(commands, "init", _init, text, example)
    parser.add_argument(
        "source", metavar="SOURCE", help="sentences to translate from, one a line; or a table with both"
    )
    parser.add_argument("target", nargs="?", metavar="TARGET", help="their translations, line by line")
    parser.add_argument(
        "--output", default="config.toml", metavar="OUT", help="the file to write (default config.toml)"
    )
    for side, option in (("source", "--from"), ("target", "--to")):
        tag = f"the {side} language, such as pt-BR (default: told from the text)"
        parser.add_argument(option, dest=f"{side}_language", metavar="TAG", help=tag)
        parser.add_argument(
            f"--{side}-column", metavar="NAME", help=f"the {side}'s column in a table, by name or number"
        )
    dev = "a dev set of yours: two files, or one table; without it, dev and test set are taken from the text"
    parser.add_argument("--dev", nargs="+", default=[], metavar="FILE", help=dev)
    parser.add_argument("--no-split", action="store_true", help="set no pairs aside: the file names your text itself")
    add_json(parser, "write what was seen and advised as JSON")


def _init(options: argparse.Namespace) -> int:
    from seq2seq.data.corpus import check_files
    from seq2seq.settings.config import parse_config
    from seq2seq.starting.begin import begin

    place = Path(options.output)
    if place.exists():
        raise DataError(f"{place} is there already and may hold work of yours: choose another --output")
    folder = None if options.dev or options.no_split else place.with_name(f"{place.stem}-data")
    files = [options.source, *([options.target] if options.target else [])]
    _check_names(options, [*files, *options.dev])
    read = {"SOURCE": options.source, "TARGET": options.target, "the folder": str(folder) if folder else None}
    read |= {f"--dev ({number})": path for number, path in enumerate(options.dev, 1)}
    check_outputs({"--output": options.output, "--json": options.json}, read)
    corpus = _corpus(files, options)
    dev = _corpus(options.dev, options) if options.dev else None
    check_files([corpus, *([dev] if dev else [])], place.parent)
    languages = options.source_language, options.target_language
    given = {f"{side}_language": tag for side, tag in zip(("source", "target"), languages, strict=True) if tag}
    parse_config({"data": given}, origin="command line")
    _log.info("reading %s", " and ".join(filter(None, (options.source, options.target))))
    start = begin(corpus, languages, dev=dev, folder=folder, place=place)
    for line in start.report:
        _log.log(logging.WARNING if line.startswith("Warning") else logging.INFO, "%s", line)
    write_file(options.output, start.text.encode())
    write_json(options, start.record)
    _log.info("%s is written: change in it what you like, then run", place)
    _log.info("  seq2seq train %s --run %s", shlex.quote(str(place)), shlex.quote(f"runs/{place.stem}"))
    return 0


def _check_names(options: argparse.Namespace, files: list[str]) -> None:
    """See that the settings file can hold the names, and that the options for tables meet one.

    Raises:
        DataError: the file cannot hold a name, or an option has no table to choose from.
    """
    for path in (*files, options.output):
        if _NO_TEXT.search(path):
            reason = "has a line end, a control character or bytes that are not UTF-8 in its name"
            raise DataError(f"{path!r} {reason}, which a settings file cannot hold: rename it")
    column = options.source_column or options.target_column
    if column and options.target and len(options.dev) != 1:
        raise DataError(
            f"column {column} of what? These are files of sentences: leave --source-column and "
            "--target-column out, or give one table with both"
        )


def _corpus(files: list[str], options: argparse.Namespace) -> "Corpus":
    """One table or two files."""
    from seq2seq.settings.config import Corpus

    columns = {"source_column": options.source_column, "target_column": options.target_column}
    if len(files) == 1:
        return Corpus(path=files[0], **{name: value for name, value in columns.items() if value})
    if len(files) > 2:
        raise DataError(f"--dev takes two files or one table, received {len(files)}")
    return Corpus(source=files[0], target=files[1])
