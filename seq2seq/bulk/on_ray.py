"""Workers that are actors of Ray: on this machine, or on the cluster that RAY_ADDRESS names.

All machines must see the same files at the same paths, and have seq2seq installed.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from seq2seq.bulk.shards import Shard
from seq2seq.bulk.worker import ShardWorker
from seq2seq.errors import Seq2SeqError, cut
from seq2seq.extras import require
from seq2seq.python_process import EndedError, import_path

_log = logging.getLogger("seq2seq")


def start_ray() -> int:
    """Connect to Ray, or start it on this machine; returns how many cores it has for actors.

    Raises:
        MissingExtraError: Ray is not installed.
        Seq2SeqError: Ray cannot be started, or the cluster does not answer.
    """
    require("--launcher ray", "ray")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray reports its use to its makers unless told otherwise
    import ray

    _log.info("starting Ray")
    try:
        if not ray.is_initialized():
            ray.init(
                runtime_env={"env_vars": {"PYTHONPATH": import_path()}},
                include_dashboard=False if "RAY_ADDRESS" not in os.environ else None,
                log_to_driver=False,
                logging_level=logging.WARNING,
            )
    except Exception as error:  # of many classes: no answer, another version of Ray or Python, no memory to share
        reason = cut(str(error), 300)
        raise Seq2SeqError(f"Ray cannot be started: {reason}: look at RAY_ADDRESS, or use --launcher local") from error
    return int(ray.cluster_resources().get("CPU", 1))


def stop_ray() -> None:
    """Leave Ray, and end it where `start_ray` started it."""
    import ray

    ray.shutdown()


class RayWorker:
    """An actor that does shards of a job, on one core.

    Args:
        description: of the job.
    """

    def __init__(self, description: Mapping[str, Any]):
        import ray

        self._ray = ray
        self._actor = ray.remote(num_cpus=1)(ShardWorker).remote(dict(description), 1)

    def work(self, shard: Shard) -> Iterator[dict[str, Any]]:
        """Let the actor do a shard; streams what it reports.

        Raises:
            EndedError: the actor has ended, or its machine.
        """
        reports = self._actor.work.options(num_returns="streaming").remote(shard.inputs, shard.outputs)
        try:
            for report in reports:
                yield self._ray.get(report)
        except self._ray.exceptions.RayError as error:
            raise EndedError(f"ended: {cut(str(error).splitlines()[0])}") from error

    def kill(self) -> None:
        """End the actor, whatever it is doing."""
        with suppress(Exception):  # it has ended, or Ray has
            self._ray.kill(self._actor)

    def close(self) -> None:
        """End the actor."""
        self.kill()
