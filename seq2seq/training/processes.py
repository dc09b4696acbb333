"""Several processes that train together, through `jax.distributed`: who writes, who waits for whom, what they exchange.

Every process runs the same program and makes the same decisions, since all decide from the same numbers. Without
`joined` there is one process, which is the first.
"""

import atexit
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from seq2seq.errors import ConfigError, ProcessError, Seq2SeqError, cut

_log = logging.getLogger("seq2seq")
_HEARTBEAT_SECONDS = 30  # after so long a silence, JAX takes a process for dead and ends the others
_JOIN_SECONDS = 300  # for all processes to be started
_WAIT_SECONDS = 7 * 24 * 3600  # for the first one to prepare the run; if it dies meanwhile, JAX ends the wait
# JAX ends the other processes from a thread of C++, which no handler in Python sees. This small process sees that its
# parent has gone without a word, and says what that means.
_WITNESS = """
import signal, sys
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
if not sys.stdin.buffer.read():
    print(sys.argv[1], file=sys.stderr, flush=True)
"""


def count() -> int:
    """How many processes train together."""
    return int(_jax().process_count()) if _is_joined() else 1


def index() -> int:
    """The number of this process, from 0."""
    return int(_jax().process_index()) if _is_joined() else 0


def is_first() -> bool:
    """Whether this process is the one that writes and talks."""
    return index() == 0


def name() -> str:
    """This process in messages; people count from 1."""
    return f"process {index() + 1} of {count()}"


@contextmanager
def joined(coordinator: str | None = None, processes: int | None = None, index: int | None = None) -> Iterator[None]:
    """Join the other processes of a training, until the context ends. JAX must not have computed anything before.

    The first process speaks for all; of the others, only errors are logged. If an error leaves the context, this
    process ends as soon as Python exits, without waiting for the others, and they end too.

    Args:
        coordinator: host and port of the first process, which listens there.
        processes: how many there are.
        index: which of them this is, from 0.
            What is not given, JAX finds out from Slurm, Kubernetes or Open MPI.

    Raises:
        ConfigError: the backend is not JAX, or nothing tells what is missing.
        ProcessError: another process has ended or cannot be reached.
    """
    if keras.backend.backend() != "jax":
        raise ConfigError("several processes train together only on JAX: set KERAS_BACKEND=jax")
    jax = _jax()
    # Its handler would take SIGTERM away from ours, which saves.
    jax.config.update("jax_enable_preemption_service", False)
    who = "this process" if index is None else f"process {index + 1} of {processes}"
    again = "start all processes again with --resume"
    ended = f"{who} was ended, because it was killed or because another process has ended or cannot be reached"
    text = f"seq2seq: error: {ended}: look at its messages, then {again}"
    command = [sys.executable, "-I", "-S", "-c", _WITNESS, text]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as witness:  # noqa: S603  # this same Python
        try:
            _join(coordinator, processes, index)
            if not is_first():
                _log.setLevel(logging.ERROR)
            yield
        except BaseException as error:
            witness.communicate(b"told")
            atexit.register(_leave, 130 if isinstance(error, KeyboardInterrupt) else 1)
            if isinstance(error, Seq2SeqError | KeyboardInterrupt) or not _comes_from_others(error):
                raise
            reason = f"{name()} lost another process, which has ended or cannot be reached ({cut(str(error), 200)})"
            raise ProcessError(f"{reason}: look at its messages, then {again}") from error
        jax.distributed.shutdown()
        witness.communicate(b"done")


def _join(coordinator: str | None, processes: int | None, index: int | None) -> None:
    _log.info("waiting for all processes to start, %d seconds at most", _JOIN_SECONDS)
    try:
        _jax().distributed.initialize(
            coordinator,
            processes,
            index,
            initialization_timeout=_JOIN_SECONDS,
            heartbeat_timeout_seconds=_HEARTBEAT_SECONDS,
        )
    except (ValueError, RuntimeError) as error:
        advice = "give --coordinator HOST:PORT, --processes and --process-id, or start it under Slurm or Kubernetes"
        raise ConfigError(f"the processes cannot be joined ({cut(str(error), 300)}): {advice}") from error


def _leave(status: int) -> None:
    """End at once: JAX would wait some minutes for processes that may wait for this one."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(status)


def _comes_from_others(error: BaseException) -> bool:
    """Whether an error of JAX says that a connection broke."""
    words = ("Gloo", "NCCL", "UNAVAILABLE", "coordination", "DEADLINE_EXCEEDED", "Connection", "heartbeat")
    return isinstance(error, ValueError | RuntimeError) and any(word in str(error) for word in words)


def wait(stage: str) -> None:
    """Wait until all processes have come to the same stage.

    Args:
        stage: its name, used once in a training.
    """
    if count() > 1:
        from jax._src import distributed  # the only barrier that may take longer than a device waits for another

        distributed.global_state.client.wait_at_barrier(f"seq2seq: {stage}", 1000 * _WAIT_SECONDS)


@contextmanager
def first_goes_first(stage: str) -> Iterator[None]:
    """Let the first process do what writes files; the others then find it done.

    Args:
        stage: the name of the work, used once in a training.
    """
    if not is_first():
        wait(stage)
    yield
    if is_first():
        wait(stage)


def gathered(value: Any) -> list[Any]:
    """What each process gave, in their order. All processes must call it at the same point.

    Args:
        value: anything that JSON can hold.
    """
    if count() == 1:
        return [value]
    from jax.experimental import multihost_utils

    content = np.frombuffer(json.dumps(value).encode(), np.uint8)
    lengths = multihost_utils.process_allgather(np.int32(len(content)))
    padded = np.zeros(lengths.max(), np.uint8)
    padded[: len(content)] = content
    rows = multihost_utils.process_allgather(padded)
    return [json.loads(row[:length].tobytes()) for row, length in zip(rows, lengths, strict=True)]


def shared(items: Sequence[Any], work: Callable[[Sequence[Any]], Sequence[Any]]) -> list[Any]:
    """The results of some work on all items; each process does a share of it.

    Args:
        items: what the work is done on, the same in all processes.
        work: from several items to a result for each, which JSON can hold.
    """
    results: list[Any] = [None] * len(items)
    for first, part in enumerate(gathered(list(work(items[index() :: count()])))):
        results[first :: count()] = part
    return results


def _jax() -> Any:
    import jax

    return jax


def _is_joined() -> bool:
    return keras.backend.backend() == "jax" and bool(_jax().distributed.is_initialized())
