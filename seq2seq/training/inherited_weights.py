"""The weights and moments of a fine-tuned run: the parent's, moved along the maps of both vocabularies."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seq2seq.runs.checkpoint import assign, set_weights, weights_of
from seq2seq.settings.config import Config
from seq2seq.training.inherited_vocabularies import vocabulary_maps
from seq2seq.training.parent import Parent, Tokenizers
from seq2seq.transfer import VocabularyMap, moved

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq


def inherit(model: "Seq2Seq", parent: Parent, tokenizers: Tokenizers, config: Config) -> None:
    """Give a fresh, compiled model the parent's weights, and its optimiser the parent's moments.

    Args:
        model: the new network; only its vocabularies may differ from the parent's in size.
        parent: where weights and moments come from.
        tokenizers: the new vocabularies, source and target.
        config: the settings of the fine-tuned run.

    Raises:
        CheckpointError: a weight or a moment has another shape.
    """
    tables = _tables(model, vocabulary_maps(parent.tokenizers, tokenizers, config))
    weights = parent.weights.arrays
    moments = dict(parent.moments)
    set_weights(model, moved(weights, weights_of(model), tables), origin=str(parent.path))
    for variable in model.optimizer.variables if moments else []:
        _, _, name = str(variable.path).partition("/")
        if name in moments:
            weight = next((weight for weight in tables if name.startswith(_moment_of(weight))), None)
            if weight and moments[name].shape == weights[weight].shape:
                moments[name] = tables[weight].rows(moments[name], np.zeros(tuple(variable.shape), np.float32))
            assign(variable, name, moments, origin=f"{parent.path}: optimizer's")


def _tables(model: "Seq2Seq", maps: Sequence[VocabularyMap]) -> dict[str, VocabularyMap]:
    """The weights that have a row for each piece."""
    source, target = maps
    return {
        str(model.source_embedding.table.path): source,
        str(model.target_embedding.table.path): target,
        str(model.output_embedding.table.path): target,
        str(model.output_bias.path): target,
    }


def _moment_of(weight: str) -> str:
    """How the names of a weight's moments begin."""
    return f"{weight.replace('/', '_')}_"
