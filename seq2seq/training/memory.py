"""Whether a training fits into the machine's memory, estimated before anything is allocated."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

from seq2seq.errors import ConfigError
from seq2seq.settings.config import Config
from seq2seq.weight_count import count_weights

_log = logging.getLogger("seq2seq")
_WEIGHT_BYTES = 16  # float32: the weight, its gradient and Adam's two moments
_AVERAGE_BYTES = 4  # float32: its moving average
_LOGIT_BYTES = 8  # float32: the output layer and its gradient, at least
_TIGHT = 0.5  # of the memory: what a checkpoint copies while it is saved is not counted above
_NO_LIMIT = 1 << 60  # more than any machine has, for containers without a limit


def check_memory(config: Config) -> None:
    """Refuse a training that cannot fit, and warn of one that hardly does; on a GPU, whose memory is another, neither.

    Args:
        config: the settings; the vocabulary may come out smaller, not larger.

    Raises:
        ConfigError: network or batch need more than all memory; says how much of what.
    """
    pieces = config.tokenizer.vocabulary_size
    total = total_memory()
    weights = count_weights(config.model, pieces, pieces)
    network = (_WEIGHT_BYTES + (_AVERAGE_BYTES if config.training.averaging else 0)) * weights
    batch = _LOGIT_BYTES * config.training.batch_tokens * pieces
    needs = {
        f"this network of {weights:,} weights needs about {_gigabytes(network)} with its optimiser": (
            network,
            "lower model.embedding, the units or the layers",
        ),
        f"a batch of {config.training.batch_tokens:,} tokens with {pieces:,} pieces needs about {_gigabytes(batch)}": (
            batch,
            "lower training.batch_tokens or tokenizer.vocabulary_size",
        ),
    }
    for text, (size, advice) in needs.items():
        if size > total:
            raise ConfigError(f"{text}, and this machine has {_gigabytes(total)} of memory: {advice}")
    if network + batch > _TIGHT * total:
        text = f"network and batches need about {_gigabytes(network + batch)} of the {_gigabytes(total)} of memory here"
        _log.warning("warning: %s: if training is killed, lower training.batch_tokens or the model's sizes", text)


def total_memory() -> int:
    """The bytes that this process may have at most: the machine's memory, or less in a container or under a limit."""
    limits = [_NO_LIMIT, *_container_limits()]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(limit for limit in limits if limit > 0)


def _container_limits(
    root: Path = Path("/sys/fs/cgroup"), membership: Path = Path("/proc/self/cgroup")
) -> Iterator[int]:
    """The limits of the control groups that this process is in, of both versions."""
    try:
        groups = [
            line.split(":", 2)[1:] for line in membership.read_text(encoding="utf-8").split("\n") if line.count(":") > 1
        ]
    except OSError:
        groups = []
    groups.append(["", "/"])  # inside a container, its own group is the root
    for kinds, path in groups:
        if kinds and "memory" not in kinds.split(","):
            continue
        top = root / "memory" if kinds else root
        name = "memory.limit_in_bytes" if kinds else "memory.max"
        place = top / path.strip("/")
        for folder in (place, *place.parents):
            if folder.is_relative_to(top):
                yield from _number(folder / name)


def _number(path: Path) -> Iterator[int]:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError:
        return
    if text.isdecimal():  # "max" is none
        yield int(text)


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:,.0f} GB" if count >= 1e10 else f"{count / 1e9:.1f} GB"
