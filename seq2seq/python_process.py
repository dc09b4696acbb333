"""Processes of this Python that work for another one, started as programs.

They are none of `multiprocessing`, whose processes run the user's program once more to begin with: that fails if the
program does not expect it (``if __name__ == "__main__"``), or has no file (``python -c``, standard input). They are not
forked either, for TensorFlow has threads.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO


class EndedError(Exception):
    """A process ended before it answered; says how."""


def import_path() -> str:
    """Where this process finds modules, as PYTHONPATH: another process then finds the same ones."""
    return os.pathsep.join(place or str(Path.cwd()) for place in sys.path)


def start_python(statements: str, environment: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
    """Start a process that runs some statements, with pipes to its standard input and output.

    Args:
        statements: what it runs; it finds the same modules as this process.
        environment: variables that it has beside those of this process.

    Raises:
        OSError: the system starts no more processes.
    """
    return subprocess.Popen(  # noqa: S603  # this same Python
        [sys.executable, "-c", statements],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": import_path(), **(environment or {})},
        start_new_session=True,  # so that Ctrl-C in the terminal reaches only the process that asks
    )


def pipes_of(process: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes]]:
    """What is written to a process, and what is read from it."""
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a process was started without pipes: this is a bug in seq2seq")
    return process.stdin, process.stdout


def how_it_ended(process: "subprocess.Popen[bytes]") -> EndedError:
    """Wait for the end of a process that answers no more; returns an error that says how it ended."""
    status = process.wait()
    return EndedError(f"was ended by signal {-status}" if status < 0 else f"ended with status {status}")


def answers_stream() -> IO[bytes]:
    """In such a process, once: the stream of answers. What a library may print goes nowhere instead of between them."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return answers
