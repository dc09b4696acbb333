"""A process that does `Work` for another one, and what the two say to each other through pipes.

It is none of `multiprocessing`, whose processes run the user's program once more to begin with: that fails if the
program does not expect it (``if __name__ == "__main__"``), or has no file (``python -c``, standard input). It is not
forked either, for TensorFlow has threads. It runs `serve`, imports no Keras, and ends when its input ends.
"""

import marshal
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from seq2seq.data.work import Done, PairError, Work
from seq2seq.settings.config import Cleaning

_START = "from seq2seq.data.process import serve; serve()"


class EndedError(Exception):
    """A process ended before it answered; says how."""


class WorkProcess:
    """A process that runs `serve`.

    Args:
        settings: which normalisers, filters and limits it applies.
        models: the serialised vocabularies of sources and targets; none, to clean only.

    Raises:
        OSError: the system starts no more processes.
    """

    def __init__(self, settings: Mapping[str, Any], models: Sequence[bytes]):
        path = os.pathsep.join(place or str(Path.cwd()) for place in sys.path)
        self._process = subprocess.Popen(  # noqa: S603  # this same Python
            [sys.executable, "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,  # so that Ctrl-C in the terminal reaches only the process that asks
        )
        self._order: object = (dict(settings), tuple(models))

    @property
    def number(self) -> int:
        """Its number in the system."""
        return self._process.pid

    def ask(self, sources: Sequence[str], targets: Sequence[str]) -> Done:
        """Let it work on a portion of pairs, and wait for the answer.

        Raises:
            PairError: as `Work` does.
            EndedError: the process has ended.
        """
        questions, answers = self._pipes()
        try:
            if self._order:
                _send(questions, self._order)
                self._order = None
            _send(questions, (sources, targets))
            answer = _receive(answers)
        except (EOFError, OSError) as error:
            status = self._process.wait()
            how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
            raise EndedError(how) from error
        if isinstance(answer, dict):
            raise PairError(**answer)
        return Done(*answer)

    def kill(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()

    def close(self) -> None:
        """Wait for its end, and close the pipes."""
        self._process.wait()
        for pipe in self._pipes():
            with suppress(OSError):  # what it did not read any more cannot be written
                pipe.close()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("a process was started without pipes: this is a bug in seq2seq")
        return self._process.stdin, self._process.stdout


def serve() -> None:
    """Read settings, vocabularies and portions of pairs from standard input, and write what `Work` makes of them."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library may print must not get between the answers
    questions = os.fdopen(0, "rb")
    with suppress(EOFError, BrokenPipeError):  # the other process is done, or was ended
        settings, models = _receive(questions)
        work = Work(Cleaning(**settings), models)
        while True:
            sources, targets = _receive(questions)
            try:
                answer: object = tuple(work(sources, targets))
            except PairError as error:
                answer = {"number": error.number, "cause": error.cause}
            _send(answers, answer)
    os._exit(0)  # without a last attempt to write to a pipe that nobody reads


def _send(stream: IO[bytes], value: Any) -> None:
    content = marshal.dumps(value)
    stream.write(len(content).to_bytes(8))
    stream.write(content)
    stream.flush()


def _receive(stream: IO[bytes]) -> Any:
    """What the other process sent: lists, texts, bytes and numbers, between two processes of the same Python.

    Raises:
        EOFError: it has ended.
    """
    size = int.from_bytes(_exactly(stream, 8))
    return marshal.loads(_exactly(stream, size))  # noqa: S302  # from a process that we started


def _exactly(stream: IO[bytes], size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError("the other process ended")
    return content
