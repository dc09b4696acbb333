"""What several commands share: options, the search that they set, the translator that they open."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seq2seq.config import Translation
    from seq2seq.translator import Translator


def add_command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], text: str
) -> argparse.ArgumentParser:
    """A command and the function that runs it."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def positive(text: str) -> int:
    """A whole number from 1 up, as an argument."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return int(text)


def add_target(parser: argparse.ArgumentParser) -> None:
    """The option that chooses the language to write."""
    several = "of a run that translates into several (default: its own)"
    parser.add_argument("--target", dest="target_language", metavar="LANGUAGE", help=several)


def add_search(parser: argparse.ArgumentParser) -> None:
    """The options of the search."""
    search = parser.add_argument_group("search (defaults: the run's settings)")
    search.add_argument("--beam-size", type=int, metavar="K", help="hypotheses to keep; 1 is greedy")
    search.add_argument("--length-penalty", type=float, metavar="A", help="divide log-probabilities by length ** A")
    search.add_argument("--max-length-ratio", type=float, metavar="R", help="longest translation, in source lengths")
    search.add_argument("--min-length-ratio", type=float, metavar="R", help="shortest translation, in source lengths")
    search.add_argument("--no-repeat-ngram", type=int, metavar="N", help="no n-gram twice in a translation")
    search.add_argument("--shortlist", type=int, metavar="N", help="score N candidates a source piece, not all pieces")
    search.add_argument("--split-sentences", action="store_true", help="translate the sentences of a line one by one")
    search.add_argument("--batch-sentences", type=int, metavar="B", help="sentences translated together")


def search_settings(options: argparse.Namespace, run: str) -> "Translation":
    """The run's search settings, with what the command line says instead."""
    from seq2seq.config import Translation, parse_config
    from seq2seq.run_directory import RunDirectory

    settings = RunDirectory(run).config().translation.model_dump()
    given = {
        name: getattr(options, name) for name in Translation.model_fields if getattr(options, name, None) is not None
    }
    return parse_config({"translation": settings | given}, origin="command line").translation


def load_translator(runs: Sequence[str], options: argparse.Namespace) -> "Translator":
    """Open the runs with the search that the options ask for."""
    search = search_settings(options, runs[0])
    open_backend()
    from seq2seq.translator import Translator

    split = getattr(options, "split_sentences", False)
    return Translator.load(runs, search, getattr(options, "target_language", None), split_sentences=split)


def open_backend() -> None:
    """Load what Keras runs on."""
    from seq2seq import backend

    backend.open_backend()


def print_warnings(translator: "Translator") -> None:
    """What was out of the ordinary, on stderr."""
    for warning in translator.warnings():
        print(f"seq2seq: warning: {warning}", file=sys.stderr)
