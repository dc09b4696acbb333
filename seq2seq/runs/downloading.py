"""Downloading the files of a run from a hub, with a limit on the bytes of each."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from seq2seq.errors import CheckpointError, Seq2SeqError, cut, shown
from seq2seq.extras import require
from seq2seq.runs.hub_names import HubName, is_part_of_a_run
from seq2seq.runs.reading import JSON_BYTES, LARGEST_GRAPH, MEGABYTE

COMMIT = re.compile(r"[0-9a-f]{40}")
_MOST_FILES = 1000
_OF_THE_DISK = (errno.ENOSPC, errno.EFBIG, errno.EACCES, errno.EROFS)
_ADVICE = "look at the name and the connection; for a private run log in with `hf auth login`"


class Listing(NamedTuple):
    """What a hub says of a run.

    Attributes:
        commit: the SHA of the commit, 40 hexadecimal digits.
        sizes: bytes of each file that a run consists of, by the file's name; None where the hub does not say.
        left_out: the names of the other files.
    """

    commit: str
    sizes: dict[str, int | None]
    left_out: list[str]


def api() -> Any:
    """A client of the hub that the environment names.

    Raises:
        MissingExtraError: huggingface_hub is not installed.
    """
    require("a run on a hub", "huggingface_hub")
    import huggingface_hub

    return huggingface_hub.HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None, library_name="seq2seq")


def look_up(wanted: HubName) -> Listing:
    """Ask a hub which commit a revision means, and for the names and sizes of its files.

    Raises:
        CheckpointError: the hub cannot be read, there is no run, or a file is too large for one.
    """
    with _explained(wanted):
        info = api().model_info(wanted.repository, revision=wanted.revision, files_metadata=True)
    if not COMMIT.fullmatch(str(info.sha)):
        raise CheckpointError(f"{wanted}: the hub names no commit, received {shown(info.sha)}")
    files = {file.rfilename: file.size for file in info.siblings or []}
    sizes = {name: size for name, size in files.items() if is_part_of_a_run(name)}
    if "config.json" not in sizes or "about.json" not in sizes:
        raise CheckpointError(f"{wanted} is not a run of seq2seq: it has no config.json and about.json")
    if len(sizes) > _MOST_FILES:
        raise CheckpointError(f"{wanted} has {len(sizes):,} files: no run has so many")
    for name, size in sizes.items():
        if (size or 0) > _most(name):
            text = f"{size:,} bytes, expected {_most(name):,} at most"
            raise CheckpointError(f"{wanted}: {name} has {text}: seq2seq did not write it")
    left_out = [name for name in files if name not in sizes and not name.startswith(".")]
    return Listing(str(info.sha), sizes, left_out)


def download(wanted: HubName, listing: Listing, folder: Path) -> None:
    """Download the files of a run into a folder.

    Raises:
        CheckpointError: the hub cannot be read, or sends more of a file than it announced.
        OSError: this machine's disk is full or may not be written.
    """
    client = api()
    with _explained(wanted):
        for name, size in listing.sizes.items():
            most = _most(name) if size is None else size
            too_much = f"{wanted}: the hub sends more of {name} than the {most:,} bytes expected: nothing was kept"
            bar = _bar_with_limit(most, too_much)
            client.hf_hub_download(wanted.repository, name, revision=listing.commit, local_dir=folder, tqdm_class=bar)
            # The bar stops only what is far too much, and Xet tells it of the bytes in a thread where an error is lost.
            if (folder / name).stat().st_size > most:
                raise CheckpointError(too_much)


def _most(name: str) -> int:
    """How many bytes a file of this name may have."""
    return JSON_BYTES if name.endswith((".json", ".jsonl", ".md")) else LARGEST_GRAPH


def _bar_with_limit(most: int, too_much: str) -> type:
    """A class of progress bars that stops a download: the client tells its bar of each block before writing it.

    Args:
        most: bytes that the file may have.
        too_much: what to say when far more arrive.
    """
    from huggingface_hub.utils import tqdm

    limit = most + most // 4 + 16 * MEGABYTE  # Xet also counts the data around the chunks of a file

    class BarWithLimit(tqdm):
        received: float = 0  # bytes

        def update(self, n: float | None = 1) -> bool | None:
            self.received += n or 0
            if self.received > limit:
                raise CheckpointError(too_much)
            return super().update(n)  # type: ignore[no-any-return]

    return BarWithLimit


@contextmanager
def _explained(wanted: HubName) -> Iterator[None]:
    """Put the errors of the client into one of ours.

    Raises:
        CheckpointError: the hub cannot be reached, refuses the request, or answers what the client does not expect.
        OSError: this machine's disk is full or may not be written.
    """
    try:
        yield
    except Seq2SeqError:
        raise
    except Exception as error:  # the client and what it is built on have many classes, with no common one of their own
        if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
            error.filename = error.filename or f"the copy of {wanted}"
            raise
        reason = cut(" ".join(str(error).split()), 300) or type(error).__name__
        raise CheckpointError(f"cannot read {wanted}: {reason}: {_ADVICE}") from error
