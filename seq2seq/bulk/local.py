"""Workers that are processes of this machine."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from seq2seq.bulk.shards import Shard
from seq2seq.python_process import how_it_ended, pipes_of, start_python

_START = "from seq2seq.bulk.worker import serve; serve()"


class LocalWorker:
    """A process that does shards of a job.

    Args:
        description: of the job.
        threads: how many cores the process has for itself: libraries start no more threads.

    Raises:
        OSError: the system starts no more processes.
    """

    def __init__(self, description: Mapping[str, Any], threads: int):
        few = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
        self._process = start_python(_START, few)
        self._first: object = (dict(description), threads)

    @property
    def number(self) -> int:
        """The number of the process in the system."""
        return self._process.pid

    def work(self, shard: Shard) -> Iterator[dict[str, Any]]:
        """Let the process do a shard; streams what it reports.

        Raises:
            EndedError: the process has ended.
        """
        orders, answers = pipes_of(self._process)
        try:
            for order in (self._first, shard):
                if order:
                    orders.write(json.dumps(order).encode() + b"\n")
            orders.flush()
            self._first = None
            while True:
                report = json.loads(answers.readline())
                yield report
                if "share" not in report:
                    return
        except (OSError, json.JSONDecodeError) as error:  # an answer that is cut off, or none
            raise how_it_ended(self._process) from error

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()

    def close(self) -> None:
        """End the process, and close the pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in pipes_of(self._process):
            with suppress(OSError):  # what the process did not read any more cannot be written
                pipe.close()
