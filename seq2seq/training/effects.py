"""Settings that would change nothing: whoever sets one expects that it does something, so training refuses it."""

from seq2seq.errors import ConfigError
from seq2seq.settings.config import Config, Finetune, Model, Training


def refuse_without_effect(config: Config, *, fine_tuned: bool) -> None:
    """See that what differs from the defaults changes the run.

    Args:
        config: the settings of the run.
        fine_tuned: the run has a parent, from which the model's settings come.

    Raises:
        ConfigError: names every setting that would do nothing, and why.
    """
    useless = _of_training(config) | (_of_finetuning(config) if fine_tuned else _of_a_first_training(config))
    if useless:
        faults = "; ".join(f"{name} would do nothing: {reason}" for name, reason in useless.items())
        raise ConfigError(f"{faults}. Leave this out, or change what it depends on")


def _of_training(config: Config) -> dict[str, str]:
    training = config.training
    useless = {}
    if training.decay == "constant" and training.final_learning_rate != Training().final_learning_rate:
        useless["training.final_learning_rate"] = "training.decay is 'constant', so the rate does not fall"
    if training.average_last == 1:
        useless["training.average_last"] = "the mean of one dev evaluation's weights is these weights"
    if training.average_last and not config.data.dev:
        useless["training.average_last"] = "the dev set decides whether the mean is kept, and data.dev is empty"
    if training.r_drop and not any(value for name, value in config.model.model_dump().items() if "drop" in name):
        useless["training.r_drop"] = "without dropout (model.input_dropout and others) both predictions are the same"
    if any(corpus.weight != 1 for corpus in config.data.dev):
        useless["data.dev.weight"] = "every pair of a dev set is measured once; data.train has weights"
    return useless


def _of_a_first_training(config: Config) -> dict[str, str]:
    useless = {}
    if config.model.cell == "rnn" and config.model.recurrent_activation != Model().recurrent_activation:
        useless["model.recurrent_activation"] = "model.cell is 'rnn', which has no gates"
    if config.tokenizer.sampled_sides != "both" and not config.tokenizer.sampling:
        useless["tokenizer.sampled_sides"] = "tokenizer.sampling is 0, so no side is cut at random"
    if config.model.residual and config.model.encoder_layers == config.model.decoder_layers == 1:
        useless["model.residual"] = "encoder and decoder have one layer, and only layers above the first are residual"
    if config.model.slots != Model().slots and config.model.pooling != "slots":
        useless["model.slots"] = f"model.pooling is {config.model.pooling!r}"
    if config.model.variational_dropout and not config.model.input_dropout:
        useless["model.variational_dropout"] = "model.input_dropout is 0"
    # Rates and the steps of the embeddings alone serve a first training as well.
    free = Finetune(rates=config.finetune.rates, embeddings_first_steps=config.finetune.embeddings_first_steps)
    for name in Finetune.model_fields:
        if getattr(config.finetune, name) != getattr(free, name):
            useless[f"finetune.{name}"] = "there is no parent; seq2seq finetune has one"
    return useless


def _of_finetuning(config: Config) -> dict[str, str]:
    settings = config.finetune
    useless = {}
    frozen = not (settings.rates.encoder or settings.rates.source_embedding)
    if settings.summaries and not (frozen and settings.store_summaries and not config.model.attention):
        useless["finetune.summaries"] = (
            "summaries are stored only with a frozen encoder (finetune.rates.encoder and .source_embedding 0), with "
            "finetune.store_summaries and without attention"
        )
    if settings.new_rows != Finetune().new_rows and settings.source_vocabulary == settings.target_vocabulary == "keep":
        useless["finetune.new_rows"] = "both vocabularies are the parent's, so no row is new"
    return useless
