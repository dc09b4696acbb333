"""How an English sentence becomes h(T), and h(T) a French one.

    source ──embed──> encoder ──> states, summary h(T)            encode
    h(T), target_in ──embed──> decoder ──> readout ──> logits     decode: teacher forcing, to train
    h(T) ──> state;  state, token ──> logits, state               start, step: free running, to translate

Training and translation share every weight. Only h(T) passes from the source to the target: one vector, of the same
size for three words and for sixty. It is lossy on purpose.

B batch, T source length, U target length, E embedding, D encoder state, S summary, V target vocabulary.
"""

from typing import Any, NamedTuple

import keras
from keras import ops

from seq2seq.layers.decoder import Decoder, DecoderState
from seq2seq.layers.embedding import Embedding
from seq2seq.layers.encoder import Encoder
from seq2seq.symbols import PAD, UNK

Tensor = Any


class Encoding(NamedTuple):
    """What the encoder makes of a batch of source sentences.

    Attributes:
        states: the encoder's states, (B, T, D), one for each token; only a decoder with attention reads them.
        mask: (B, T), true at tokens, false at padding.
        summary: h(T), (B, S), the only vector that a decoder without attention receives.
    """

    states: Tensor
    mask: Tensor
    summary: Tensor


class Outputs(NamedTuple):
    """The output layer for C pieces, in the form in which the decoder's steps multiply by it."""

    columns: Tensor  # (E, C)
    bias: Tensor  # (C,)


class Seq2Seq(keras.Model):
    """A recurrent encoder-decoder with a fixed summary vector (Sutskever et al. 2014; Cho et al. 2014).

    Args:
        encoder: makes states and the summary from the source's vectors.
        decoder: makes readouts, which the output embedding turns into logits, from the summary and the target's
            vectors.
        source_embedding, target_embedding: the tables of input vectors; the same object where they are shared.
        output_embedding: the table of the output layer; the same object as `target_embedding` where they are tied.
        word_dropout: share of tokens that training replaces by the unknown piece (Gal and Ghahramani 2016).

    Call arguments:
        inputs: a dictionary of integer ids, right-padded: ``source`` (B, T), ending in the end symbol, and
            ``target_in`` (B, U), beginning with the start symbol. Rows have at least one true token. Instead of
            ``source``, the inputs may hold ``summary`` (B, S): without attention the decoder needs no more. In
            training they may hold ``guessed`` (B, U): where it is not 0, the decoder reads its guess of the token.

    Returns:
        logits (B, U, V).
    """

    def __init__(
        self,
        encoder: Encoder,
        decoder: Decoder,
        *,
        source_embedding: Embedding,
        target_embedding: Embedding,
        output_embedding: Embedding,
        word_dropout: float = 0.0,
        **kwargs: Any,
    ):
        super().__init__(autocast=False, **kwargs)
        self.encoder, self.decoder = encoder, decoder
        self.source_embedding, self.target_embedding = source_embedding, target_embedding
        self.output_embedding = output_embedding
        self.word_dropout = word_dropout
        self.noise = keras.random.SeedGenerator(name="word_dropout")

    def build(self, input_shape: Any = None) -> None:
        """Create all weights: their shapes follow from the parts, not from any batch."""
        for embedding in (self.source_embedding, self.target_embedding, self.output_embedding):
            if not embedding.built:
                embedding.build()
        if not self.encoder.built:  # a decoder for another language shares the encoder of a model that is built
            self.encoder.build((None, None, self.source_embedding.size))
        states_shape = (None, None, self.encoder.state_size) if self.decoder.attention else None
        self.decoder.build((None, None, self.target_embedding.size), (None, self.encoder.size), states_shape)
        self.output_bias = self.add_weight(
            (self.output_embedding.pieces,), initializer="zeros", name="output_bias", autocast=False
        )
        self.built = True

    def call(self, inputs: dict[str, Tensor], training: bool = False) -> Tensor:
        """The logits (B, U, V) in training, called by `fit`: encode, then decode with teacher forcing."""
        if "summary" in inputs:
            encoding = Encoding(None, None, inputs["summary"])
        else:
            encoding = self.encode(inputs["source"], training and not self.frozen_summary)
        target_in = inputs["target_in"]
        if training and "guessed" in inputs:
            target_in = self._with_guesses(encoding, target_in, inputs["guessed"])
        return self.decode(encoding, target_in, training)

    @property
    def frozen_summary(self) -> bool:
        """Whether training does not change h(T). It is then computed without dropout, and may be stored."""
        return not (self.encoder.trainable or self.source_embedding.trainable)

    def encode(self, source: Tensor, training: bool = False) -> Encoding:
        """States, mask and summary of source ids (B, T)."""
        mask = ops.not_equal(source, PAD)
        lengths = ops.sum(ops.cast(mask, "int32"), axis=1)
        embedded = self.source_embedding(self._drop_words(source, training))
        states, summary = self.encoder(embedded, lengths, training=training)
        return Encoding(states, mask, summary)

    def decode(self, encoding: Encoding, target_in: Tensor, training: bool = False) -> Tensor:
        """Teacher forcing: the logits (B, U, V) of each next token, given the true ones before it."""
        embedded = self.target_embedding(self._drop_words(target_in, training))
        return self._logits(self.decoder(embedded, self.start(encoding), training=training))

    def start(self, encoding: Encoding) -> DecoderState:
        """The decoder's state before its first token."""
        return self.decoder.start(encoding.summary, encoding.states, encoding.mask)

    def step(self, state: DecoderState, token: Tensor, outputs: Outputs | None = None) -> tuple[Tensor, DecoderState]:
        """Free running: the logits (B, V) of what follows `token` (B,), and the state after it.

        With `outputs`, the logits (B, C) are those of its pieces.
        """
        readout, state = self.decoder.step(self.target_embedding(token), state)
        return ops.cast(self._logits(readout, outputs), self.variable_dtype), state

    def outputs(self, pieces: Tensor | None = None) -> Outputs:
        """The output layer, prepared for many steps: for all pieces, or for the ids `pieces` (C,)."""
        bias = self.output_bias if pieces is None else ops.take(self.output_bias, pieces, axis=0)
        return Outputs(self.output_embedding.columns(pieces), ops.convert_to_tensor(bias))

    def _logits(self, readout: Tensor, outputs: Outputs | None = None) -> Tensor:
        columns, bias = outputs or (None, self.output_bias)
        return self.output_embedding.logits(readout, columns) + ops.cast(bias, self.compute_dtype)

    def _with_guesses(self, encoding: Encoding, target_in: Tensor, guessed: Tensor) -> Tensor:
        """Scheduled sampling in two passes (Mihaylova and Martins 2019, arXiv:1906.07651).

        A first pass reads the true tokens and guesses each next one; where `guessed` is not 0, its guess takes the
        place of the true token. No gradient flows through the choice.
        """
        logits = ops.stop_gradient(self.decode(encoding, target_in))
        guesses = ops.cast(ops.argmax(logits[:, :-1], axis=-1), target_in.dtype)
        return ops.where(guessed > 0, ops.concatenate([target_in[:, :1], guesses], axis=1), target_in)

    def _drop_words(self, ids: Tensor, training: bool) -> Tensor:
        if not training or not self.word_dropout:
            return ids
        dropped = keras.random.uniform(ops.shape(ids), seed=self.noise) < self.word_dropout
        return ops.where(dropped & (ids > UNK), ops.cast(UNK, ids.dtype), ids)
