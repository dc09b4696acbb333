"""One process owns a folder while it writes: by a lock that the system takes back when the process ends."""

import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seq2seq.errors import CheckpointError, cut

_log = logging.getLogger("seq2seq")


@contextmanager
def owned(lock: Path, doing: str, *, wait: bool = False) -> Iterator[None]:
    """Hold a lock on a file; the file stays, and says who holds it.

    Args:
        lock: the file, made where it is missing; its folder is what is owned.
        doing: what this process does there, such as ``training``, for whoever comes later.
        wait: until another owner is done, instead of refusing.

    Raises:
        CheckpointError: another process owns the folder; says which.
    """
    descriptor = _locked(lock, wait)
    try:
        if descriptor is not None:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()} is {doing}\n".encode(), 0)
        yield
    finally:
        if descriptor is not None:
            os.ftruncate(descriptor, 0)
            os.close(descriptor)  # which gives the lock back


def owner(lock: Path) -> str:
    """Who holds a lock, in words for a message: its number, and the machine where that is another one."""
    try:
        words = lock.read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        words = []
    if len(words) < 6 or words[0] != "process":
        return "another process is at work"
    host = "" if words[3] == socket.gethostname() else f" on {cut(words[3])}"
    return f"process {cut(words[1])}{host} is {cut(words[5])}"


def _locked(lock: Path, wait: bool) -> int | None:
    """The descriptor of the locked file; none where the file system has no locks."""
    if sys.platform == "win32":
        return None
    import fcntl

    waiting = False
    while True:
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        except OSError as error:
            raise CheckpointError(f"cannot write {lock}: {error.strerror}: look at its folder") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if waiting else fcntl.LOCK_NB))
        except BlockingIOError as error:
            os.close(descriptor)
            if not wait:
                raise CheckpointError(f"{owner(lock)} in {lock.parent}: wait for it or stop it") from error
            _log.info("%s in %s: waiting until it is done", owner(lock), lock.parent)
            waiting = True
            continue
        except OSError as error:
            os.close(descriptor)
            _log.warning(
                "warning: %s cannot be locked (%s): see that no other process writes there", lock.parent, error.strerror
            )
            return None
        if _is_still(lock, descriptor):
            return descriptor
        os.close(descriptor)  # its owner removed the file while we waited: begin again with the new one


def _is_still(lock: Path, descriptor: int) -> bool:
    """Whether a path still names the file that was opened."""
    try:
        return os.path.samestat(lock.stat(), os.fstat(descriptor))
    except OSError:
        return False
