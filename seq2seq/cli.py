"""The commands: parsing only, each calls one library function. The one module that prints.

Nothing heavy is imported before a command is known: `--help` answers at once.
"""

import argparse
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq import __version__
from seq2seq.analysis import NAMES
from seq2seq.errors import ConfigError, Seq2SeqError
from seq2seq.streams import close_stdout, read_parallel, ready_lines, write_file

if TYPE_CHECKING:
    from seq2seq.config import Translation
    from seq2seq.translator import Translator

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
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    more: list[str] | None = getattr(options, "overrides", getattr(options, "runs", None))
    if rest and (more is None or any(argument.startswith("-") for argument in rest)):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if more is not None:
        more.extend(rest)
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="seq2seq", description="Train, run and measure translators that pass through one fixed summary vector."
    )
    parser.add_argument("--version", action="version", version=f"seq2seq {__version__}")
    parser.add_argument("--quiet", action="store_true", help="only warnings and errors on stderr, no progress")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_train(commands)
    _add_finetune(commands)
    _add_translate(commands)
    _add_evaluate(commands)
    _add_score(commands)
    _add_encode(commands)
    _add_analyze(commands)
    _add_phrasebook(commands)
    return parser


def _command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def _add_train(commands: Any) -> None:
    _add_settings(_command(commands, "train", _train, "train a translator: raw text to a run directory"))


def _add_finetune(commands: Any) -> None:
    parser = _command(commands, "finetune", _train, "go on from a trained run: a new language pair, or your own text")
    parser.add_argument("parent", metavar="RUN_DIR", help="the trained run; it is only read")
    _add_settings(parser)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", metavar="CONFIG.toml", help="the settings")
    parser.add_argument("overrides", nargs="*", metavar="section.key=value", help="settings that win over the file's")
    parser.add_argument("--run", required=True, dest="directory", metavar="NEW_RUN", help="the directory to fill")
    parser.add_argument("--resume", action="store_true", help="go on with what the directory holds")


def _train(options: argparse.Namespace) -> int:
    from seq2seq.config import load_config

    config = load_config(options.config, options.overrides)
    _open_backend()
    from seq2seq.training.loop import finetune, train

    parent = getattr(options, "parent", None)
    begin = partial(finetune, parent) if parent else train
    if begin(config, options.directory, resume=options.resume).finished:
        return 0
    print("seq2seq: run the same command with --resume to go on", file=sys.stderr)
    return _INTERRUPTED


def _add_translate(commands: Any) -> None:
    parser = _command(commands, "translate", _translate, "translate stdin to stdout, line by line")
    parser.add_argument("runs", nargs="+", metavar="RUN_DIR", help="a run; several with one vocabulary are an ensemble")
    _add_target(parser)
    _add_search(parser)
    parser.add_argument("--n-best", type=_positive, metavar="N", help="print N lines a sentence: number, score, text")
    sampling = parser.add_argument_group("sampling")
    sampling.add_argument("--sample", action="store_true", help="draw instead of searching for the likeliest")
    sampling.add_argument("--temperature", type=float, default=1.0, metavar="T", help="below 1 sharpens (default 1)")
    sampling.add_argument("--top-k", type=int, default=0, metavar="K", help="among the K likeliest pieces only")
    sampling.add_argument("--top-p", type=float, default=1.0, metavar="P", help="among the fewest pieces that hold P")
    sampling.add_argument("--seed", type=int, default=1, metavar="S", help="of the drawing (default 1)")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return int(text)


def _add_target(parser: argparse.ArgumentParser) -> None:
    several = "of a run that translates into several (default: its own)"
    parser.add_argument("--target", dest="target_language", metavar="LANGUAGE", help=several)


def _add_search(parser: argparse.ArgumentParser) -> None:
    search = parser.add_argument_group("search (defaults: the run's settings)")
    search.add_argument("--beam-size", type=int, metavar="K", help="hypotheses to keep; 1 is greedy")
    search.add_argument("--length-penalty", type=float, metavar="A", help="divide log-probabilities by length ** A")
    search.add_argument("--max-length-ratio", type=float, metavar="R", help="longest translation, in source lengths")
    search.add_argument("--min-length-ratio", type=float, metavar="R", help="shortest translation, in source lengths")
    search.add_argument("--no-repeat-ngram", type=int, metavar="N", help="no n-gram twice in a translation")
    search.add_argument("--shortlist", type=int, metavar="N", help="score N candidates a source piece, not all pieces")
    search.add_argument("--batch-sentences", type=int, metavar="B", help="sentences translated together")


def _search(options: argparse.Namespace, run: str) -> "Translation":
    """The run's search settings, with what the command line says instead."""
    from seq2seq.config import Translation, parse_config
    from seq2seq.run_directory import RunDirectory

    settings = RunDirectory(run).config().translation.model_dump()
    given = {
        name: getattr(options, name) for name in Translation.model_fields if getattr(options, name, None) is not None
    }
    return parse_config({"translation": settings | given}, origin="command line").translation


def _load(runs: Sequence[str], options: argparse.Namespace) -> "Translator":
    search = _search(options, runs[0])
    _open_backend()
    from seq2seq.translator import Translator

    return Translator.load(runs, search, getattr(options, "target_language", None))


def _translate(options: argparse.Namespace) -> int:
    n_best = options.n_best or 1
    if n_best > (options.beam_size or n_best):
        raise ConfigError(f"--n-best {n_best} needs --beam-size {n_best} or more, received {options.beam_size}")
    if n_best > 1 and options.sample:
        raise ConfigError("--n-best is for searching: with --sample, draw again with another --seed")
    if options.n_best and not options.sample and not options.beam_size:
        options.beam_size = max(n_best, _search(options, options.runs[0]).beam_size)
    translator = _load(options.runs, options)
    from seq2seq.translator import Sampling

    sampling = Sampling(options.temperature, options.top_k, options.top_p, options.seed) if options.sample else None
    number = 0
    for lines in ready_lines():
        for hypotheses in translator.hypotheses(lines, n_best=n_best, sampling=sampling):
            number += 1
            for hypothesis in hypotheses:
                text = hypothesis.text
                print(f"{number}\t{hypothesis.score:.4f}\t{text}" if options.n_best else text)
        sys.stdout.flush()
    _warn(translator)
    return 0


def _add_evaluate(commands: Any) -> None:
    parser = _command(commands, "evaluate", _evaluate, "translate a test set and score it: BLEU, chrF, TER")
    parser.add_argument("directory", metavar="RUN_DIR", help="the run")
    parser.add_argument("--source", required=True, metavar="F", help="the test set's source, one sentence a line")
    parser.add_argument("--reference", required=True, metavar="F", help="its human translation")
    parser.add_argument("--baseline", metavar="FILE|RUN_DIR", help="translations, or another run, to compare with")
    parser.add_argument("--json", metavar="OUT", help="write all figures and the translations' text as JSON")
    parser.add_argument("--hypotheses", metavar="OUT", help="write the translations, one a line")
    parser.add_argument("--lowercase", action="store_true", help="score without regard to case")
    _add_target(parser)
    _add_search(parser)


def _evaluate(options: argparse.Namespace) -> int:
    from seq2seq.data.corpus import read_lines
    from seq2seq.evaluation import evaluate

    sources, references = read_parallel(options.source, options.reference)
    translator = _load([options.directory], options)
    hypotheses = translator.translate(sources)
    _warn(translator)
    baseline = options.baseline
    if baseline:
        is_run = Path(baseline).is_dir()
        baseline = _load([baseline], options).translate(sources) if is_run else list(read_lines(baseline))
    evaluation = evaluate(hypotheses, references, baseline=baseline, lowercase=options.lowercase)
    print(evaluation.table())
    if options.hypotheses:
        write_file(options.hypotheses, "".join(f"{hypothesis}\n" for hypothesis in hypotheses).encode())
    if options.json:
        record = {"run": options.directory, "search": translator.search.model_dump(), **evaluation.to_json()}
        record["hypotheses"] = hypotheses
        write_file(options.json, (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode())
    return 0


def _add_score(commands: Any) -> None:
    parser = _command(commands, "score", _score, "log-probability of given translations, one a line, in nats")
    parser.add_argument("directory", metavar="RUN_DIR", help="the run")
    parser.add_argument("--source", required=True, metavar="F", help="one sentence a line")
    parser.add_argument("--target", required=True, metavar="F", help="its translation to score")


def _score(options: argparse.Namespace) -> int:
    sources, targets = read_parallel(options.source, options.target)
    translator = _load([options.directory], options)
    for log_prob, _ in translator.score(sources, targets):
        print(f"{log_prob:.4f}")
    _warn(translator)
    return 0


def _add_encode(commands: Any) -> None:
    parser = _command(commands, "encode", _encode, "write h(T) of each line of stdin as a row of a NumPy file")
    parser.add_argument("directory", metavar="RUN_DIR", help="the run")
    parser.add_argument(
        "--output", required=True, metavar="vectors.npy", help="float32 (lines, S); zeros for an empty line"
    )


def _encode(options: argparse.Namespace) -> int:
    import numpy as np

    translator = _load([options.directory], options)
    vectors = translator.encode([line for lines in ready_lines() for line in lines])
    stream = io.BytesIO()
    np.save(stream, vectors, allow_pickle=False)
    write_file(options.output, stream.getvalue())
    _warn(translator)
    return 0


def _add_analyze(commands: Any) -> None:
    parser = _command(commands, "analyze", _analyze, "examine what h(T) keeps and what it forgets, as a report")
    parser.add_argument("runs", nargs="+", metavar="RUN_DIR", help="a run; more of them are compared with the first")
    parser.add_argument("--source", required=True, metavar="F", help="the test set's source, one sentence a line")
    parser.add_argument("--reference", required=True, metavar="F", help="its human translation")
    parser.add_argument("--output", required=True, metavar="DIR", help="the folder for report.html, pictures, figures")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help=f"of {', '.join(NAMES)} (default: all)")
    parser.add_argument(
        "--sentences", type=_positive, default=1000, metavar="N", help="look at N, evenly spread (default 1000)"
    )


def _analyze(options: argparse.Namespace) -> int:
    sources, references = read_parallel(options.source, options.reference)
    _open_backend()
    from seq2seq.analysis.examination import analyze

    names = {"only": options.only, "most": options.sentences}
    print(analyze(options.runs, sources, references, options.output, **names))
    return 0


def _add_phrasebook(commands: Any) -> None:
    parser = _command(commands, "phrasebook", _phrasebook, "print pairs of the embedded corpus: English, tab, French")
    parser.add_argument("count", type=int, help="how many pairs")
    parser.add_argument("--split", default="train", choices=("train", "dev", "test"), help="default train")
    parser.add_argument("--min-words", type=int, default=3, metavar="N", help="of the English sentence (default 3)")
    parser.add_argument("--max-words", type=int, default=12, metavar="N", help="of the English sentence (default 12)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="another seed, other sentences (default 0)")


def _phrasebook(options: argparse.Namespace) -> int:
    from seq2seq.data.phrasebook import phrases

    lengths = {"min_words": options.min_words, "max_words": options.max_words}
    for phrase in phrases(options.split, options.count, seed=options.seed, **lengths):
        print(f"{phrase.english}\t{phrase.french}")
    return 0


def _open_backend() -> None:
    from seq2seq.backend import open_backend

    open_backend()


def _warn(translator: "Translator") -> None:
    for warning in translator.warnings():
        print(f"seq2seq: warning: {warning}", file=sys.stderr)
