"""How many updates are clipped: the length of the gradient over all weights, on batches that the run learned from."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from seq2seq.analysis.subject import Subject
from seq2seq.backend import compiled, gradient
from seq2seq.data.batching import Batches, teacher_forcing
from seq2seq.engine.shapes import few_shape
from seq2seq.losses import token_losses

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq

Tensor = Any
_BATCHES = 30  # of the first epoch, evenly spread over it
_SEED = 1


def clipping(subject: Subject) -> dict[str, Any] | None:
    """Gradients of some of the run's own batches with its trained weights, dropout on.

    None where the run's settings or pairs are not at hand, where it does not clip, and where parts of it are frozen,
    whose gradients do not count.
    """
    config = subject.config
    pairs = subject.training
    if not config or not pairs or not config.training.clip_norm or not all(config.finetune.rates.model_dump().values()):
        return None
    settings = config.training
    pairs.weigh_replay(len(config.data.train), config.finetune.replay)
    plan = Batches(pairs, batch_tokens=settings.batch_tokens, seed=settings.seed).plan(0)
    run = compiled(_length(subject.model, settings.label_smoothing), subject.model)
    norms = []
    for number, index in enumerate(np.unique(np.linspace(0, len(plan) - 1, _BATCHES).astype(int))):
        planned = plan[index]
        starts = pairs.starts[pairs.corpora[planned.pairs]]
        batch = (pairs[pair] for pair in planned.pairs)
        inputs, target_out, weights = teacher_forcing(batch, few_shape(planned.shape), starts)
        norms.append(float(run(inputs["source"], inputs["target_in"], target_out, weights, np.int32(number))))
    pairs.release()
    return {
        "clip_norm": settings.clip_norm,
        "share": float(np.mean(np.array(norms) > settings.clip_norm)),
        "norms": [round(norm, 4) for norm in norms],
    }


def _length(model: "Seq2Seq", smoothing: float) -> Callable[..., Tensor]:
    """A function of a batch and a seed: the length of the gradient over all weights together."""

    def length(source: Tensor, target_in: Tensor, target_out: Tensor, weights: Tensor, seed: Tensor) -> Tensor:
        def loss(values: list[Tensor]) -> Tensor:
            # The generators of dropout masks are seeded here, and what they count up is forgotten with the scope.
            seeds = [ops.cast(ops.stack([seed, _SEED]), v.dtype) for v in model.non_trainable_variables]
            variables = model.trainable_variables + model.non_trainable_variables
            with keras.StatelessScope(state_mapping=list(zip(variables, values + seeds, strict=True))):
                logits = model({"source": source, "target_in": target_in}, training=True)
            return ops.sum(weights * token_losses(target_out, logits, smoothing))

        gradients = gradient(loss, [ops.convert_to_tensor(variable.value) for variable in model.trainable_variables])
        return ops.sqrt(sum(ops.sum(ops.square(of_one)) for of_one in gradients))

    return length
