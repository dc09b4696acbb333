"""Settings that contradict one another, each in range."""

import pytest

from seq2seq.errors import ConfigError
from seq2seq.settings.config import parse_config


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"model": {"shared_embeddings": True}, "tokenizer": {"shared": False}},
            "model.shared_embeddings needs tokenizer.shared = true",
        ),
        (
            {"training": {"learning_rate": 1e-4, "final_learning_rate": 1e-3}},
            "training.final_learning_rate is above training.learning_rate",
        ),
        (
            {"training": {"averaging": 0.999, "average_last": 5}},
            "training.averaging and training.average_last both average the weights: set one of them to 0",
        ),
        (
            {"training": {"curriculum_epochs": 21}},
            "training.curriculum_epochs is above training.epochs: the longest sentences would never be seen",
        ),
        (
            {"tokenizer": {"sampling": 0.1}, "finetune": {"rates": {"encoder": 0.0, "source_embedding": 0.0}}},
            "tokenizer.sampling cuts each source anew",
        ),
        (
            {"data": {"dev": [{"source": "a", "target": "b", "target_language": "de"}]}},
            "data.dev.0.target_language: a dev set is in data.target_language, so leave this out",
        ),
        (
            {"data": {"train": [{"source": "a", "target": "a", "target_language": "en"}]}},
            "data.train.0.target_language: a target in 'en' repeats its source, and cleaning drops copies",
        ),
        (
            {
                "data": {"train": [{"source": "a", "target": "b", "target_language": "de"}]},
                "finetune": {"parent": "runs/mine"},
            },
            "data.train.0.target_language is for training from nothing",
        ),
    ],
)
def test_sections_that_contradict_each_other_are_refused(values, message, raises):
    with raises(message):
        parse_config(values)


def test_rates_that_leave_nothing_to_train_are_refused_at_once():
    parts = ("source_embedding", "encoder", "decoder", "target_embedding")
    with pytest.raises(ConfigError, match=r"finetune\.rates are all 0: nothing is left to train"):
        parse_config({"finetune": {"rates": dict.fromkeys(parts, 0.0)}})
