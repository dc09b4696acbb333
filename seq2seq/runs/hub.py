"""Runs on a hub, such as Hugging Face's: `hub:owner/name` is such a run wherever a run is read.

What comes from a hub is a stranger's. Only files that a run or an export consists of are fetched, by their names: JSON,
arrays, graphs and vocabularies. Whatever else a repository holds is left there, programs and pickles included.
"""

import json
import logging
import os
import shutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from seq2seq.arguments import path_of
from seq2seq.errors import CheckpointError, cut
from seq2seq.files import write_atomically
from seq2seq.locking import owned
from seq2seq.runs import manifest
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.downloading import COMMIT, Listing, download, look_up
from seq2seq.runs.folder import LOCK
from seq2seq.runs.hub_names import HubName, hub_name
from seq2seq.runs.new_folder import check_new, new_folder
from seq2seq.runs.reading import LARGEST_GRAPH, MEGABYTE

_log = logging.getLogger("seq2seq")


def pull(name: str, place: str | Path, check_export: Callable[[RunDirectory], object] | None = None) -> Path:
    """Fetch a run, or an export, from a hub into a folder; all of it, or nothing.

    The hub is the one of the environment variable ``HF_ENDPOINT``, or else https://huggingface.co.

    Args:
        name: the repository, as ``owner/name``, with ``@`` and a revision where it is not the newest one.
        place: the folder to make.
        check_export: refuses an export with a `CheckpointError`, such as `seq2seq.export.reading.read_graphs`. Without
            it, the graphs of an export are checked when they are loaded for translating.

    Returns:
        the folder.

    Raises:
        CheckpointError: the repository cannot be read or holds no run that can be opened, or the place is taken.
        ConfigError: the name is none, or the place may not be written.
        MissingExtraError: huggingface_hub is not installed.
    """
    wanted = hub_name(name)
    place = path_of(place, "the folder to make")
    check_new(place, "--run")
    listing = look_up(wanted)
    _fetch(wanted, listing, place, check_export)
    return place


@lru_cache
def fetched(name: str) -> Path:
    """The folder of a run on a hub: in the user's cache, fetched if it is not there yet or was damaged since.

    Without a connection, the copy that was fetched last is used, and a note says so.

    Args:
        name: the run, as ``hub:owner/name`` or ``hub:owner/name@revision``.

    Returns:
        the folder of the commit that the revision means.

    Raises:
        CheckpointError: the repository cannot be read or holds no run that can be opened, or the cache may not be
            written.
        ConfigError: the name is none.
        MissingExtraError: huggingface_hub is not installed.
    """
    wanted = hub_name(name)
    folder = _cache() / wanted.repository.replace("/", "--")
    commits = folder / "commits.json"
    if COMMIT.fullmatch(wanted.revision) and _is_intact(folder / wanted.revision, wanted):
        return folder / wanted.revision
    try:
        listing = look_up(wanted)
    except CheckpointError as error:
        last = folder / _known_commits(commits).get(wanted.revision, "none")
        if not _is_intact(last, wanted):
            raise
        _log.warning("warning: %s; using the copy that was fetched last, %s", error, last.name[:12])
        return last
    place = folder / listing.commit
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with owned(folder / LOCK, "fetching", wait=True):
            if not _is_intact(place, wanted):
                shutil.rmtree(place, ignore_errors=True)
                _fetch(wanted, listing, place)
            known = _known_commits(commits) | {wanted.revision: listing.commit}
            write_atomically(commits, json.dumps(known).encode())
    except OSError as error:
        advice = f"look at {_cache()}, or let XDG_CACHE_HOME name another folder for caches"
        raise CheckpointError(f"cannot keep {wanted} in {folder}: {error.strerror or error}: {advice}") from error
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
    return {name: commit for name, commit in pairs if isinstance(commit, str) and COMMIT.fullmatch(commit)}


def _is_intact(place: Path, wanted: HubName) -> bool:
    """Whether a copy is in the cache and opens; of one that does not, a warning says why."""
    if not place.is_dir():
        return False
    try:
        _see_that_it_opens(RunDirectory(place))
    except CheckpointError as error:
        _log.warning("warning: the copy of %s in %s cannot be used, so it is fetched again: %s", wanted, place, error)
        return False
    return True


def _fetch(
    wanted: HubName, listing: Listing, place: Path, check_export: Callable[[RunDirectory], object] | None = None
) -> None:
    """Fetch files beside a place, see that they are a run that opens, and give them their place."""
    if listing.left_out:
        names = cut(", ".join(listing.left_out), 200)
        _log.info("note: %s: left out, since no run has such files: %s", wanted, names)
    megabytes = sum(size or 0 for size in listing.sizes.values()) / MEGABYTE
    with new_folder(place, "fetching", "--run") as part:
        _log.info("fetching %d files of %s, %.1f MB", len(listing.sizes), wanted, megabytes)
        download(wanted, listing, part)
        shutil.rmtree(part / ".cache", ignore_errors=True)  # the client's own notes
        try:
            run = RunDirectory(part)
            _see_that_it_opens(run)
            if check_export and run.is_export():
                check_export(run)
        except CheckpointError as error:
            text = str(error).replace(f"{part}/", "").replace(str(part), "the run")
            raise CheckpointError(f"{wanted} holds no run that can be opened, so nothing was kept: {text}") from error


def _see_that_it_opens(run: RunDirectory) -> None:
    """Read what is ever read of a run; of the graphs of an export, only size and SHA-256.

    Raises:
        CheckpointError: a file is missing, damaged, or not as seq2seq writes it.
    """
    run.config()
    run.tokenizers()
    run.parent()
    run.log()
    if not run.is_export():
        run.best()
        return
    for name in ("encode", "start", "step"):
        manifest.read(run.path, f"graphs/{name}.onnx", LARGEST_GRAPH)
