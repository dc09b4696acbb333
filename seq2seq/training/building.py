"""What `fit` is called on: the network with its optimiser, and its batches."""

from pathlib import Path
from typing import TYPE_CHECKING

import keras

from seq2seq import backend
from seq2seq.data.batching import Batches
from seq2seq.data.encoded import EncodedPairs
from seq2seq.data.guesses import Guesses
from seq2seq.data.sampled import SampledPairs, Sampling
from seq2seq.errors import ConfigError
from seq2seq.losses import SmoothedCrossEntropy
from seq2seq.model_from_settings import build_model
from seq2seq.settings.config import Config, Training
from seq2seq.training import processes
from seq2seq.training.begin_or_resume import precision_of
from seq2seq.training.optimizer import build_optimizer, freeze
from seq2seq.training.parent import Tokenizers
from seq2seq.training.preparation import Prepared

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq

_MOST_COMPILED_SHAPES = 12  # JAX compiles a step for each; on Multi30k 25 shapes waste 7 % of the target, 12 9 %


def sampled_pairs(config: Config, prepared: Prepared, folder: Path) -> SampledPairs | None:
    """The training pairs of each epoch, cut anew where the settings want it, or None.

    Args:
        config: the settings of the run.
        prepared: vocabularies and training pairs.
        folder: where an epoch's pairs lie while they are encoded.
    """
    settings = config.tokenizer
    if not settings.sampling:
        return None
    limits = (config.data.max_source_tokens, config.data.max_target_tokens)
    sides = {"both": (0, 1), "source": (0,), "target": (1,)}[settings.sampled_sides]
    sampling = Sampling(settings.sampling, sides, config.training.seed, limits)
    name = "" if processes.is_first() else f"-{processes.index()}"
    return SampledPairs(prepared.train, prepared.tokenizers, folder, sampling, epochs=config.training.epochs, name=name)


def plan_batches(pairs: EncodedPairs, settings: Training, sampled: SampledPairs | None = None) -> Batches:
    """The batches of every epoch.

    Args:
        pairs: the encoded training pairs.
        settings: the `[training]` section.
        sampled: the same pairs, cut anew in every epoch.

    Raises:
        ConfigError: an epoch draws no pair.
    """
    shapes = _MOST_COMPILED_SHAPES if backend.wants_few_shapes() else None
    batches = Batches(
        pairs,
        batch_tokens=settings.batch_tokens,
        batch_sentences=settings.batch_sentences,
        seed=settings.seed,
        most_shapes=shapes,
        sampled=sampled,
        curriculum_epochs=settings.curriculum_epochs,
    )
    if settings.scheduled_sampling:
        batches.guesses = Guesses(settings.scheduled_sampling, settings.epochs, settings.seed)
    batches.copies = 2 if settings.r_drop else 1
    if not batches.plan(0):
        raise ConfigError("an epoch draws no pair at all: raise the weights of data.train")
    return batches


def compiled_model(config: Config, tokenizers: Tokenizers, *, total: int, begin: int) -> "Seq2Seq":
    """A network with fresh weights, ready to be fitted.

    Args:
        config: the settings of the run.
        tokenizers: the vocabularies of source and target.
        total: updates of the whole training.
        begin: updates that the parent's moments have seen; 0 without a parent.
    """
    source, target = tokenizers
    model = build_model(config.model, source.size, target.size, precision_of(config))
    if config.training.initial_range:
        draw_weights(model, config.training.initial_range)
    freeze(model, config.finetune.rates)
    optimizer = build_optimizer(model, config.training, config.finetune, total=total, begin=begin)
    loss = SmoothedCrossEntropy(config.training.label_smoothing, config.training.r_drop)
    # Without XLA a new shape costs nothing on TensorFlow; JAX always compiles, and the shapes are few.
    model.compile(optimizer, loss, jit_compile=keras.backend.backend() == "jax")
    return model


def draw_weights(model: "Seq2Seq", largest: float) -> None:
    """Draw all weights, biases too, from the uniform distribution between -largest and largest.

    Sutskever et al. 2014 (arXiv:1409.3215) begin with 0.08. The numbers come from Keras' global seed.
    """
    for variable in model.trainable_variables:
        draw = keras.initializers.RandomUniform(-largest, largest)
        variable.assign(draw(variable.shape, dtype=variable.dtype))
