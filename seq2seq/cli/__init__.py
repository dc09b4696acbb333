"""The commands, one file each: parsing only, each calls one library function. The one package that prints.

Nothing heavy is imported before a command is known: `--help` answers at once.
"""

import argparse
import io
import logging
import os
import sys
from collections.abc import Sequence

from seq2seq import __version__
from seq2seq.cli.analyze import add_analyze
from seq2seq.cli.encode import add_encode
from seq2seq.cli.evaluate import add_evaluate
from seq2seq.cli.phrasebook import add_phrasebook
from seq2seq.cli.score import add_score
from seq2seq.cli.train import add_finetune, add_train
from seq2seq.cli.translate import add_translate
from seq2seq.errors import Seq2SeqError
from seq2seq.streams import close_stdout

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0, 1 after an error, 130 after an interruption."""
    for stream in (sys.stdout, sys.stderr):  # text is UTF-8 here, whatever the terminal's locale says
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = _parse(arguments)
    if options.quiet:
        os.environ["TQDM_DISABLE"] = "1"
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    logging.getLogger("seq2seq").setLevel(logging.WARNING if options.quiet else logging.INFO)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except Seq2SeqError as error:
        print(f"seq2seq: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # whoever read our output has seen enough
        close_stdout()
        return 0
    except OSError as error:
        close_stdout()
        place = f"{error.filename}: " if error.filename else ""
        print(
            f"seq2seq: error: {place}{error.strerror}: look at the path, its permissions and the disk", file=sys.stderr
        )
        return 1
    return status


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse; positional arguments may also come behind options, as in ``train c.toml --run r training.epochs=5``."""
    parser = make_parser()
    options, rest = parser.parse_known_args(arguments)
    more: list[str] | None = getattr(options, "overrides", getattr(options, "runs", None))
    if rest and (more is None or any(argument.startswith("-") for argument in rest)):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if more is not None:
        more.extend(rest)
    return options


def make_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = argparse.ArgumentParser(
        prog="seq2seq", description="Train, run and measure translators that pass through one fixed summary vector."
    )
    parser.add_argument("--version", action="version", version=f"seq2seq {__version__}")
    parser.add_argument("--quiet", action="store_true", help="only warnings and errors on stderr, no progress")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    add_train(commands)
    add_finetune(commands)
    add_translate(commands)
    add_evaluate(commands)
    add_score(commands)
    add_encode(commands)
    add_analyze(commands)
    add_phrasebook(commands)
    return parser
