"""Rates of the parts of a network: what is frozen stays, what waits begins later, what is slow moves less."""

import numpy as np
import pytest

from seq2seq.training.loop import finetune

PARTS = {
    "source_embedding": ["source_embedding/"],
    "encoder": ["encoder/"],
    "decoder": ["decoder/"],
    "target_embedding": ["target_embedding/", "output_bias"],
}


def moved_parts(before, after):
    """The parts of which some weight, or no weight, has changed."""
    names = {part: [n for n in before if any(f"/{key}" in f"/{n}" for key in keys)] for part, keys in PARTS.items()}
    assert all(names.values())
    return {part for part in names if any(not np.array_equal(before[name], after[name]) for name in names[part])}


@pytest.mark.parametrize("frozen", [("encoder",), ("decoder", "target_embedding"), ("source_embedding",)])
def test_frozen_parts_do_not_move_and_the_others_do(
    parent, tmp_path, monkeypatch, frozen, german, newest_weights, start_only
):
    config = german(finetune={"rates": dict.fromkeys(frozen, 0.0)})
    with monkeypatch.context() as stopped:
        start_only(stopped)
        finetune(parent, config, tmp_path / "run")
    before = newest_weights(tmp_path / "run")
    finetune(parent, config, tmp_path / "run", resume=True)
    assert moved_parts(before, newest_weights(tmp_path / "run")) == set(PARTS) - set(frozen)


def test_embeddings_learn_alone_at_first(parent, tmp_path, monkeypatch, german, newest_weights, start_only):
    config = german(finetune={"embeddings_first_steps": 1000})
    with monkeypatch.context() as stopped:
        start_only(stopped)
        finetune(parent, config, tmp_path / "run")
    before = newest_weights(tmp_path / "run")
    finetune(parent, config, tmp_path / "run", resume=True)
    assert moved_parts(before, newest_weights(tmp_path / "run")) == {"source_embedding", "target_embedding"}
    finetune(parent, german(finetune={"embeddings_first_steps": 2}), tmp_path / "few")
    assert moved_parts(before, newest_weights(tmp_path / "few")) == set(PARTS)


def test_rates_scale_the_updates(parent, tmp_path, monkeypatch, german, newest_weights, start_only):
    """Adam's steps are proportional to the rate: a hundredth of it moves a part about a hundredth as far."""

    def distance(rate):
        run = tmp_path / str(rate)
        config = german(finetune={"rates": {"encoder": rate}}, training={"epochs": 1})
        with monkeypatch.context() as stopped:
            start_only(stopped)
            finetune(parent, config, run)
        before = newest_weights(run)
        finetune(parent, config, run, resume=True)
        return sum(np.abs(newest_weights(run)[name] - before[name]).mean() for name in before if "encoder/" in name)

    assert distance(0.01) == pytest.approx(distance(1.0) / 100, rel=0.3)
