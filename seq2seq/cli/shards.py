"""What the commands that work on shards share: where these lie, who does them, and what is said of it."""

import argparse
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq.cli.options import positive
from seq2seq.errors import DataError

if TYPE_CHECKING:
    from seq2seq.bulk.jobs import Job
    from seq2seq.bulk.shards import Shard

_log = logging.getLogger("seq2seq")


def add_launcher(parser: argparse.ArgumentParser) -> None:
    """The options of where the outputs go and who writes them."""
    parser.add_argument(
        "--output", required=True, metavar="DIR", help="the folder of the outputs, each with a record (.json) beside it"
    )
    launcher = "local: processes of this machine (default); ray: actors of Ray, here or on the cluster of RAY_ADDRESS"
    parser.add_argument("--launcher", choices=["local", "ray"], default="local", help=launcher)
    parser.add_argument("--workers", type=positive, metavar="N", help="how many of them (default: one for each core)")


def do_shards(
    options: argparse.Namespace, job: "Job", shards: "list[Shard]", summarise: Callable[[list[dict[str, Any]]], None]
) -> None:
    """Do all shards that are not done, show how far they are, and sum up.

    Args:
        options: the options of the command line, with the folder of outputs, the launcher and the workers.
        job: what is done to a shard, such as translating it.
        shards: the files, or pairs of files, of the corpus.
        summarise: is given the results of all shards that are done, and says what is in them.

    Raises:
        DataError: a shard could not be done; the others are.
    """
    from contextlib import closing

    from tqdm.contrib.logging import logging_redirect_tqdm

    from seq2seq.bulk.launching import launch

    results: dict[Shard, dict[str, Any]] = {}
    failed: list[Shard] = []
    done_before = 0
    news = launch(job, shards, Path(options.output), launcher=options.launcher, workers=options.workers)
    with _Bar(shards) as bar, logging_redirect_tqdm(), closing(news):
        for progress in news:
            if progress.error:
                failed.append(progress.shard)
                _log.error("failed: %s: %s", progress.shard.name, progress.error)
            elif progress.results is not None:
                results[progress.shard] = progress.results
                done_before += not progress.made
            bar.show(progress.shard, progress.share, skipped=bool(progress.results) and not progress.made)
    summarise([results[shard] for shard in shards if shard in results])
    _log.info(
        "%d of %d shards are done in %s, %d of them before", len(results), len(shards), options.output, done_before
    )
    if failed:
        names = ", ".join(shard.name for shard in failed[:3]) + ", ..." * (len(failed) > 3)
        raise DataError(
            f"{len(failed):,} of {len(shards):,} shards could not be done ({names}): mend them, and run the same "
            "command again, which does only what is missing"
        )


class _Bar:
    """How far all shards are, weighed by their sizes; one line in half a minute where stderr is no terminal."""

    def __init__(self, shards: "list[Shard]"):
        from tqdm.auto import tqdm

        self._sizes = {shard: max(shard.bytes(), 1) for shard in shards}
        self._done = dict.fromkeys(shards, 0.0)
        self._bar = tqdm(
            total=sum(self._sizes.values()),
            unit="B",
            unit_scale=True,
            desc=f"0 of {len(shards):,} shards",
            mininterval=0.5 if sys.stderr.isatty() else 30.0,
            smoothing=0.05,
        )
        self._ready: set[Shard] = set()

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.leave = self._bar.total > 0  # a bar of nothing to do says 0.00B
        self._bar.close()

    def show(self, shard: "Shard", share: float, *, skipped: bool) -> None:
        """Say how much of a shard is done; what was done before does not count as speed."""
        size = self._sizes[shard]
        if share == 1:
            self._ready.add(shard)
            self._bar.set_description(f"{len(self._ready):,} of {len(self._sizes):,} shards", refresh=False)
        if skipped:
            self._bar.total -= size
            return
        self._bar.update((share - self._done[shard]) * size)
        self._done[shard] = share
