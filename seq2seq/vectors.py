"""Vectors into a NumPy file that grows as they come: memory does not depend on how many there are."""

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np

from seq2seq.files import move_into_place
from seq2seq.outputs import cannot_be_replaced, write_file

_KIND = np.dtype(np.float32)


class VectorFile:
    """A ``.npy`` file of float32 rows, whole or not there: written beside, flushed, and renamed at the end.

    Its first bytes say how many rows follow, so they are written last. Into a pipe or a device, where that cannot be
    done, nothing is written before all rows are there: they are kept in memory until then.

    Args:
        path: the file; an older one is replaced.
        size: S, the numbers in a row.

    Raises:
        OSError: the file cannot be written, or the disk is full; names the file.
    """

    def __init__(self, path: str | Path, size: int):
        self._given = str(path)
        self._path = Path(path).resolve()
        self._size = size
        self._rows = 0
        self._part = None if cannot_be_replaced(path) else self._path.with_name(f".{self._path.name}.part")
        self._file: IO[bytes] = io.BytesIO()

    def __enter__(self) -> Self:
        with self._named():
            if self._part:
                self._file = self._part.open("wb")
            self._write(self._header())
        return self

    def append(self, vectors: np.ndarray) -> None:
        """Write (N, S) vectors behind those that are there."""
        self._rows += len(vectors)
        with self._named():
            self._write(np.ascontiguousarray(vectors, _KIND).tobytes())

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                with self._named():
                    self._finish()
        finally:
            if self._part:  # after an error; otherwise it has its name by now
                self._part.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # what could not be written is gone
                self._file.close()

    def _finish(self) -> None:
        self._file.seek(0)
        self._write(self._header())
        if self._part:
            os.fsync(self._file.fileno())
            move_into_place(self._part, self._path)
        else:
            self._file.seek(0)
            write_file(self._given, self._file.read())

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._file.flush()

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Let an error name the file as the user did; a full disk names none, and nobody knows the part."""
        try:
            yield
        except OSError as error:
            error.filename = self._given
            raise

    def _header(self) -> bytes:
        """How the file begins; NumPy leaves room in it for the number of rows to grow."""
        stream = io.BytesIO()
        form = {"descr": np.lib.format.dtype_to_descr(_KIND), "fortran_order": False, "shape": (self._rows, self._size)}
        np.lib.format.write_array_header_1_0(stream, form)
        return stream.getvalue()
