"""The function that does a shard, and the program that calls it in a process of its own.

The process that starts the program sends it a job and a number of threads, then shard after shard; the program answers
with what `do` reports. Both write JSON, a line at a time. Ray's actors call `ShardWorker` without the program.
"""

import json
import os
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from seq2seq.bulk.jobs import Job
from seq2seq.bulk.parts import written
from seq2seq.bulk.records import entries_of, holding_record, record_of, refuse_to_replace, write_record
from seq2seq.bulk.shards import Shard
from seq2seq.data.lines import existing
from seq2seq.errors import ConfigError, DataError, Seq2SeqError, shown
from seq2seq.python_process import answers_stream

Report = dict[str, Any]


def do(job: Job, shard: Shard) -> Iterator[Report]:
    """Do a shard, unless it is done: when the outputs are complete, the record is written, then they get their names.

    Args:
        job: what to do.
        shard: what to do it to.

    Yields:
        ``{"share": 0.25}`` as the work goes on; at last ``{"results": {...}, "made": True}``, where ``made`` is false
        if nothing was left to do.

    Raises:
        DataError: the shard cannot be used, or changed while it was read, or somebody else's file has the name of an
            output.
        OSError: an output cannot be written.
    """
    inputs = [str(existing(path)) for path in shard.inputs]
    before = _stamps(inputs)
    entries = entries_of(inputs)
    record = holding_record(shard, job.work, entries)
    if record is not None:
        yield {"results": record["results"], "made": False}
        return
    refuse_to_replace(shard)
    results: dict[str, Any] = {}
    with written(shard.outputs) as parts:
        for report in job.write(inputs, parts.files):
            if isinstance(report, dict):
                results = report
            else:
                yield {"share": report}
        outputs = entries_of(parts.complete(), shard.outputs)
        if _stamps(inputs) != before:
            raise DataError(f"{inputs[0]} was changed while it was read: wait until it is complete")
        # The record first: whoever is killed in between leaves no output that nothing claims.
        write_record(shard, record_of(job.work, entries, outputs, results))
        parts.put_into_place()
    yield {"results": results, "made": True}


def _stamps(paths: Sequence[str]) -> list[tuple[int, int]]:
    """What changes when a file is written to: its size and the time of its last change."""
    return [(status.st_size, status.st_mtime_ns) for status in (Path(path).stat() for path in paths)]


def _open_job(description: Mapping[str, Any], threads: int) -> Job:
    """The job of a description.

    Args:
        description: of the job.
        threads: how many cores the worker has for itself.

    Raises:
        ConfigError: it describes none.
    """
    kind, *_ = [*description, None]
    if kind == "translate":
        from seq2seq.bulk.translating import TranslateJob

        return TranslateJob(**description[kind], threads=threads)
    if kind == "clean":
        from seq2seq.bulk.cleaning import CleanJob

        return CleanJob(**description[kind])
    raise ConfigError(f"a job is to translate or to clean: received {shown(kind)}")


class ShardWorker:
    """A job, opened once for many shards; errors of a shard become reports, so that the next shard can be done.

    Args:
        description: of the job.
        threads: how many cores the worker has for itself.
    """

    def __init__(self, description: Mapping[str, Any], threads: int):
        self._job = _open_job(description, threads)

    def work(self, inputs: Sequence[str], outputs: Sequence[str]) -> Iterator[Report]:
        """Do a shard; yields what `do` does, or ``{"error": "..."}`` at last."""
        try:
            yield from do(self._job, Shard(tuple(inputs), tuple(outputs)))
        except Seq2SeqError as error:
            yield {"error": str(error)}
        except OSError as error:
            yield {"error": f"{error.filename or outputs[0]}: {error.strerror or error}: look at the disk"}
        except MemoryError:
            yield {"error": "the memory is full: use fewer workers or smaller batches"}
        except Exception as error:
            yield {"error": f"{type(error).__name__}: {error}: this is a bug in seq2seq, so report it with the shard"}


def serve() -> None:
    """Read a job and shards from standard input, and write the reports on each shard."""
    answers = answers_stream()
    orders = _orders()
    worker = ShardWorker(*orders.get())
    while True:
        inputs, outputs = orders.get()
        for report in worker.work(inputs, outputs):
            answers.write(json.dumps(report).encode() + b"\n")
            answers.flush()


def _orders() -> "queue.SimpleQueue[Any]":
    """What comes from standard input. At its end the other process is done or gone, and this one ends at once.

    Otherwise it would finish its shard, for hours perhaps, while somebody has begun the work anew.
    """
    orders = queue.SimpleQueue[Any]()

    def read() -> None:
        with os.fdopen(0, "rb") as questions, suppress(OSError):
            for line in questions:
                orders.put(json.loads(line))
        os._exit(0)

    threading.Thread(target=read, daemon=True, name="seq2seq-orders").start()
    return orders
