"""`seq2seq clean`: pairs of files, normalised and filtered as training does it."""

import argparse
import logging
from pathlib import Path
from typing import Any

from seq2seq.cli.options import add_command
from seq2seq.cli.shards import add_launcher, do_shards
from seq2seq.errors import ConfigError
from seq2seq.outputs import check_folder

_log = logging.getLogger("seq2seq")
_SECTION = "data.cleaning."


def add_clean(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "normalise and filter raw pairs in many files, as training does it, and count what was dropped and why"
    example = "seq2seq clean --source raw/*.en --target raw/*.fr --output cleaned data.cleaning.max_words=100"
    parser = add_command(commands, "clean", _clean, text, example)
    parser.add_argument("--source", nargs="+", required=True, metavar="SHARD", help="files of sources, or folders")
    translations = "files of their translations, in the same order, or folders"
    parser.add_argument("--target", nargs="+", required=True, metavar="SHARD", help=translations)
    add_launcher(parser)
    parser.add_argument("--config", metavar="CONFIG.toml", help="settings, of which data.cleaning is used")
    parser.add_argument("overrides", nargs="*", metavar="data.cleaning.key=value", help="a setting of the cleaning")


def _clean(options: argparse.Namespace) -> int:
    from seq2seq.bulk.cleaning import CleanJob
    from seq2seq.bulk.shards import shards_in
    from seq2seq.settings.config import parse_config
    from seq2seq.settings.file import read_settings

    useless = [setting for setting in options.overrides if not setting.startswith(_SECTION)]
    if useless:
        raise ConfigError(f"{useless[0]} would do nothing: clean reads only {_SECTION}key=value")
    values = read_settings(Path(options.config) if options.config else None, options.overrides)
    cleaning = parse_config(values, origin=options.config or "command line").data.cleaning
    check_folder("--output", options.output, [])
    shards = shards_in(options.source, options.output, options.target)
    do_shards(options, CleanJob(cleaning.model_dump()), shards, _sum_up)
    return 0


def _sum_up(results: list[dict[str, Any]]) -> None:
    """Say how many pairs were dropped, and why, in all shards together."""
    from seq2seq.data.cleaning import Cleaner
    from seq2seq.settings.config import Cleaning

    cleaner = Cleaner(Cleaning())
    for result in results:
        for reason, count in result["counts"].items():
            cleaner.counts[reason] += count
    if results:
        _log.info("%s", cleaner.report())
