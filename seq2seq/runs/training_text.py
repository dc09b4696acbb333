"""What a run knows of the text that it was trained on, whether or not the text is still there."""

import logging

from seq2seq.data.familiarity import Familiarity
from seq2seq.errors import CheckpointError, MissingExtraError
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.familiarity_file import has_familiarity, read_familiarity

_log = logging.getLogger("seq2seq")


def familiarity_of(run: RunDirectory) -> Familiarity | None:
    """What the training sources look like; none where that is not known, or cannot be read."""
    try:
        source = run.tokenizers()[0]
        if run.has_pairs():
            return Familiarity.from_training(run.pairs(), source)
        return read_familiarity(run.path, source.size) if has_familiarity(run.path) else None
    except (CheckpointError, MissingExtraError) as error:
        _log.warning("%s (only the warnings of translations need it)", error)
        return None


def figures_of(run: RunDirectory) -> dict[str, int]:
    """`pairs` and `longest_source` (tokens) of the training text; neither where it is not at hand.

    A copy of a run has them in about.json, another run in the pairs themselves.
    """
    figures = run.about().get("training_text")
    if figures or not run.has_pairs():
        return {name: int(number) for name, number in (figures or {}).items()}
    try:
        pairs = run.pairs()
    except (CheckpointError, MissingExtraError) as error:
        _log.warning("%s (only what is said of the training text needs it)", error)
        return {}
    return {"pairs": len(pairs), "longest_source": int(pairs.source_lengths.max()) - 1}
