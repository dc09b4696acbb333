"""How many weights a network of given settings has, by name and shape, without building it or importing Keras."""

import math
from collections.abc import Iterator, Mapping

from seq2seq.settings.config import Model

_GATES = {"rnn": 1, "gru": 3, "lstm": 4}  # blocks of columns in a cell's matrices: `Cell.gates` of layers/cells.py
_STATES = {"rnn": 1, "gru": 1, "lstm": 2}
_OF_CELLS = {"lstm": {"state_gain": 1, "state_bias": 1}}  # if layer-normalised: `Cell.weights`, in multiples of H
_DIRECTIONS = {"forward": ("forward",), "reversed": ("backward",), "bidirectional": ("forward", "backward")}
Shape = tuple[int, ...]


def count_weights(settings: Model, source_pieces: int, target_pieces: int) -> int:
    """The number of weights of the network that `build_model` makes.

    >>> count_weights(Model(embedding=6, encoder_units=5, decoder_units=7), 20, 20)
    1345

    Args:
        settings: the `[model]` section of the configuration.
        source_pieces, target_pieces: how many pieces each vocabulary has.
    """
    return sum(math.prod(shape) for _, shape in weight_shapes(settings, source_pieces, target_pieces))


def summary_shape(settings: Model) -> tuple[int, int]:
    """How many vectors the summary holds, one behind the other, and how many numbers each of them has.

    Args:
        settings: the `[model]` section of the configuration.
    """
    slots = settings.slots if settings.pooling == "slots" else 1
    return slots, settings.encoder_units * len(_DIRECTIONS[settings.direction])


def misshapen(
    arrays: Mapping[str, Shape], settings: Model, source_pieces: int, target_pieces: int
) -> tuple[str, Shape, Shape | None] | None:
    """The first weight of a network that some arrays do not hold, with its shape and the one that they hold instead.

    Args:
        arrays: their shapes by name.
        settings: the `[model]` section of the configuration.
        source_pieces, target_pieces: how many pieces each vocabulary has.
    """
    for name, shape in weight_shapes(settings, source_pieces, target_pieces):
        if arrays.get(name) != shape:
            return name, shape, arrays.get(name)
    return None


def weight_shapes(settings: Model, source_pieces: int, target_pieces: int) -> Iterator[tuple[str, Shape]]:
    """Name and shape of each weight, one after the other: a stranger's settings may ask for any number of layers."""
    E = settings.embedding
    yield "seq2seq/source_embedding/table", (source_pieces, E)
    if not settings.shared_embeddings:
        yield "seq2seq/target_embedding/table", (target_pieces, E)
    if not settings.tied_embeddings:
        yield "seq2seq/output_embedding/table", (target_pieces, E)
    shared = settings.shared_embeddings and settings.tied_embeddings
    yield "seq2seq/output_bias", (source_pieces if shared else target_pieces,)
    yield from _encoder_shapes(settings)
    yield from _decoder_shapes(settings)


def _encoder_shapes(settings: Model) -> Iterator[tuple[str, Shape]]:
    directions = _DIRECTIONS[settings.direction]
    size = settings.embedding
    for layer in range(settings.encoder_layers):
        for direction in directions:
            yield from _cell_shapes(settings, f"seq2seq/encoder/layer{layer}_{direction}", settings.encoder_units, size)
        size = settings.encoder_units * len(directions)
    if settings.pooling == "slots":
        yield "seq2seq/encoder/slots/kernel", (size, size)
        yield "seq2seq/encoder/slots/queries", (size, settings.slots)


def _decoder_shapes(settings: Model) -> Iterator[tuple[str, Shape]]:
    E, H = settings.embedding, settings.decoder_units
    slots, D = summary_shape(settings)
    S = slots * D
    size = E
    constant = S if settings.summary_every_step else 0
    for layer in range(settings.decoder_layers):
        yield from _cell_shapes(settings, f"seq2seq/decoder/layer{layer}", H, size, constant)
        size = H
        constant = 0
    start = settings.decoder_layers * _STATES[settings.cell] * H
    yield "seq2seq/decoder/bridge/kernel", (S, start)
    yield "seq2seq/decoder/bridge/bias", (start,)
    yield "seq2seq/decoder/readout/kernel", (H + E + (D if settings.attention else 0), E)
    yield "seq2seq/decoder/readout/bias", (E,)
    if settings.attention:
        yield "seq2seq/decoder/attention/kernel", (H, D)
    if settings.summary_every_step:
        yield "seq2seq/decoder/summary_readout/kernel", (S, E)


def _cell_shapes(settings: Model, name: str, units: int, size: int, constant: int = 0) -> Iterator[tuple[str, Shape]]:
    """Of one recurrent layer with inputs of a size, and with an input that does not change over time."""
    G = _GATES[settings.cell] * units
    yield f"{name}/kernel", (size, G)
    if constant:
        yield f"{name}/constant_kernel", (constant, G)
    yield f"{name}/recurrent_kernel", (units, G)
    yield f"{name}/bias", (G,)
    if settings.layer_norm:
        for weight in ("input_gain", "recurrent_gain", "recurrent_bias"):
            yield f"{name}/{weight}", (G,)
        for weight, blocks in _OF_CELLS.get(settings.cell, {}).items():
            yield f"{name}/{weight}", (blocks * units,)
