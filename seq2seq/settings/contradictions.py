"""Settings that are each in range but contradict one another."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seq2seq.settings.config import Config


def contradictions(config: "Config") -> list[str]:
    """A sentence for each pair of settings that contradict each other."""
    training, translation, finetune = config.training, config.translation, config.finetune
    faults = []
    if config.model.shared_embeddings and not config.tokenizer.shared:
        faults.append("model.shared_embeddings needs tokenizer.shared = true: two vocabularies have no rows in common")
    if training.final_learning_rate > training.learning_rate:
        faults.append("training.final_learning_rate is above training.learning_rate: the rate can only decay")
    if training.averaging and training.average_last:
        faults.append("training.averaging and training.average_last both average the weights: set one of them to 0")
    if translation.min_length_ratio > translation.max_length_ratio:
        faults.append("translation.min_length_ratio is above translation.max_length_ratio: no length lies between")
    if training.curriculum_epochs > training.epochs:
        faults.append("training.curriculum_epochs is above training.epochs: the longest sentences would never be seen")
    frozen = not (finetune.rates.encoder or finetune.rates.source_embedding)
    stored = frozen and finetune.store_summaries and not config.model.attention
    if stored and config.tokenizer.sampling and config.tokenizer.sampled_sides != "target":
        faults.append(
            "tokenizer.sampling cuts each source anew in every epoch, and with a frozen encoder one summary of each is "
            'stored: set tokenizer.sampled_sides = "target" or finetune.store_summaries = false'
        )
    faults += _of_languages(config)
    if not any(finetune.rates.model_dump().values()):
        faults.append("finetune.rates are all 0: nothing is left to train")
    return faults


def _of_languages(config: "Config") -> list[str]:
    """Of the languages of single corpora."""
    data = config.data
    faults = [
        f"data.dev.{number}.target_language: a dev set is in data.target_language, so leave this out"
        for number, corpus in enumerate(data.dev)
        if corpus.target_language
    ]
    for number, corpus in enumerate(data.train):
        place = f"data.train.{number}.target_language"
        if corpus.target_language and config.finetune.parent:
            faults.append(
                f"{place} is for training from nothing; a fine-tuned run takes a second language over from its parent "
                '(finetune.target_vocabulary = "extend")'
            )
        if corpus.target_language == data.source_language and data.cleaning.copies:
            faults.append(
                f"{place}: a target in {data.source_language!r} repeats its source, and cleaning drops copies: set "
                "data.cleaning.copies = false"
            )
    return faults
