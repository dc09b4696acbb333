"""The arms of the experiment: one ordinary network, in which nothing but the recurrent layers is exchanged."""

from collections.abc import Callable
from typing import Any

from seq2seq.settings.config import Model

TEMPLATES, HYPER_UNITS = 4, 16
CLOCKED: dict[str, dict[str, Any]] = {  # see `ClockedGRU`
    "unshared": {"sharing": "unshared", "bias_sharing": "unshared"},
    "unshared, equal start": {"sharing": "unshared", "bias_sharing": "unshared", "equal_start": True},
    "biases unshared": {"sharing": "shared", "bias_sharing": "unshared"},
    "soft-shared": {"sharing": "soft", "bias_sharing": "soft", "templates": TEMPLATES, "equal_start": True},
}
FIXED = {
    "cell": "gru",
    "encoder_layers": 1,
    "decoder_layers": 1,
    "activation": "tanh",
    "recurrent_activation": "sigmoid",
    "attention": False,
    "pooling": "last",
    "tied_embeddings": True,
    "shared_embeddings": False,
    "word_dropout": 0.0,
}
ARMS = ("shared", *CLOCKED, "hyper-network", "shared, wider")


def build(arm: str, settings: Model, pieces: tuple[int, int], steps: tuple[int, int]) -> Any:
    """The network of an arm, with fresh weights drawn from Keras' global seed.

    Args:
        arm: a name in `ARMS`.
        settings: sizes, the same for all arms; only "shared, wider" has more units.
        pieces: sizes of the source and the target vocabulary.
        steps: how many steps of the encoder and of the decoder may have weights of their own.
    """
    from cells import ClockedGRU, HyperGRU  # loads TensorFlow or JAX

    from seq2seq.model_from_settings import build_model

    wanted = FIXED | {"direction": settings.direction.replace("bidirectional", "reversed")}
    changed = [f"model.{name}" for name, value in wanted.items() if getattr(settings, name) != value]
    if changed:
        raise SystemExit(f"{', '.join(changed)}: this recipe exchanges one gated layer on each side, in one direction")
    if arm == "shared":
        return build_model(settings, *pieces)
    if arm == "shared, wider":
        return build_model(widened(settings, pieces, steps), *pieces)
    if arm == "hyper-network":
        layers = [lambda units: HyperGRU(units, HYPER_UNITS, name="hyper")] * 2
    else:
        layers = [lambda units, most=most: ClockedGRU(units, most, **CLOCKED[arm], name="clocked") for most in steps]
    return _exchanged(layers, settings, pieces)


def _exchanged(layers: list[Callable[[int], Any]], settings: Model, pieces: tuple[int, int]) -> Any:
    """The ordinary network with other recurrent layers in its encoder and its decoder."""
    from cells import RememberingDecoder

    from seq2seq.layers.embedding import Embedding
    from seq2seq.layers.encoder import Encoder
    from seq2seq.model import Seq2Seq

    encoder = Encoder("gru", settings.encoder_units, direction=settings.direction, dropout=settings.input_dropout)
    decoder = RememberingDecoder(
        "gru",
        settings.decoder_units,
        settings.embedding,
        summary_every_step=settings.summary_every_step,
        dropouts=(settings.input_dropout, settings.output_dropout),
    )
    own = (encoder.stack[0], settings.encoder_units), (decoder.stack, settings.decoder_units)
    for (stack, units), make in zip(own, layers, strict=True):
        stack.clear()
        stack.append(make(units))
    source, target = (Embedding(count, settings.embedding) for count in pieces)
    model = Seq2Seq(encoder, decoder, source_embedding=source, target_embedding=target, output_embedding=target)
    model.build()
    return model


def widened(settings: Model, pieces: tuple[int, int], steps: tuple[int, int]) -> Model:
    """Settings of the ordinary network with as many parameters as the unshared one, to the nearest eight units."""
    wanted = parameters(settings, pieces, steps)

    def wide(units: int) -> Model:
        return settings.model_copy(update={"encoder_units": units, "decoder_units": units})

    sizes = range(8, 4097, 8)
    return min((wide(units) for units in sizes), key=lambda model: abs(parameters(model, pieces) - wanted))


def parameters(settings: Model, pieces: tuple[int, int], steps: tuple[int, int] = (1, 1)) -> int:
    """Weights of the network with a set of recurrent weights for each of so many steps."""
    E, S, H = settings.embedding, settings.encoder_units, settings.decoder_units
    every = S if settings.summary_every_step else 0
    recurrent = 3 * S * (E + S + 1) * steps[0] + 3 * H * (E + every + H + 1) * steps[1]
    bridge, readout = (S + 1) * H, (H + E + every + 1) * E
    return recurrent + bridge + readout + E * sum(pieces) + pieces[1]


def recurrent_layers(model: Any) -> list[Any]:
    """The recurrent layers of the encoder and of the decoder."""
    return [model.encoder.stack[0][0], model.decoder.stack[0]]
