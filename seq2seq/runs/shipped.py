"""Where a run is: in a folder, among those that ship with the package, or on a hub."""

from pathlib import Path

from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.hub import fetched
from seq2seq.runs.hub_names import is_hub_name

MODELS = Path(__file__).parents[1] / "models"


def find_run(run: str | Path) -> RunDirectory:
    """A run to be read: the folder of that path or, where nothing is at the path, the model of that name that ships.

    >>> find_run("en-fr").config().data.target_language
    'fr'

    Args:
        run: the path of a folder, the name of a model, or ``hub:owner/name``.

    Raises:
        CheckpointError: the run cannot be fetched from the hub.
    """
    if is_hub_name(run):
        return RunDirectory(fetched(str(run)))
    directory = RunDirectory(run)
    named = MODELS / directory.path
    ships = len(directory.path.parts) == 1 and (named / "config.json").is_file()
    return RunDirectory(named) if ships and not directory.path.exists() else directory
