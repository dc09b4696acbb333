"""Which translations of a sentence a command wants: the n best, or one drawn at random."""

import argparse
from typing import TYPE_CHECKING

from seq2seq.cli.options import SEARCH, given, positive, refuse, refuse_useless_penalty, search_settings
from seq2seq.errors import ConfigError

if TYPE_CHECKING:
    from seq2seq.engine.sampling import Sampling

_SAMPLING = ("temperature", "top_k", "top_p", "seed")
_LENGTHS = ("max_length_ratio", "min_length_ratio", "batch_sentences")  # search options that sampling uses too


def add_hypotheses(parser: argparse.ArgumentParser) -> None:
    """The options of n-best lists and of sampling."""
    parser.add_argument(
        "--n-best", type=positive, metavar="N", help="write N translations of each sentence: number, score, text"
    )
    sampling = parser.add_argument_group("sampling")
    sampling.add_argument(
        "--sample", action="store_true", help="draw random translations instead of searching for the likeliest"
    )
    sampling.add_argument(
        "--temperature", type=float, metavar="T", help="below 1, likely pieces are drawn more often (default 1)"
    )
    sampling.add_argument("--top-k", type=int, metavar="K", help="sample from the K likeliest pieces only")
    smallest_set = "sample from the smallest set of pieces whose probabilities sum to at least P"
    sampling.add_argument("--top-p", type=float, metavar="P", help=smallest_set)
    sampling.add_argument("--seed", type=int, metavar="S", help="seed of the random numbers (default 1)")


def sampling_of(options: argparse.Namespace) -> "Sampling | None":
    """How to draw, if samples are wanted; options that would do nothing are refused.

    Raises:
        ConfigError: an option has no effect, or a value is out of its range.
    """
    if not options.sample:
        refuse(options, _SAMPLING, "only --sample draws, so add it or leave this out")
        return None
    refuse(options, [name for name in SEARCH if name not in _LENGTHS], "--sample does not search, so leave this out")
    if (options.n_best or 1) > 1:
        raise ConfigError("--n-best is for searching: with --sample, draw again with another --seed")
    from seq2seq.engine.sampling import Sampling

    return Sampling(**given(options, _SAMPLING))


def settle_beam(options: argparse.Namespace, run: str, sampling: "Sampling | None", *, rows: bool) -> None:
    """Make the beam as wide as the n-best lists need, and refuse what would have no effect.

    Args:
        options: of the command line; its beam size is set where it is not given.
        run: the run, for its settings of the search.
        sampling: how to draw, if samples are wanted.
        rows: scores are written, so that a length penalty has an effect in any case.

    Raises:
        ConfigError: the beam is narrower than the lists, or an option has no effect.
    """
    n_best = options.n_best or 1
    if n_best > (options.beam_size or n_best):
        raise ConfigError(f"--n-best {n_best} needs --beam-size {n_best} or more, received {options.beam_size}")
    if options.n_best and not sampling and not options.beam_size:
        options.beam_size = max(n_best, search_settings(options, run).beam_size)
    if not rows:
        refuse_useless_penalty(options, run)
