"""Begin a run, or check that the existing one can be resumed with these settings."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from seq2seq import hardware
from seq2seq.errors import ConfigError
from seq2seq.files import ensure_temporary_folder
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.folder import check_place
from seq2seq.runs.trained import refuse_if_small, refuse_if_trained
from seq2seq.settings.config import Config
from seq2seq.training.announcements import quoted_path
from seq2seq.training.comparison import corpora_fingerprints, differences
from seq2seq.training.effects import refuse_without_effect
from seq2seq.training.memory import check_memory
from seq2seq.training.parent import Parent

_log = logging.getLogger("seq2seq")


@contextmanager
def opened(directory: RunDirectory, config: Config, resume: bool, parent: Parent | None) -> Iterator[bool]:
    """Own a run while it is trained: nobody else can begin it or go on with it meanwhile. True if it was begun.

    Raises:
        CheckpointError: another process is at work there, or the run is trained already and not to be resumed.
        ConfigError: it was begun with other settings.
    """
    refuse_if_small(directory)
    if not directory.is_begun():
        check_place(directory.path, parent.path if parent else None)
    elif not resume:
        refuse_if_trained(directory)
    with directory.owned("training"):
        ensure_temporary_folder(directory.path)
        yield open_run(directory, config, resume, parent)


def open_run(directory: RunDirectory, config: Config, resume: bool, parent: Parent | None) -> bool:
    """Begin a run, or see that it can be resumed with these settings, here; true if it was begun."""
    about: dict[str, Any] = hardware.describe() | {"precision": precision_of(config)}
    if not resume:
        refuse_if_trained(directory)
    if parent:
        _refuse_parent_of_train(config, parent)
    if about["device"] == "CPU":
        check_memory(config)
    if not directory.is_begun():  # or an older version began it, and they cannot be taken back any more
        refuse_without_effect(config, fine_tuned=parent is not None)
        about["corpora"] = corpora_fingerprints(config)
        about |= _targets(config, parent)
        directory.create(config, about, parent.description() if parent else None)
        if resume:
            _log.info("nothing to resume in %s: beginning a new run", directory.path)
        return True
    if not resume:
        _log.info("%s was begun but not trained yet: going on with it", directory.path)
    directory.make_ready()
    _refuse_other_training(directory, config, about)
    if config != directory.config():
        directory.replace_config(config)
    return False


def _targets(config: Config, parent: Parent | None) -> dict[str, list[str]]:
    """The languages that the decoder can write, if several: its corpora's, and those of the parent's decoder."""
    more = config.data.more_targets()
    if parent and config.finetune.target_vocabulary == "extend":
        more = parent.languages
    return {"targets": list(dict.fromkeys([config.data.target_language, *more]))} if more else {}


def _refuse_other_training(directory: RunDirectory, config: Config, about: dict[str, Any]) -> None:
    begun = directory.about()
    lines = differences(directory, config) + [
        f"{key} is {about[key]}, was {begun.get(key)}"
        for key in ("backend", "precision")
        if about[key] != begun.get(key)
    ]
    if lines:
        differing = "".join(f"\n  {line}" for line in lines)
        advice = "Take these back, or choose another --run: no weights were saved in this one yet"
        if directory.has("last") or directory.has("best"):
            advice = (
                "Take these back to resume. For more epochs or other data, go on from it in a new run: "
                f"seq2seq finetune {quoted_path(directory.path)} CONFIG.toml --run NEW_RUN"
            )
        raise ConfigError(f"{directory.path} was begun with other settings:{differing}\n{advice}")


def _refuse_parent_of_train(config: Config, parent: Parent) -> None:
    """A parent that the settings name is not enough: `finetune` settles what the vocabularies become, and much else.

    Raises:
        ConfigError: that has not been settled.
    """
    if "auto" in (config.finetune.source_vocabulary, config.finetune.target_vocabulary):
        command = f"seq2seq finetune {quoted_path(parent.path)} CONFIG.toml --run NEW_RUN"
        raise ConfigError(f"finetune.parent is set, and this is no fine-tuning: leave it out, or write {command}")


def precision_of(config: Config) -> str:
    """The type of the matrix products, with ``auto`` resolved for this machine."""
    chosen = config.training.precision
    return chosen if chosen != "auto" else "bfloat16" if hardware.has_fast_bfloat16() else "float32"
