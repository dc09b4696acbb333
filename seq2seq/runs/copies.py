"""A copy of a run for passing on: its settings, vocabularies and figures, and the numbers in another form."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from seq2seq.arguments import path_of
from seq2seq.files import write_atomically
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.familiarity_file import write_familiarity
from seq2seq.runs.metrics_log import content_of
from seq2seq.runs.new_folder import check_new, new_folder
from seq2seq.runs.shipped import find_run
from seq2seq.runs.training_text import familiarity_of, figures_of
from seq2seq.settings.config import Config


def write_copy(
    run: str | Path,
    place: str | Path,
    option: str,
    about: Mapping[str, Any],
    add_numbers: Callable[[RunDirectory, RunDirectory], None],
    *,
    public: bool = False,
) -> Path:
    """Write a copy of a run and of the decoders beside it; all of it, or nothing.

    It has the settings, the vocabularies, the figures of the training, what the training sources look like, and the
    short-list where the run's own search uses one. All sentences are left out, training pairs and dev set: whoever may
    pass on weights may not always pass on the text.

    Args:
        run: the trained run; it is only read.
        place: the folder to make.
        option: of the command line that names the place, for errors.
        about: what the copy notes of itself, beside what the run does.
        add_numbers: writes the weights of the run, the first argument, into its copy, the second.
        public: leave out the names of files and folders on the machine that trained.

    Returns:
        the folder.

    Raises:
        CheckpointError: the run cannot be opened, or there is something at the place already.
        ConfigError: the place may not be written, or lies in a run.
    """
    origin, place = find_run(run), path_of(place, "the folder to make")
    origin.config()  # or an error that says what is wrong
    check_new(place, option, origin.path)

    def write(origin: RunDirectory, path: Path) -> None:
        copy = RunDirectory(path)
        _copy_all_but_numbers(origin, copy, about, public=public)
        add_numbers(origin, copy)
        copy.encoded.rmdir()

    with new_folder(place, "copying", option) as part:
        write(origin, part)
        for language in set(origin.targets()) - set(origin.own_targets()):
            write(origin.for_target(language), part / "decoders" / language)
    return place


def _copy_all_but_numbers(origin: RunDirectory, copy: RunDirectory, about: Mapping[str, Any], *, public: bool) -> None:
    config = origin.config()
    parent = origin.parent()
    if public:
        config, parent = without_paths(config), _without_its_paths(parent, origin)
    training_text = figures_of(origin)
    known = {"training_text": training_text} if training_text else {}
    copy.create(config, origin.about() | dict(about) | known, parent)
    copy.save_tokenizers(*origin.tokenizers())
    if config.translation.shortlist and origin.has_shortlist():
        copy.save_shortlist(origin.shortlist())
    if familiarity := familiarity_of(origin):
        write_familiarity(copy.path, familiarity)
    if log := origin.log():
        write_atomically(copy.metrics, content_of(log))


def without_paths(config: Config) -> Config:
    """The settings without corpora, and without the folders of the machine that trained."""
    data = config.data.model_copy(update={"train": [], "dev": []})
    finetune = config.finetune.model_copy(update={"parent": Path(config.finetune.parent).name, "summaries": ""})
    return config.model_copy(update={"data": data, "finetune": finetune})


def _without_its_paths(parent: dict[str, Any] | None, run: RunDirectory) -> dict[str, Any] | None:
    config = run.parent_config()
    if not parent or not config:
        return None
    return parent | {"path": Path(parent.get("path", "")).name, "config": without_paths(config).model_dump()}
