"""Plain Keras, as its documentation teaches sequence to sequence: masked embeddings, LSTM to LSTM, softmax, `fit`.

Its translation is the tutorial's too: one sentence at a time, one `predict` for each token, greedy.
"""

import numpy as np
from task import CLIP_NORM, LEARNING_RATE, SEED, SIZES, Batch, Task, longest_target, padded

from seq2seq.backend import feed, open_backend

open_backend()

import keras  # noqa: E402
from keras import layers  # noqa: E402

BOS, EOS = 1, 2


class Contender:
    """Encoder LSTM and decoder LSTM of the decoder's size, the two states passed on."""

    def __init__(self, task: Task, precision: str):
        keras.utils.set_random_seed(SEED)
        if precision == "bfloat16":
            keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
        self.task, units = task, SIZES["decoder_units"]
        source = keras.Input((None,), dtype="int32", name="source")
        target = keras.Input((None,), dtype="int32", name="target_in")
        embed_source = layers.Embedding(task.pieces, SIZES["embedding"], mask_zero=True)
        embed_target = layers.Embedding(task.pieces, SIZES["embedding"], mask_zero=True)
        _, h, c = layers.LSTM(units, return_state=True)(embed_source(source))
        decoder = layers.LSTM(units, return_sequences=True, return_state=True)
        output = layers.Dense(task.pieces, activation="softmax", dtype="float32")
        sequence, _, _ = decoder(embed_target(target), initial_state=[h, c])
        self.model = keras.Model({"source": source, "target_in": target}, output(sequence))
        self.encoder = keras.Model(source, [h, c])
        states = [keras.Input((units,)), keras.Input((units,))]
        step, *after = decoder(embed_target(target), initial_state=states)
        self.step = keras.Model([target, *states], [output(step), *after])
        optimizer = keras.optimizers.Adam(LEARNING_RATE, global_clipnorm=CLIP_NORM)
        self.model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(reduction="sum"))

    def train(self, batches: list[Batch]) -> None:
        self.model.fit(feed(lambda: iter(batches)), epochs=1, steps_per_epoch=len(batches), verbose=0, shuffle=False)

    def loss(self, batches: list[Batch]) -> float:
        total = count = 0.0
        for inputs, target_out, weights in batches:
            probs = np.take_along_axis(self.model.predict_on_batch(inputs), target_out[..., None], axis=-1)[..., 0]
            total -= float(np.log(np.maximum(probs, 1e-9))[weights > 0].sum())
            count += int((weights > 0).sum())
        return total / count

    def load(self) -> None:
        """It has weights of its own: as much training as makes it end its sentences."""
        self.vocabulary = self.task.vocabulary()
        self.train([self.task.train[index % len(self.task.train)] for index in range(100)])

    def translate(self, sources: list[str], beam: int, rows: int) -> list[str]:
        if beam != 1 or rows != 1:
            raise ValueError("the tutorial translates greedily, one sentence at a time")
        ids = [*self.vocabulary.encode(sources[0]), EOS]
        states = self.encoder.predict(padded([ids]), verbose=0)
        token, written = BOS, []
        while token != EOS and len(written) < longest_target(ids):
            probs, *states = self.step.predict([np.array([[token]]), *states], verbose=0)
            token = int(probs[0, -1].argmax())
            written.append(token)
        return [self.vocabulary.decode([token for token in written if token != EOS])]
