"""Doing a whole corpus: the folder of outputs is owned, workers are launched, and what killed ones left is removed."""

import logging
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path

from seq2seq.backend import cores
from seq2seq.bulk.jobs import Job
from seq2seq.bulk.local import LocalWorker
from seq2seq.bulk.parts import sweep
from seq2seq.bulk.records import refuse_to_replace
from seq2seq.bulk.running import Progress, run
from seq2seq.bulk.shards import Shard
from seq2seq.errors import ConfigError, shown
from seq2seq.locking import owned

LAUNCHERS = ("local", "ray")
LOCK = ".lock"  # the file in the folder of outputs by which a process owns it
Launcher = Callable[[Job, Sequence[Shard], int | None], Generator[Progress]]
_log = logging.getLogger("seq2seq")


def launch(
    job: Job, shards: Sequence[Shard], folder: Path, *, launcher: str = "local", workers: int | None = None
) -> Generator[Progress]:
    """Do the shards of a corpus that are not done yet.

    Args:
        job: what to do to them.
        shards: their outputs lie in the folder.
        folder: where the outputs lie; it is made where it is missing.
        launcher: ``local`` for processes of this machine, which share its cores; ``ray`` for actors of Ray, which have
            one core each.
        workers: how many of them; where not given, one for each core.

    Returns:
        the progress of the shards as it comes; the last of each has results or an error.

    Raises:
        CheckpointError: another process owns the folder; comes with the first progress.
        MissingExtraError: Ray is asked for and not installed; likewise.
        ConfigError: there is no such launcher.
        DataError: an output would replace a file that was not written for its shard.
    """
    if launcher not in LAUNCHERS:
        raise ConfigError(f"launcher is {' or '.join(map(repr, LAUNCHERS))}: received {shown(launcher)}")
    for shard in shards:
        refuse_to_replace(shard)
    return _launched(job, shards, folder, _on_ray if launcher == "ray" else _local, workers)


def _launched(
    job: Job, shards: Sequence[Shard], folder: Path, start: Launcher, workers: int | None
) -> Generator[Progress]:
    folder.mkdir(parents=True, exist_ok=True)
    with owned(folder / LOCK, "writing"):
        sweep(folder)
        try:
            with closing(start(job, shards, workers)) as progress:
                yield from progress
        finally:  # after Ctrl-C too: no worker is left that could write
            sweep(folder)


def _local(job: Job, shards: Sequence[Shard], workers: int | None) -> Generator[Progress]:
    count = min(workers or cores(), len(shards))
    threads = max(1, cores() // count)
    _log.info("%d worker%s of %d thread%s", count, "s" * (count > 1), threads, "s" * (threads > 1))
    return run(shards, lambda: LocalWorker(job.description, threads), count)


def _on_ray(job: Job, shards: Sequence[Shard], workers: int | None) -> Generator[Progress]:
    from seq2seq.bulk.on_ray import RayWorker, start_ray, stop_ray

    available = start_ray()
    try:
        if (workers or 0) > available:
            _log.warning("warning: Ray has %d cores: so many workers, not %d", available, workers)
        count = min(workers or available, available, len(shards))
        _log.info("%d actor%s of Ray", count, "s" * (count > 1))
        yield from run(shards, lambda: RayWorker(job.description), count)
    finally:
        stop_ray()
