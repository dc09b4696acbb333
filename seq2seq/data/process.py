"""A process that does `Work` for another one, and what the two say to each other through pipes.

It runs `serve`, imports no Keras, and ends when its input ends.
"""

import marshal
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Any

from seq2seq.data.work import Done, PairError, Work
from seq2seq.python_process import answers_stream, how_it_ended, pipes_of, start_python
from seq2seq.settings.config import Cleaning

_START = "from seq2seq.data.process import serve; serve()"


class WorkProcess:
    """A process that runs `serve`.

    Args:
        settings: which normalisers, filters and limits it applies.
        models: the serialised vocabularies of sources and targets; none, to clean only.

    Raises:
        OSError: the system starts no more processes.
    """

    def __init__(self, settings: Mapping[str, Any], models: Sequence[bytes]):
        self._process = start_python(_START)
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
        questions, answers = pipes_of(self._process)
        try:
            if self._order:
                _send(questions, self._order)
                self._order = None
            _send(questions, (sources, targets))
            answer = _receive(answers)
        except (EOFError, OSError) as error:
            raise how_it_ended(self._process) from error
        if isinstance(answer, dict):
            raise PairError(**answer)
        return Done(*answer)

    def kill(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()

    def close(self) -> None:
        """Wait for its end, and close the pipes."""
        self._process.wait()
        for pipe in pipes_of(self._process):
            with suppress(OSError):  # what it did not read any more cannot be written
                pipe.close()


def serve() -> None:
    """Read settings, vocabularies and portions of pairs from standard input, and write what `Work` makes of them."""
    answers = answers_stream()
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
