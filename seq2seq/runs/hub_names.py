"""How a run on a hub is named, and which of a repository's files a run consists of."""

import re
from pathlib import Path
from typing import NamedTuple

from seq2seq.errors import ConfigError, shown

PREFIX = "hub:"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_REVISION = re.compile(r"[A-Za-z0-9][\w./-]{0,199}", re.ASCII)
_TAKEN = re.compile(
    r"(?:decoders/[A-Za-z0-9-]{2,100}/)?"
    r"(?:(?:config|about|manifest|parent|transfer|tradeoff|cleaning|export)\.json|metrics\.jsonl"
    r"|shortlist\.npz|familiarity\.npz|tokenizer/(?:source|target)\.model"
    r"|checkpoints/best-\d{1,12}-\d{1,6}/(?:arrays\.npz|state\.json|manifest\.json)"
    r"|graphs/(?:encode|start|step)\.onnx)"
    r"|(?:README|GRAPHS|MODEL_CARD|LICEN[SC]E|NOTICE)(?:\.md|\.txt)?"
)


class HubName(NamedTuple):
    """A run on a hub.

    Attributes:
        repository: the owner and the name, such as ``ann/en-fr``.
        revision: a branch, a tag or a commit.
    """

    repository: str
    revision: str

    def __str__(self) -> str:
        """The name as a user writes it, without the revision: ``hub:ann/en-fr``."""
        return f"{PREFIX}{self.repository}"


def is_hub_name(run: str | Path) -> bool:
    """Whether a run is named by its place on a hub."""
    return str(run).startswith(PREFIX)


def hub_name(text: str) -> HubName:
    """The parts of ``hub:owner/name`` or ``hub:owner/name@revision``; the prefix may be left out.

    >>> hub_name("hub:ann/en-fr@v2").revision
    'v2'

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
