"""Settings that are each in range but contradict one another."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seq2seq.settings.config import Config


def contradictions(config: "Config") -> list[str]:
    """A sentence for each pair of settings that contradict each other."""
    training, translation = config.training, config.translation
    faults = []
    if config.model.shared_embeddings and not config.tokenizer.shared:
        faults.append("model.shared_embeddings needs tokenizer.shared = true: two vocabularies have no rows in common")
    if training.final_learning_rate > training.learning_rate:
        faults.append("training.final_learning_rate is above training.learning_rate: the rate can only decay")
    if translation.min_length_ratio > translation.max_length_ratio:
        faults.append("translation.min_length_ratio is above translation.max_length_ratio: no length lies between")
    if not any(config.finetune.rates.model_dump().values()):
        faults.append("finetune.rates are all 0: nothing is left to train")
    return faults
