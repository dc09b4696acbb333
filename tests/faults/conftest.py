"""Faults made on purpose: a process that is gone before any file-system call, a disk that refuses one, damaged bytes.

A case of `stop_everywhere` is three functions of a folder: `begin` lays it out, `act` is what may be stopped at any
moment, and `result` is what must be the same in the end, however often `act` was stopped before.
"""

import errno
import hashlib
import json
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

_CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Gone(BaseException):
    """The process is gone: nothing that it would still do reaches the disk."""


class Disk:
    """What a thread asks of the file system below a folder, counted; one call can be the last, or be refused.

    Args:
        folder: calls that change anything elsewhere are let through and not counted.
        at: the number of the call, from 1, that meets its fault.
        fault: ``gone`` lets neither this call nor any later one happen, as a kill would; an error number fails this
            call alone, as a full disk would.
    """

    def __init__(self, folder: Path, at: int, fault: str | int = "gone"):
        self.folder, self.at, self.fault = str(folder), at, fault
        self.thread = threading.get_ident()
        self.calls, self.happened = 0, False

    def see(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Look at an audit event of Python; raise where the fault belongs."""
        if not self._changes(event, arguments):
            return
        self.calls += 1
        gone = self.fault == "gone"
        if self.calls == self.at or (gone and self.happened):
            self.happened = True
            if gone:
                raise Gone(f"before {event} {arguments}")
            raise OSError(self.fault, os.strerror(int(self.fault)), str(arguments[0]))

    def _changes(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event == "open":
            path, _, flags = arguments
            return isinstance(path, str | os.PathLike) and bool(flags & _WRITES) and self._inside(path)
        if event not in _CHANGES:
            return False
        if isinstance(arguments[0], int):  # an open file, seen when it was opened
            return False
        # shutil.rmtree names what it removes relative to an open folder.
        relative = not os.path.isabs(arguments[0]) and isinstance(arguments[-1], int) and arguments[-1] >= 0
        return relative or self._inside(arguments[0])

    def _inside(self, path: Any) -> bool:
        return os.path.abspath(os.fspath(path)).startswith(self.folder)


_watching: list[Disk] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    for disk in _watching:
        if disk.thread == threading.get_ident():
            disk.see(event, arguments)


sys.addaudithook(_hook)  # cannot be taken back; it does nothing while no disk is watched


@contextmanager
def watched(disk: Disk) -> Iterator[Disk]:
    _watching.append(disk)
    try:
        yield disk
    finally:
        _watching.remove(disk)


class Case(NamedTuple):
    """What is done to a folder, and what must come of it."""

    begin: Callable[[Path], None]
    act: Callable[[Path], object]
    result: Callable[[Path], Any]


def _tree(folder: Path) -> dict[str, bytes | str | None]:
    """Every name below a folder, hidden ones too, with its content (None of a folder, the target of a link)."""
    return {
        str(path.relative_to(folder)): (
            os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        )
        for path in sorted(folder.rglob("*"))
    }


def _at_every_call(case: Case, place: Path, meet: Callable[[Path, int, Any, str], None]) -> int:
    """Let a case meet a fault at each of its file-system calls, in a new folder each time; returns their number.

    Args:
        case: the case.
        place: where the folders are made.
        meet: is given the folder, laid out; the call's number; the result without a fault; words for a message.
    """
    case.begin(prepared := place / "undisturbed")
    with watched(Disk(prepared, at=0)) as disk:
        case.act(prepared)
    expected = case.result(prepared)
    for number in range(1, disk.calls + 1):
        case.begin(folder := place / f"fault{number}")
        meet(folder, number, expected, f"call {number} of {disk.calls}")
        shutil.rmtree(folder)
    return disk.calls


@pytest.fixture
def stop_everywhere(tmp_path):
    """Kill a case before each of its file-system calls, do it again, and compare; returns the number of calls."""

    def run(case: Case) -> int:
        def stop(folder: Path, number: int, expected: Any, call: str) -> None:
            with pytest.raises(Gone), watched(Disk(folder, number)):
                case.act(folder)
            case.act(folder)
            assert case.result(folder) == expected, f"stopped before {call}"

        return _at_every_call(case, tmp_path, stop)

    return run


@pytest.fixture
def refuse_everywhere(tmp_path):
    """Fail each file-system call of a case once with a full disk: the place must be as it was; returns their number."""

    def run(case: Case, allowed: type[Exception]) -> int:
        def refuse(folder: Path, number: int, expected: Any, call: str) -> None:
            before = _tree(folder)
            with watched(Disk(folder, number, errno.ENOSPC)):
                try:
                    case.act(folder)
                except (allowed, OSError) as error:
                    assert "space" in str(error).lower(), f"{call} hides the true error: {error}"
                    assert _tree(folder) == before, f"{call} leaves something behind"
                else:  # what failed was not needed
                    assert case.result(folder) == expected, f"{call} changes the result"

        return _at_every_call(case, tmp_path, refuse)

    return run


@pytest.fixture
def case():
    """Makes a case of three functions of a folder: begin, act, result."""
    return Case


@pytest.fixture
def tree():
    """All that is in a folder."""
    return _tree


@pytest.fixture(scope="session")
def made_run(made_up_sentences, tmp_path_factory):
    """A run with all files that training leaves; its network was never trained, which no file can tell."""
    from seq2seq.model_from_settings import build_model
    from seq2seq.runs.checkpoint import Checkpoint, weights_of
    from seq2seq.runs.directory import RunDirectory
    from seq2seq.settings.config import parse_config
    from seq2seq.training.begin_or_resume import open_run
    from seq2seq.training.preparation import prepare

    folder = tmp_path_factory.mktemp("made")
    for side, lines in zip(("source", "target"), zip(*made_up_sentences(150), strict=True), strict=True):
        (folder / side).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    corpus = [{"source": str(folder / "source"), "target": str(folder / "target")}]
    sizes = {"embedding": 4, "encoder_units": 3, "decoder_units": 3}
    vocabulary = {"vocabulary_size": 310, "shared": False}
    config = parse_config({"data": {"train": corpus}, "model": sizes, "tokenizer": vocabulary})
    run = RunDirectory(folder / "run")
    open_run(run, config, resume=False, parent=None)
    prepared = prepare(config, run)
    model = build_model(config.model, *(tokenizer.size for tokenizer in prepared.tokenizers))
    run.save("best", Checkpoint(7, weights_of(model), {"epoch": 1}))
    run.metrics.write_text('{"epoch": 1, "dev_bleu": 3.5}\n', encoding="utf-8")
    return run.path


@pytest.fixture(scope="session")
def opened():
    """All that is read from a run before anything is translated or trained, by file."""
    from seq2seq.runs.directory import RunDirectory

    def read(path: Path) -> dict[str, Any]:
        run = RunDirectory(path)
        config = run.config()
        source, target = run.tokenizers()
        best, shortlist = run.load("best"), run.shortlist()
        pairs = run.pairs()
        return {
            "config.json": config.model_dump(),
            "about.json": run.about(),
            "tokenizer": (source.model, target.model),
            "arrays.npz": {name: array.tobytes() for name, array in best.arrays.items()},
            "state.json": (best.step, best.state),
            "shortlist.npz": (shortlist.likeliest.tobytes(), shortlist.frequent.tobytes()),
            "train.arrow": [[ids.tolist() for ids in pairs[index]] for index in range(len(pairs))],
            "corpora": (pairs.weights, pairs.starts.tolist(), pairs.corpora.tolist()),
            "parent.json": run.parent(),
            "dev.json": run.dev(),
            "metrics.jsonl": run.log(),
        }

    return read


@pytest.fixture(scope="session")
def forge():
    """Replaces a file of a run by another content, in such a way that all manifests agree: a stranger can do that."""

    def put(run: Path, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        for manifest in (run / "manifest.json", path.parent / "manifest.json"):
            if manifest.exists() and manifest != path:
                known = json.loads(manifest.read_bytes())
                name = str(path.relative_to(manifest.parent))
                if name in known.get("files", {}):
                    known["files"][name] = {"bytes": len(content), "sha256": digest}
                if name in known.get("sha256", {}):
                    known["sha256"][name] = digest
                manifest.write_text(json.dumps(known))

    return put
