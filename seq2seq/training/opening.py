"""A run begins, or is seen to be one that can be resumed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from seq2seq import backend
from seq2seq.config import Config
from seq2seq.errors import ConfigError
from seq2seq.run_directory import RunDirectory
from seq2seq.training import inheritance

_log = logging.getLogger("seq2seq")


@contextmanager
def opened(directory: RunDirectory, config: Config, resume: bool, parent: RunDirectory | None) -> Iterator[bool]:
    """Own a run while it is trained: nobody else can begin it or go on with it meanwhile. True if it was begun.

    Raises:
        CheckpointError: another process is at work there, or the run is trained already and not to be resumed.
        ConfigError: it was begun with other settings.
    """
    if not resume:
        directory.refuse_if_trained()
    with directory.owned("training"):
        yield open_run(directory, config, resume, parent)


def open_run(directory: RunDirectory, config: Config, resume: bool, parent: RunDirectory | None) -> bool:
    """Begin a run, or see that it can be resumed with these settings, here; true if it was begun."""
    about = backend.describe() | {"precision": precision_of(config)}
    if not resume:
        directory.refuse_if_trained()
    if not directory.is_begun():
        if parent:
            directory.create(config, about | inheritance.targets(config, parent), inheritance.described(parent))
        else:
            directory.create(config, about)
        if resume:
            _log.info("nothing to resume in %s: beginning a new run", directory.path)
        return True
    if not resume:
        _log.info("%s was begun but not trained yet: going on with it", directory.path)
    directory.make_ready()
    before, now = directory.config().model_dump(), config.model_dump()
    differing = [
        f"{section}.{key} is {now[section][key]!r}, was {before[section][key]!r}"
        for section in now
        for key in now[section]
        if now[section][key] != before[section][key]
    ]
    begun = directory.about()
    differing += [
        f"{key} is {about[key]}, was {begun.get(key)}"
        for key in ("backend", "precision")
        if about[key] != begun.get(key)
    ]
    if differing:
        raise ConfigError(
            f"{directory.path} was begun with other settings: {'; '.join(differing)}. Choose another --run for these"
        )
    return False


def precision_of(config: Config) -> str:
    """The type of the matrix products, with ``auto`` resolved for this machine."""
    chosen = config.training.precision
    return chosen if chosen != "auto" else "bfloat16" if backend.has_fast_bfloat16() else "float32"
