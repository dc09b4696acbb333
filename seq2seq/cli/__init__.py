"""The commands, one file each. They parse options and call the library; no other package prints.

Heavy packages are imported only after a command is known, so that `--help` answers at once.
"""

import argparse
import io
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence

from seq2seq import __version__
from seq2seq.cli.analyze import add_analyze
from seq2seq.cli.bulk import add_bulk
from seq2seq.cli.clean import add_clean
from seq2seq.cli.completion import add_completion
from seq2seq.cli.encode import add_encode
from seq2seq.cli.evaluate import add_evaluate
from seq2seq.cli.export import add_export
from seq2seq.cli.hub import add_pull, add_push
from seq2seq.cli.info import add_info
from seq2seq.cli.init import add_init
from seq2seq.cli.options import add_quiet
from seq2seq.cli.phrasebook import add_phrasebook
from seq2seq.cli.score import add_score
from seq2seq.cli.serve import add_serve
from seq2seq.cli.settings import add_settings
from seq2seq.cli.shrink import add_shrink
from seq2seq.cli.train import add_finetune, add_train
from seq2seq.cli.translate import add_translate
from seq2seq.errors import Seq2SeqError
from seq2seq.standard_streams import close_stdout, open_missing_streams

_INTERRUPTED = 130
_STATUS = "exit status: 0 success, 1 error (message on stderr), 2 wrong options, 130 interrupted"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0, 1 after an error, 2 for wrong options, 130 after an interruption."""
    open_missing_streams()
    for stream in (sys.stdout, sys.stderr):  # text is UTF-8, whatever the terminal's locale is
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = _parse(sys.argv[1:] if arguments is None else arguments)
    interrupt_on_signals()
    _settle_environment(options.quiet)
    try:
        status: int = options.run(options)
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            print(file=sys.stderr)  # the prompt begins on a line of its own
        return _INTERRUPTED
    except BrokenPipeError:  # the reader of our output has stopped, as `head` does
        close_stdout()
        return 0
    except (Seq2SeqError, OSError, MemoryError) as error:
        if not isinstance(error, Seq2SeqError):
            close_stdout()  # what is still buffered would raise the same error again
        print(f"seq2seq: error: {_explain(error)}", file=sys.stderr)
        return 1
    return status


def _explain(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "the memory is full: use a smaller network, smaller batches or fewer sentences at a time"
    if not isinstance(error, OSError) or isinstance(error, Seq2SeqError):
        return str(error)
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename or 'the output'}: {reason}: look at the path, its permissions and the disk"


def interrupt_on_signals() -> None:
    """Let a scheduler's signal or a closed terminal end a command as Ctrl-C does: unfinished files are removed."""
    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores one of them
            signal.signal(number, signal.default_int_handler)


def _settle_environment(quiet: bool) -> None:
    """Keep environment variables that are meant for other programs from changing or stopping a command."""
    disabled = quiet or "TQDM_DISABLE" in os.environ
    for name in [name for name in os.environ if name.startswith("TQDM_")]:
        del os.environ[name]
    if disabled:
        os.environ["TQDM_DISABLE"] = "1"
    os.environ["MPLBACKEND"] = "agg"  # a notebook's MPLBACKEND exists only in the notebook; pictures go to files
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it warns if it has no folder for its settings
    logging.getLogger("seq2seq").setLevel(logging.WARNING if quiet else logging.INFO)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse; positional arguments may also come behind options, as in ``train c.toml --run r training.epochs=5``."""
    parser = make_parser()
    options, rest = parser.parse_known_args(arguments)
    more: list[str] | None = getattr(options, "overrides", getattr(options, "runs", None))
    if rest and (more is None or any(argument.startswith("-") for argument in rest)):
        parser.error(f"unrecognized arguments: {' '.join(rest)}{_instead(options, rest)}")
    if more is not None:
        more.extend(rest)
    for name, value in vars(options).items():
        if value == "" or (isinstance(value, list) and "" in value):
            parser.error(f"{name.replace('_', '-')} is empty, received '': is a variable of the shell not set?")
    return options


def _instead(options: argparse.Namespace, rest: Sequence[str]) -> str:
    """How to write a setting that was given as an option; empty where the command takes none, or it is no setting."""
    if not hasattr(options, "overrides"):
        return ""
    from seq2seq.settings.printing import places_of

    name, _, value = next(argument for argument in rest if argument.startswith("-")).lstrip("-").partition("=")
    values = [value] if value else [argument for argument in rest if not argument.startswith("-")]
    places = places_of(name.replace("-", "_"))
    return f" (a setting is written {places[0]}={values[0] if values else 'VALUE'})" if places else ""


def make_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = argparse.ArgumentParser(
        prog="seq2seq",
        description="Train, use and measure translators that pass each sentence through one fixed summary vector.",
        epilog=f"Each command has its own --help with an example. {_STATUS}",
    )
    parser.add_argument("--version", action="version", version=f"seq2seq {__version__}")
    parser.set_defaults(quiet=False)
    add_quiet(parser)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    add_init(commands)
    add_settings(commands)
    add_train(commands)
    add_finetune(commands)
    add_translate(commands)
    add_bulk(commands)
    add_evaluate(commands)
    add_score(commands)
    add_encode(commands)
    add_serve(commands)
    add_analyze(commands)
    add_info(commands)
    add_export(commands)
    add_shrink(commands)
    add_push(commands)
    add_pull(commands)
    add_clean(commands)
    add_phrasebook(commands)
    add_completion(commands)
    return parser
