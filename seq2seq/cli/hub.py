"""`seq2seq push` and `seq2seq pull`: runs to a hub and from it."""

import argparse
import logging
from pathlib import Path
from typing import Any

from seq2seq.cli.options import add_command, megabytes

_log = logging.getLogger("seq2seq")


def add_push(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "push a run or an export to a hub, with a model card and without any text (extra: hub)"
    example = "seq2seq push runs/first ann/en-fr --licence cc-by-4.0 --scores scores.json --report report"
    parser = add_command(commands, "push", _push, text, example)
    parser.add_argument("directory", metavar="RUN_DIR", help="the run or export; it is only read")
    parser.add_argument("repository", metavar="OWNER/NAME", help="where to push it")
    parser.add_argument("--licence", default="none", metavar="SPDX", help="the licence of the weights, for the card")
    scores = "what seq2seq evaluate --json wrote, for the card; the file's name names the test set"
    parser.add_argument("--scores", nargs="+", default=[], type=Path, metavar="F", help=scores)
    parser.add_argument("--report", type=Path, metavar="DIR", help="the folder of seq2seq analyze, for the card")
    parser.add_argument("--private", action="store_true", help="if the repository is new, only its owner can see it")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="write here what would be pushed, and push nothing")


def add_pull(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "fetch a run or an export from a hub: only settings, arrays, graphs and vocabularies (extra: hub)"
    parser = add_command(commands, "pull", _pull, text, "seq2seq pull ann/en-fr --run runs/ann")
    parser.add_argument("repository", metavar="OWNER/NAME[@REVISION]", help="what to fetch")
    parser.add_argument("--run", required=True, dest="place", metavar="NEW_RUN", help="the folder to make")


def _push(options: argparse.Namespace) -> int:
    import tempfile  # here, so that --help does not wait for it

    from seq2seq.extras import require
    from seq2seq.publishing.card import Evidence
    from seq2seq.publishing.folder import write_folder
    from seq2seq.publishing.upload import upload
    from seq2seq.runs.hub_names import hub_name

    repository = hub_name(options.repository).repository
    licence = "" if options.licence == "none" else options.licence
    evidence = Evidence(licence, options.scores, options.report)
    if options.folder:
        write_folder(options.directory, options.folder, repository, evidence)
        _log.info("%s has %.1f MB: read its README.md before you push it", options.folder, megabytes(options.folder))
        return 0
    require("push", "huggingface_hub")
    if not licence:
        _log.warning("warning: without --licence nobody knows what they may do with these weights")
    with tempfile.TemporaryDirectory() as temporary:
        folder = write_folder(options.directory, Path(temporary) / "run", repository, evidence)
        _log.info("pushing %.1f MB to hub:%s", megabytes(folder), repository)
        print(upload(folder, repository, private=options.private))
    return 0


def _pull(options: argparse.Namespace) -> int:
    from seq2seq.export.reading import read_graphs
    from seq2seq.runs.hub import pull

    place = pull(options.repository, options.place, read_graphs)
    _log.info("%s has %.1f MB; translate with: seq2seq translate %s", place, megabytes(place), place)
    return 0
