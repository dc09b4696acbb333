"""Bars that show how far a long work is: redrawn in place on a terminal, some few lines in a log file."""

import sys

from tqdm.auto import tqdm

from seq2seq.training import processes


def updates_bar(total: int, done: int) -> tqdm:
    """A bar over all updates, from the first one of this sitting on; of several processes, the first one shows it.

    Args:
        total: updates of the whole training.
        done: how many there were before.
    """
    options = {"unit": "batch", "desc": "training", "smoothing": 0.05, "delay": 1e-6}
    if not processes.is_first():
        options["disable"] = True
    return tqdm(total=total, initial=done, mininterval=_seconds(), **options)


def pairs_bar(doing: str) -> tqdm:
    """A count of pairs, how many there will be being unknown; it shows after some seconds.

    Args:
        doing: what is done to them.
    """
    return tqdm(desc=doing, unit=" pairs", unit_scale=True, mininterval=_seconds(), delay=3.0, leave=False)


def _seconds() -> float:
    """Between two drawings: in a log file, each is one more line."""
    return 0.5 if sys.stderr.isatty() else 30.0
