"""Runs on a hub, such as Hugging Face's: `hub:owner/name` is such a run wherever a run is read.

What comes from a hub is a stranger's. Only files that a run or an export consists of are fetched, by their names: JSON,
arrays, graphs and vocabularies. Whatever else a repository holds is left there, programs and pickles included.
"""

import errno
import json
import logging
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from seq2seq.arguments import path_of
from seq2seq.errors import CheckpointError, ConfigError, Seq2SeqError, cut, shown
from seq2seq.extras import require
from seq2seq.files import move_into_place, write_atomically
from seq2seq.locking import owned
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.folder import LOCK, check_place
from seq2seq.runs.reading import JSON_BYTES, MEGABYTE

PREFIX = "hub:"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_REVISION = re.compile(r"[A-Za-z0-9][\w./-]{0,199}", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_TAKEN = re.compile(
    r"(?:decoders/[A-Za-z0-9-]{2,100}/)?"
    r"(?:(?:config|about|manifest|parent|transfer|tradeoff|cleaning|export)\.json|metrics\.jsonl"
    r"|shortlist\.npz|familiarity\.npz|tokenizer/(?:source|target)\.model"
    r"|checkpoints/best-\d{1,12}-\d{1,6}/(?:arrays\.npz|state\.json|manifest\.json)"
    r"|graphs/(?:encode|start|step)\.onnx)"
    r"|(?:README|GRAPHS|MODEL_CARD|LICEN[SC]E|NOTICE)(?:\.md|\.txt)?"
)
_LARGEST = 2047 * MEGABYTE  # of a file: what a graph can have
_MOST_FILES = 1000
_OF_THE_DISK = (errno.ENOSPC, errno.EFBIG, errno.EACCES, errno.EROFS)
_ADVICE = "look at the name and the connection; for a private run log in with `hf auth login`"
_log = logging.getLogger("seq2seq")


class HubName(NamedTuple):
    """A run on a hub.

    Attributes:
        repository: the owner and the name, such as ``ann/en-fr``.
        revision: a branch, a tag or a commit.
    """

    repository: str
    revision: str


def is_hub_name(run: str | Path) -> bool:
    """Whether a run is named by its place on a hub."""
    return str(run).startswith(PREFIX)


def hub_name(text: str) -> HubName:
    """The parts of ``hub:owner/name`` or ``hub:owner/name@revision``; the prefix may be left out.

    >>> hub_name("hub:ann/en-fr@v2")
    HubName(repository='ann/en-fr', revision='v2')

    Raises:
        ConfigError: the text names no repository.
    """
    repository, _, revision = text.removeprefix(PREFIX).partition("@")
    plain = _NAME.fullmatch(repository) and _REVISION.fullmatch(revision or "main")
    if not plain or ".." in text or "--" in repository:
        raise ConfigError(f"a run on a hub is named hub:owner/name or hub:owner/name@revision, received {shown(text)}")
    return HubName(repository, revision or "main")


def is_part_of_a_run(name: str) -> bool:
    """Whether a file of this name, relative to the folder of a run, is one that seq2seq writes and may be passed on."""
    return bool(_TAKEN.fullmatch(name))


def pull(name: str, place: str | Path) -> Path:
    """Fetch a run, or an export, from a hub into a folder; all of it, or nothing.

    The hub is the one of the environment variable ``HF_ENDPOINT``, or else https://huggingface.co.

    Args:
        name: the repository, as ``owner/name``, with ``@`` and a revision where it is not the newest one.
        place: the folder to make.

    Returns:
        the folder.

    Raises:
        CheckpointError: the repository cannot be read or holds no run that can be opened, or the place is taken.
        ConfigError: the name is none, or the place may not be written.
        MissingExtraError: huggingface_hub is not installed.
    """
    wanted = hub_name(name)
    place = path_of(place, "the folder to make")
    check_place(place)
    if os.path.lexists(place):  # also a link to nothing
        raise CheckpointError(f"{place} is there already: choose another --run")
    with _explained(wanted):
        commit, names = _looked_up(wanted)
    return _fetch(wanted, commit, names, place)


@lru_cache
def fetched(name: str) -> Path:
    """The folder of a run on a hub: in the user's cache, fetched if it is not there yet.

    Without a connection, the copy that was fetched last is used, and a note says so.

    Raises:
        CheckpointError, ConfigError, MissingExtraError: as `pull`.
    """
    wanted = hub_name(name)
    folder = _cache() / wanted.repository.replace("/", "--")
    commits = folder / "commits.json"
    if _COMMIT.fullmatch(wanted.revision) and (folder / wanted.revision).is_dir():
        return folder / wanted.revision
    try:
        with _explained(wanted):
            commit, names = _looked_up(wanted)
    except CheckpointError as error:
        last = folder / _known_commits(commits).get(wanted.revision, "none")
        if not last.is_dir():
            raise
        _log.warning("warning: %s; using the copy that was fetched last, %s", error, last.name[:12])
        return last
    place = folder / commit
    folder.mkdir(parents=True, exist_ok=True)
    with owned(folder / LOCK, "fetching", wait=True):
        if not place.is_dir():
            _fetch(wanted, commit, names, place)
        write_atomically(commits, json.dumps(_known_commits(commits) | {wanted.revision: commit}).encode())
    return place


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "seq2seq" / "hub"


def _known_commits(path: Path) -> dict[str, str]:
    """Which commit a revision meant when it was last asked for."""
    try:
        known = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    pairs = known.items() if isinstance(known, dict) else ()
    return {name: commit for name, commit in pairs if isinstance(commit, str) and _COMMIT.fullmatch(commit)}


def api() -> Any:
    """A client of the hub that the environment names.

    Raises:
        MissingExtraError: huggingface_hub is not installed.
    """
    require("a run on a hub", "huggingface_hub")
    import huggingface_hub

    return huggingface_hub.HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None, library_name="seq2seq")


def _looked_up(wanted: HubName) -> tuple[str, list[str]]:
    """The commit that a revision means, and the names of its files that a run consists of.

    Raises:
        CheckpointError: there is no run, or a file is too large for one.
    """
    info = api().model_info(wanted.repository, revision=wanted.revision, files_metadata=True)
    place = f"{PREFIX}{wanted.repository}"
    if not _COMMIT.fullmatch(str(info.sha)):
        raise CheckpointError(f"{place}: the hub names no commit, received {shown(info.sha)}")
    files = info.siblings or []
    names = [file.rfilename for file in files if is_part_of_a_run(file.rfilename)]
    if "config.json" not in names or "about.json" not in names:
        raise CheckpointError(f"{place} is not a run of seq2seq: it has no config.json and about.json")
    if len(names) > _MOST_FILES:
        raise CheckpointError(f"{place} has {len(names):,} files: no run has so many")
    for file in files:
        most = JSON_BYTES if file.rfilename.endswith((".json", ".jsonl", ".md")) else _LARGEST
        if file.rfilename in names and (file.size or 0) > most:
            size = f"{file.size:,} bytes, expected {most:,} at most"
            raise CheckpointError(f"{place}: {file.rfilename} has {size}: seq2seq did not write it")
    left_out = [file.rfilename for file in files if file.rfilename not in names and file.rfilename[0] != "."]
    if left_out:
        _log.info("note: %s: left out, since no run has such files: %s", place, cut(", ".join(left_out), 200))
    return str(info.sha), names


def _fetch(wanted: HubName, commit: str, names: Sequence[str], place: Path) -> Path:
    """Fetch files beside a place, see that they are a run that opens, and give them their place."""
    part = place.with_name(f".{place.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # of an attempt that was cut off
    client = api()
    _log.info("fetching %d files of %s%s", len(names), PREFIX, wanted.repository)
    try:
        with _explained(wanted):
            for name in names:
                client.hf_hub_download(wanted.repository, name, revision=commit, local_dir=part)
        shutil.rmtree(part / ".cache", ignore_errors=True)  # the client's own notes
        _see_that_it_opens(RunDirectory(part), wanted)
        move_into_place(part, place)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return place


def _see_that_it_opens(run: RunDirectory, wanted: HubName) -> None:
    """Read what is ever read of a run; the graphs of an export are checked whenever they are loaded.

    Raises:
        CheckpointError: a file is missing, damaged, or not as seq2seq writes it.
    """
    try:
        run.config()
        run.tokenizers()
        run.parent()
        run.log()
        if not run.is_export():
            run.best()
    except CheckpointError as error:
        text = str(error).replace(f"{run.path}/", "").replace(str(run.path), "the run")
        raise CheckpointError(
            f"{PREFIX}{wanted.repository} holds no run that can be opened, so nothing was kept: {text}"
        ) from error


@contextmanager
def _explained(wanted: HubName) -> Iterator[None]:
    """Put the errors of the client into one of ours.

    Raises:
        CheckpointError: something went wrong.
        OSError: with this machine's disk.
    """
    try:
        yield
    except Seq2SeqError:
        raise
    except Exception as error:  # the client and what it is built on have many classes, with no common one of their own
        if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
            error.filename = error.filename or f"the copy of {PREFIX}{wanted.repository}"
            raise
        reason = cut(" ".join(str(error).split()), 300) or type(error).__name__
        raise CheckpointError(f"cannot read {PREFIX}{wanted.repository}: {reason}: {_ADVICE}") from error
