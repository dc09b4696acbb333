"""Settings that would do nothing are refused, and those that do something are not."""

import pytest

from seq2seq.errors import ConfigError
from seq2seq.settings.config import parse_config
from seq2seq.training.effects import refuse_without_effect

FROZEN = {"rates": {"encoder": 0.0, "source_embedding": 0.0}, "source_vocabulary": "keep"}
DEV = {"source": "dev.en", "target": "dev.fr"}
USELESS = {
    "training.final_learning_rate": ({"training": {"decay": "constant", "final_learning_rate": 1e-4}}, False),
    "training.average_last": ({"training": {"average_last": 3}}, False),
    "training.r_drop": (
        {"training": {"r_drop": 5.0}, "model": {"input_dropout": 0.0, "output_dropout": 0.0}},
        False,
    ),
    "tokenizer.sampled_sides": ({"tokenizer": {"sampled_sides": "source"}}, False),
    "data.dev.weight": ({"data": {"dev": [DEV, DEV | {"weight": 2.0}]}}, False),
    "model.recurrent_activation": ({"model": {"cell": "rnn", "recurrent_activation": "hard_sigmoid"}}, False),
    "model.residual": ({"model": {"residual": True}}, False),
    "model.slots": ({"model": {"slots": 8}}, False),
    "model.variational_dropout": ({"model": {"variational_dropout": True, "input_dropout": 0.0}}, False),
    "finetune.replay": ({"finetune": {"replay": 0.5}}, False),
    "finetune.summaries": ({"finetune": {"summaries": "kept"}}, True),
    "finetune.new_rows": (
        {"finetune": {"new_rows": "random", "source_vocabulary": "keep", "target_vocabulary": "keep"}},
        True,
    ),
}
USEFUL = [
    ({}, False),
    ({"training": {"decay": "linear", "final_learning_rate": 1e-4}}, False),
    ({"training": {"average_last": 3}, "data": {"dev": [DEV]}}, False),
    ({"training": {"r_drop": 5.0}}, False),
    ({"tokenizer": {"sampled_sides": "source", "sampling": 0.1}}, False),
    ({"training": {"decay": "constant"}, "data": {"dev": [DEV], "train": [DEV | {"weight": 2.0}]}}, False),
    ({"model": {"cell": "lstm", "recurrent_activation": "hard_sigmoid"}}, False),
    ({"model": {"pooling": "slots", "slots": 8}}, False),
    ({"model": {"residual": True, "decoder_layers": 2, "variational_dropout": True}}, False),
    ({"model": {"cell": "rnn", "recurrent_activation": "hard_sigmoid"}}, True),  # as the parent says
    ({"finetune": {"rates": {"encoder": 0.5}, "embeddings_first_steps": 3}}, False),
    ({"finetune": FROZEN | {"summaries": "kept"}}, True),
    ({"finetune": {"new_rows": "random", "source_vocabulary": "keep", "target_vocabulary": "extend"}}, True),
]


@pytest.mark.parametrize("name", USELESS)
def test_setting_without_effect_is_refused_by_name(name):
    settings, fine_tuned = USELESS[name]
    with pytest.raises(ConfigError, match=f"^{name} would do nothing: [a-z]"):
        refuse_without_effect(parse_config(settings), fine_tuned=fine_tuned)


@pytest.mark.parametrize(("settings", "fine_tuned"), USEFUL, ids=str)
def test_setting_with_an_effect_passes(settings, fine_tuned):
    refuse_without_effect(parse_config(settings), fine_tuned=fine_tuned)


@pytest.mark.parametrize("obstacle", [{"store_summaries": False}, {"rates": {"encoder": 0.0}}])
def test_place_of_summaries_that_are_not_stored_is_refused(obstacle):
    config = parse_config({"finetune": FROZEN | {"summaries": "kept"} | obstacle})
    with pytest.raises(ConfigError, match=r"finetune.summaries would do nothing: summaries are stored only with a f"):
        refuse_without_effect(config, fine_tuned=True)


def test_mean_of_a_single_evaluation_is_refused():
    config = parse_config({"training": {"average_last": 1}, "data": {"dev": [DEV]}})
    with pytest.raises(ConfigError, match=r"training.average_last would do nothing: the mean of one dev evaluation's"):
        refuse_without_effect(config, fine_tuned=False)


def test_all_of_them_are_named_together():
    config = parse_config({"finetune": {"replay": 0.5}, **USELESS["data.dev.weight"][0]})
    with pytest.raises(ConfigError, match=r"data.dev.weight would do nothing: .*; finetune.replay would do nothing"):
        refuse_without_effect(config, fine_tuned=False)
