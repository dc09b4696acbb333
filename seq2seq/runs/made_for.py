"""What the weights of a checkpoint were made for: a run, its vocabularies, the settings of the network."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seq2seq.errors import CheckpointError, cut, shown
from seq2seq.runs.checkpoint import Arrays, Checkpoint
from seq2seq.runs.manifest import entry_of, read, read_manifest
from seq2seq.runs.reading import MEGABYTE, exists
from seq2seq.settings.config import NOISE, Model
from seq2seq.weight_count import misshapen

_VOCABULARIES = ("tokenizer/source.model", "tokenizer/target.model")
_LARGE = 64 * MEGABYTE  # the most that a vocabulary may have


def what_weights_need(root: Path, settings: Model) -> dict[str, Any]:
    """The name of a run, the digests of its vocabularies, and the settings of its network."""
    known = read_manifest(root)
    if known:
        digests = {name: known.files[name].sha256 for name in _VOCABULARIES if name in known.files}
    else:
        digests = {name: entry_of(read(root, name, _LARGE)).sha256 for name in _VOCABULARIES if exists(root / name)}
    return {"run": known.run if known else "", "vocabularies": digests, "model": settings.model_dump()}


def see_that_it_fits(checkpoint: Checkpoint, needs: Mapping[str, Any], place: Path) -> None:
    """Compare what a checkpoint was made for with the run that it lies in.

    Args:
        checkpoint: the checkpoint, as it was read.
        needs: what the run requires of its checkpoints.
        place: the folder of the run's checkpoints.

    Raises:
        CheckpointError: it was made for another run; says how they differ.
    """
    fault = _misfit(checkpoint.made_for, needs)
    if fault:
        raise CheckpointError(
            f"a checkpoint in {place} is not of this run: {fault}: copy the run again, with all its files"
        )


def see_that_shapes_fit(arrays: Arrays, settings: Model, pieces: Sequence[int], root: Path) -> None:
    """Compare arrays and settings before a network is built: a stranger's settings may ask for one of any size.

    Args:
        arrays: the arrays of a checkpoint, by name.
        settings: the `[model]` section of the run's settings.
        pieces: sizes of the source and target vocabularies.
        root: the run's directory.

    Raises:
        CheckpointError: the network has a weight that the arrays do not hold in its shape; names it.
    """
    shapes = {name: array.shape for name, array in arrays.items()}
    fault = misshapen(shapes, settings, pieces[0], pieces[1])
    if fault:
        name, wanted, stored = fault
        raise CheckpointError(
            f"{root}: weight {name} should have shape {wanted}, found {stored or 'nothing'}: the checkpoint is of "
            "another network: copy the run again, with all its files"
        )


def _misfit(made_for: Mapping[str, Any], needs: Mapping[str, Any]) -> str:
    """Why weights that were made for one run do not fit another; empty where they do, as far as it is known.

    Args:
        made_for, needs: name of the run, digests of its vocabularies, settings of the network; as far as known.
    """
    if needs["run"] and made_for.get("run") != needs["run"]:
        return "it was copied from another one, or its manifest was changed"
    for name, digest in (made_for.get("vocabularies") or {}).items():
        if needs["vocabularies"].get(name) != digest:
            return f"it was trained with another {cut(name)}"
    for key, value in (made_for.get("model") or {}).items():
        current = needs["model"].get(key, value)
        if current != value and key not in NOISE:
            return f"it was trained with model.{cut(key)} = {shown(value)}, config.json says {shown(current)}"
    return ""
