"""`seq2seq serve`: the translator as a page and as an API."""

import argparse
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq.cli.options import add_command, add_engine, given, positive
from seq2seq.errors import ConfigError

if TYPE_CHECKING:
    from seq2seq.serving.limits import Keys

_log = logging.getLogger("seq2seq")
_MOST_PORT = 65_535


def add_serve(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "serve runs as a web page and an API: try http://127.0.0.1:5000/ and /docs; LibreTranslate's clients work"
    parser = add_command(commands, "serve", _serve, text, "seq2seq serve en-fr runs/spanish --port 5000")
    runs = "a run or an export for each pair of languages; one with several targets serves all of them"
    parser.add_argument("runs", nargs="+", metavar="RUN_DIR", help=runs)
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen at (default 127.0.0.1: only this computer can connect)"
    )
    parser.add_argument("--port", type=_port, default=5000, help="default 5000; 0 takes any that is free")
    parser.add_argument(
        "--allow-origin", action="append", default=[], metavar="ORIGIN",
        help="let pages of another origin call the API, such as https://example.org; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--keys", type=Path, metavar="FILE", help="answer only requests with a key of this file, one a line"
    )
    parser.add_argument("--open", action="store_true", help="open the page in the browser of this computer")
    parser.add_argument("--log-requests", action="store_true", help="print a line for each request, without its text")
    parser.add_argument("--log-texts", action="store_true", help="print the texts of requests as well")
    add_engine(parser)
    _add_limits(parser)


def _add_limits(parser: argparse.ArgumentParser) -> None:
    limits = parser.add_argument_group("limits")
    for name, default, text in (
        ("--characters", "10,000", "most characters of a request"),
        ("--texts", "64", "most texts of a request"),
        ("--alternatives", "9", "most alternatives beside the best translation"),
        ("--waiting-sentences", "512", "most sentences that wait; then the answer is 503"),
        ("--requests-per-minute", "no limit", "most requests of one client, by its key or address; then 429"),
    ):
        limits.add_argument(name, type=positive, metavar="N", help=f"{text} (default {default})")
    limits.add_argument(
        "--deadline-seconds", type=positive, metavar="S", help="an answer that takes longer is a 503 (default 10)"
    )


def _serve(options: argparse.Namespace) -> int:
    from dataclasses import fields

    from seq2seq.extras import require

    require("serve", "fastapi", "uvicorn", "prometheus_client", "language_data")
    for name, wanted in (("requests", options.log_requests), ("texts", options.log_texts)):
        logging.getLogger(f"seq2seq.{name}").setLevel(logging.DEBUG if wanted else logging.WARNING)
    keys = _keys(options.keys)
    _log.info("loading %s", ", ".join(options.runs))
    from seq2seq.serving.limits import Limits
    from seq2seq.serving.server import serve

    limits = Limits(**given(options, [field.name for field in fields(Limits)]))
    serve(options.runs, options.host, options.port, limits, keys, options.allow_origin, options.engine, options.open)
    return 0


def _keys(path: Path | None) -> "Keys | None":
    """The keys of a file.

    Raises:
        ConfigError: the file cannot be read, or has no key.
    """
    if path is None:
        return None
    from seq2seq.serving.limits import Keys

    try:
        lines = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the keys in {path}: {error}") from error
    if not lines:
        raise ConfigError(f"{path} has no key: write one a line, or leave out --keys")
    return Keys(lines)


def _port(text: str) -> int:
    """A port, as an argument."""
    if not text.isdecimal() or len(text) > 5 or int(text) > _MOST_PORT:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a port from 0 to {_MOST_PORT:,}")
    return int(text)
