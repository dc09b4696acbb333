"""What several commands share: options, the search that they set, the translator that they open."""

import argparse
import logging
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq.errors import ConfigError

if TYPE_CHECKING:
    from seq2seq.counts import Counts
    from seq2seq.settings.config import Translation
    from seq2seq.translator import Translator

_log = logging.getLogger("seq2seq")
SEARCH = (
    "beam_size",
    "length_penalty",
    "max_length_ratio",
    "min_length_ratio",
    "no_repeat_ngram",
    "shortlist",
    "batch_sentences",
)


def add_command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], text: str, example: str
) -> argparse.ArgumentParser:
    """A command, the function that runs it, and an example for its --help."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=text,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    add_quiet(parser)
    return parser


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """The option that silences progress; it may stand before the command or behind it."""
    text = "print only warnings and errors on stderr, no progress"
    parser.add_argument("--quiet", action="store_true", default=argparse.SUPPRESS, help=text)


def positive(text: str) -> int:
    """A whole number from 1 up, as an argument."""
    if not text.isdecimal() or len(text) > 9 or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a number from 1 up")
    return int(text)


def add_target(parser: argparse.ArgumentParser) -> None:
    """The option that chooses the language to write."""
    several = "the language to write, for a run with several (default: the run's own)"
    parser.add_argument("--target", dest="target_language", metavar="LANGUAGE", help=several)


def add_search(parser: argparse.ArgumentParser) -> None:
    """The options of the search."""
    search = parser.add_argument_group("search (defaults: the run's settings)")
    longest = "at most R target tokens for each source token, plus translation.max_length_extra tokens"
    shortest = "at least R target tokens for each source token"
    search.add_argument("--beam-size", type=int, metavar="K", help="keep the K best hypotheses; 1 is greedy search")
    search.add_argument("--length-penalty", type=float, metavar="A", help="divide log-probabilities by length ** A")
    search.add_argument("--max-length-ratio", type=float, metavar="R", help=longest)
    search.add_argument("--min-length-ratio", type=float, metavar="R", help=shortest)
    search.add_argument("--no-repeat-ngram", type=int, metavar="N", help="never repeat a sequence of N tokens")
    search.add_argument("--shortlist", type=int, metavar="N", help="score only N candidates for each source piece")
    search.add_argument("--split-sentences", action="store_true", help="translate each sentence of a line by itself")
    search.add_argument("--batch-sentences", type=int, metavar="B", help="translate B sentences at a time")


def add_engine(parser: argparse.ArgumentParser) -> None:
    """The option that chooses what computes the network."""
    text = "onnx: onnxruntime, on the processor (default); keras: the network as it is trained, also on a GPU"
    parser.add_argument("--engine", choices=["onnx", "keras"], default="onnx", help=text)


def add_json(parser: argparse.ArgumentParser, text: str) -> None:
    """The option that writes the figures of a command into a file."""
    parser.add_argument("--json", metavar="OUT", help=text)


def write_json(options: argparse.Namespace, record: Mapping[str, Any]) -> None:
    """Write the figures of a command as a JSON object, if the option `--json` asks for it."""
    if options.json:
        import json

        from seq2seq.outputs import write_file

        write_file(
            options.json, (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode(errors="backslashreplace")
        )


def given(options: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    """Those of the named options that the command line sets, by name."""
    return {name: getattr(options, name) for name in names if getattr(options, name, None) is not None}


def refuse(options: argparse.Namespace, names: Sequence[str], reason: str) -> None:
    """Refuse options that would have no effect.

    Raises:
        ConfigError: one of them is given.
    """
    if useless := given(options, names):
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in useless)
        raise ConfigError(f"{flags} would do nothing: {reason}")


def search_settings(options: argparse.Namespace, run: str) -> "Translation":
    """The run's search settings; options of the command line replace them."""
    from seq2seq.runs.shipped import find_run
    from seq2seq.settings.config import parse_config

    settings = find_run(run).config().translation.model_dump()
    return parse_config({"translation": settings | given(options, SEARCH)}, origin="command line").translation


def refuse_useless_penalty(options: argparse.Namespace, run: str) -> None:
    """Refuse a length penalty for a beam of 1, where no hypotheses compete.

    Raises:
        ConfigError: it is given, and the run or the command line says that the search is greedy.
    """
    if search_settings(options, run).beam_size == 1:
        refuse(options, ["length_penalty"], "a beam of 1 has nothing to rank, so leave it out or set --beam-size")


def load_translator(runs: Sequence[str], options: argparse.Namespace) -> "Translator":
    """Open the runs with the search that the options ask for, and say so: it takes some seconds."""
    search = search_settings(options, runs[0])
    _log.info("loading %s", ", ".join(runs))
    from seq2seq.translator import Translator

    split, language = getattr(options, "split_sentences", False), getattr(options, "target_language", None)
    return Translator.load(runs, search, language, split_sentences=split, engine=options.engine)


def megabytes(folder: Path) -> float:
    """The size of a folder's files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def open_backend() -> None:
    """Load TensorFlow or JAX, and Keras on it."""
    from seq2seq import backend

    backend.open_backend()


def print_warnings(translator: "Translator", counts: "Counts") -> None:
    """Print on stderr a warning for everything unusual that was counted in the texts and translations."""
    print_text_warnings(translator.warnings(counts))


def print_text_warnings(warnings: Iterable[str]) -> None:
    """Print warnings on stderr, a line for each."""
    for warning in warnings:
        print(f"seq2seq: warning: {warning}", file=sys.stderr)
