"""On TensorFlow and a processor: the two halves of a batch side by side, so that no core waits for another.

A step of a loop over time is too small to be shared among cores. With half of the rows on each, and as many threads for
an operation as `backend.share_cores` leaves it, both are busy from the embedding to the loss. The loss is a sum over
tokens, so the gradients of the halves add up to that of the batch.
"""

from collections.abc import Callable
from typing import Any

import keras


class Halves:
    """A context in which `fit` trains on the two halves of each batch side by side.

    Args:
        model: compiled with its optimiser and loss.
    """

    def __init__(self, model: keras.Model):
        self._model = model

    def __enter__(self) -> "Halves":
        self._model.train_function = train_function(self._model)
        return self

    def __exit__(self, *error: object) -> None:
        self._model.train_function = None


def train_function(model: keras.Model) -> Callable[[Any], Any]:
    """The update that Keras' `train_step` makes, from an iterator over batches to the logs."""
    import tensorflow as tf

    def half_loss(batch: Any) -> Any:
        inputs, target_out, weights = batch
        return model.loss(target_out, model(inputs, training=True), sample_weight=weights)

    @tf.function(reduce_retracing=True, autograph=False)
    def train(iterator: Any) -> Any:
        batch = iterator.get_next()
        rows = tf.shape(batch[1])[0]
        first = tf.nest.map_structure(lambda array: array[: rows // 2], batch)
        second = tf.nest.map_structure(lambda array: array[rows // 2 :], batch)
        with tf.GradientTape() as tape:
            loss = half_loss(first) + half_loss(second)
        variables = model.trainable_variables
        model.optimizer.apply(tape.gradient(loss, variables), variables)
        (mean_loss,) = model.metrics
        mean_loss.update_state(loss, sample_weight=rows)
        return model.get_metrics_result()

    return train  # type: ignore[no-any-return]
