"""Begin a run, or check that the existing one can be resumed with these settings."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from seq2seq import backend
from seq2seq.errors import ConfigError
from seq2seq.files import ensure_temporary_folder
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.folder import check_place
from seq2seq.runs.trained import refuse_if_trained
from seq2seq.settings.config import Config, Finetune
from seq2seq.training.announcements import quoted_path
from seq2seq.training.comparison import corpora_fingerprints, differences
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
    if not directory.is_begun():
        check_place(directory.path, parent.path if parent else None)
    elif not resume:
        refuse_if_trained(directory)
    with directory.owned("training"):
        ensure_temporary_folder(directory.path)
        yield open_run(directory, config, resume, parent)


def open_run(directory: RunDirectory, config: Config, resume: bool, parent: Parent | None) -> bool:
    """Begin a run, or see that it can be resumed with these settings, here; true if it was begun."""
    about: dict[str, Any] = backend.describe() | {"precision": precision_of(config)}
    if not resume:
        refuse_if_trained(directory)
    _refuse_finetune_settings(config, parent)
    if about["device"] == "CPU":
        check_memory(config)
    if not directory.is_begun():
        about["corpora"] = corpora_fingerprints(config)
        if parent:
            directory.create(config, about | _targets(config, parent), parent.description())
        else:
            directory.create(config, about)
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


def _targets(config: Config, parent: Parent) -> dict[str, list[str]]:
    """The languages that the new decoder can write, if several: its own and those of the parent's decoder."""
    if config.finetune.target_vocabulary != "extend":
        return {}
    return {"targets": list(dict.fromkeys([config.data.target_language, *parent.languages]))}


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


def _refuse_finetune_settings(config: Config, parent: Parent | None) -> None:
    """A run without a parent trains all the same with settings that speak of one; it would only not do what they say.

    Raises:
        ConfigError: there is no parent, and such settings are not at their defaults; or one is named to `train`.
    """
    if parent:
        # `finetune` settles what the vocabularies become, and much else.
        if "auto" in (config.finetune.source_vocabulary, config.finetune.target_vocabulary):
            command = f"seq2seq finetune {quoted_path(parent.path)} CONFIG.toml --run NEW_RUN"
            raise ConfigError(f"finetune.parent is set, and this is no fine-tuning: leave it out, or write {command}")
        return
    free = Finetune(rates=config.finetune.rates, embeddings_first_steps=config.finetune.embeddings_first_steps)
    useless = [name for name in Finetune.model_fields if getattr(config.finetune, name) != getattr(free, name)]
    if useless:
        names = ", ".join(f"finetune.{name}" for name in useless)
        raise ConfigError(f"{names} would do nothing without a parent: leave it out, or use seq2seq finetune")


def precision_of(config: Config) -> str:
    """The type of the matrix products, with ``auto`` resolved for this machine."""
    chosen = config.training.precision
    return chosen if chosen != "auto" else "bfloat16" if backend.has_fast_bfloat16() else "float32"
