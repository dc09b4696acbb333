"""`seq2seq train` and `seq2seq finetune`: text and settings to a run."""

import argparse
import logging
import re
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq.cli.options import add_command, add_json, open_backend, positive, refuse, write_json
from seq2seq.errors import ConfigError, shown
from seq2seq.outputs import check_outputs

if TYPE_CHECKING:
    from seq2seq.runs.directory import RunDirectory
    from seq2seq.settings.config import Config
    from seq2seq.settings.corpora import Data
    from seq2seq.training.state import Position

_log = logging.getLogger("seq2seq")
_INTERRUPTED = 130


def add_train(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "train a translator from raw text and write it to a run directory"
    example = "seq2seq train config.toml training.epochs=5 --run runs/first"
    _add_settings(add_command(commands, "train", _train, text, example))


def add_finetune(commands: Any) -> None:
    """Add the command and its options to the parser."""
    text = "continue from a trained run with a new language pair or your own text"
    example = "seq2seq finetune runs/first own.toml --run runs/own"
    parser = add_command(commands, "finetune", _train, text, example)
    parser.add_argument("parent", metavar="RUN_DIR", help="the trained run to begin from; it is not changed")
    _add_settings(parser)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", metavar="CONFIG.toml", help="the settings")
    parser.add_argument("overrides", nargs="*", metavar="section.key=value", help="a setting that replaces the file's")
    parser.add_argument("--run", required=True, dest="directory", metavar="NEW_RUN", help="the directory to write")
    parser.add_argument("--resume", action="store_true", help="continue the training in this directory")
    add_json(parser, "write how training ended as JSON: the best epoch, and the figures of all epochs")
    text = "JAX: start the same command on each machine, with a run directory that all of them see"
    several = parser.add_argument_group("several processes", text)
    host = "where the first process listens; left out, Slurm, Kubernetes or Open MPI say so"
    several.add_argument("--coordinator", metavar="HOST:PORT", help=host)
    number = "how many processes there are; auto: as Slurm, Kubernetes or Open MPI say"
    several.add_argument("--processes", type=_processes, metavar="P", help=number)
    which = "which of them this is, from 0; left out with --processes auto"
    several.add_argument("--process-id", type=_process_id, metavar="I", help=which)


def _processes(text: str) -> int:
    """A number of processes; 0 stands for auto."""
    return 0 if text == "auto" else positive(text)


def _process_id(text: str) -> int:
    return 0 if text == "0" else positive(text)


def _check_processes(options: argparse.Namespace) -> None:
    """See that the options of several processes belong together.

    Raises:
        ConfigError: one is missing, or would do nothing.
    """
    given = options.coordinator, options.processes, options.process_id
    if options.processes is None:
        refuse(options, ["coordinator", "process_id"], "--processes says how many processes train together")
    elif options.processes == 0:
        refuse(options, ["coordinator", "process_id"], "with --processes auto, the cluster tells them")
    elif None in given:
        raise ConfigError("--processes also needs --coordinator HOST:PORT and --process-id, or write --processes auto")
    elif options.process_id >= options.processes:
        given_id = f"--process-id {options.process_id}"
        raise ConfigError(f"{given_id} is not below --processes {options.processes}: the first process is 0")
    elif not re.fullmatch(r".+:\d{1,5}", options.coordinator):
        raise ConfigError(f"--coordinator {shown(options.coordinator)} is not HOST:PORT, such as 10.0.0.1:12345")


def _train(options: argparse.Namespace) -> int:
    from seq2seq.runs.directory import RunDirectory
    from seq2seq.settings.config import load_config

    _check_processes(options)
    config = load_config(options.config, options.overrides)
    parent = getattr(options, "parent", None)
    inputs = {"CONFIG.toml": options.config, "the run": options.directory, "the parent": parent}
    check_outputs({"--json": options.json}, inputs | _texts(config.data))
    run = RunDirectory(options.directory)
    if not options.process_id:  # another process reads what the first one has prepared
        _check_places(options, config, run)
    _log.info("loading Keras: this takes some seconds")
    open_backend()
    from seq2seq.training.loop import finetune, train
    from seq2seq.training.processes import is_first, joined

    begin = partial(finetune, parent) if parent else train
    together = (options.coordinator, options.processes or None, options.process_id)
    with nullcontext() if options.processes is None else joined(*together):
        outcome = begin(config, options.directory, resume=options.resume)
        if is_first():
            ended = _summary(outcome.position, run.log())
            write_json(options, {"run": options.directory, "finished": outcome.finished, **ended})
    return 0 if outcome.finished else _INTERRUPTED


def _check_places(options: argparse.Namespace, config: "Config", run: "RunDirectory") -> None:
    """Report missing files, and a place where no run can be, before the backend loads."""
    from seq2seq.data.corpus import check_files
    from seq2seq.runs.folder import check_place
    from seq2seq.runs.shipped import find_run
    from seq2seq.runs.trained import refuse_if_small, refuse_if_trained

    parent = getattr(options, "parent", None)
    refuse_if_small(run)
    # A run that is resumed may not need the files any more: it keeps its dev set, and perhaps its encoded pairs.
    corpora = [] if options.resume else [*config.data.train]
    if not (options.resume and run.dev() is not None):
        corpora += config.data.dev
    check_files(corpora, Path(options.config).parent)
    if not run.is_begun():
        check_place(run.path, find_run(parent).path if parent else None)
    elif not options.resume:
        refuse_if_trained(run)
    if parent and not options.resume:
        find_run(parent).config()  # raises if the parent cannot be read


def _texts(data: "Data") -> dict[str, str]:
    """The files of the corpora, by their places in the settings."""
    return {
        f"data.{split} {number} {key}": str(Path(name).expanduser())
        for split, corpora in (("train", data.train), ("dev", data.dev))
        for number, corpus in enumerate(corpora, 1)
        for key, name in (("source", corpus.source), ("target", corpus.target), ("path", corpus.path))
        if name
    }


def _summary(position: "Position", records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Where training ended, and the figures of all epochs and of the best one, which is None without a dev set."""
    best = next((record for record in records if record["step"] == position.best_step), None)
    reached = {"epochs": position.epoch, "updates": position.step, "seconds": position.seconds}
    return {**reached, "best": best, "records": list(records)}
