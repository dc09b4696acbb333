"""From the model section of the settings to the network."""

from seq2seq.layers.decoder import Decoder
from seq2seq.layers.embedding import Embedding
from seq2seq.layers.encoder import Encoder
from seq2seq.layers.stack import Recurrence
from seq2seq.model import Seq2Seq
from seq2seq.settings.config import Model


def build_model(settings: Model, source_pieces: int, target_pieces: int, precision: str = "float32") -> Seq2Seq:
    """The network of these settings, with fresh weights drawn from Keras' global seed.

    Args:
        settings: the `[model]` section of the configuration.
        source_pieces, target_pieces: how many pieces each vocabulary has.
        precision: ``float32``, ``bfloat16`` (of the products; weights and states stay float32) or ``float64``.
    """
    dtype = "mixed_bfloat16" if precision == "bfloat16" else precision
    recurrence = Recurrence(**{name: getattr(settings, name) for name in Recurrence._fields})
    E = settings.embedding
    source = Embedding(source_pieces, E, dtype=dtype, name="source_embedding")
    target = output = source
    if not settings.shared_embeddings:
        target = output = Embedding(target_pieces, E, dtype=dtype, name="target_embedding")
    if not settings.tied_embeddings:
        output = Embedding(target_pieces, E, dtype=dtype, name="output_embedding")
    encoder = Encoder(
        settings.cell,
        settings.encoder_units,
        layers=settings.encoder_layers,
        direction=settings.direction,
        pooling=settings.pooling,
        slots=settings.slots,
        dropout=settings.input_dropout,
        recurrence=recurrence,
        dtype=dtype,
        name="encoder",
    )
    decoder = Decoder(
        settings.cell,
        settings.decoder_units,
        settings.embedding,
        layers=settings.decoder_layers,
        summary_every_step=settings.summary_every_step,
        attention=settings.attention,
        dropouts=(settings.input_dropout, settings.output_dropout),
        recurrence=recurrence,
        dtype=dtype,
        name="decoder",
    )
    model = Seq2Seq(
        encoder,
        decoder,
        source_embedding=source,
        target_embedding=target,
        output_embedding=output,
        word_dropout=settings.word_dropout,
        dtype=dtype,
        name="seq2seq",
    )
    model.build()
    return model
