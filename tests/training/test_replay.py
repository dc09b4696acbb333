"""Fine-tuning that goes on with the parent's pairs: what is drawn, measured, chosen and mixed."""

import json

import numpy as np
import pytest

from seq2seq.runs.directory import RunDirectory
from seq2seq.symbols import BOS
from seq2seq.training.interpolation import Point, best_of
from seq2seq.training.judgement import telling
from seq2seq.training.loop import finetune, train


@pytest.fixture(scope="module")
def replaying(parent, tmp_path_factory, german):
    run = tmp_path_factory.mktemp("replay") / "run"
    settings = {"replay": 0.5, "best": "both", "interpolate": True}
    assert finetune(parent, german(finetune=settings), run).finished
    return run


def test_replay_keeps_both_languages_apart_by_their_start_symbols(replaying):
    run = RunDirectory(replaying)
    _, target = run.tokenizers()
    assert target.start_of("de") > 300
    assert target.start_of("fr") == BOS
    assert run.targets() == ["de", "fr"]
    from seq2seq.data.encoded import EncodedPairs

    pairs = EncodedPairs(run.encoded / "train.arrow")
    assert pairs.starts.tolist() == [target.start_of("de"), BOS]
    sizes = np.bincount(pairs.corpora)
    assert sizes[0] == pytest.approx(sizes[1], abs=5)


def test_replay_draws_the_chosen_share(replaying):
    from seq2seq.data.batching import Batches
    from seq2seq.data.encoded import EncodedPairs

    for share in (0.1, 0.5, 0.75):
        pairs = EncodedPairs(RunDirectory(replaying).encoded / "train.arrow")
        pairs.weigh_replay(1, share)
        drawn = np.concatenate([b.pairs for b in Batches(pairs, batch_tokens=512, seed=1).plan(0)])
        assert (pairs.corpora[drawn] == 1).mean() == pytest.approx(share, abs=0.07)


def test_analyses_of_a_run_with_replay_look_at_its_own_pairs(replaying):
    from seq2seq.analysis.subject import Sentences, Subject

    subject = Subject.load(replaying, Sentences(["a", "b"], ["a", "b"]))
    own = (subject.training.corpora == 0).sum()
    assert len(subject.training_texts(1, 10_000)) == own < len(subject.training)


def test_both_dev_sets_are_measured_and_choose_the_best(replaying, log_of):
    measured = log_of(replaying)
    assert all({"dev_bleu", "parent_dev_bleu", "dev_loss", "parent_dev_loss"} <= record.keys() for record in measured)
    chosen = max(measured, key=lambda record: (telling(_mean(record, "dev_bleu")), -_mean(record, "dev_loss")))
    assert RunDirectory(replaying).load("best").step == chosen["step"]


def _mean(record, name):
    return (record[name] + record[f"parent_{name}"]) / 2


def test_interpolation_leaves_its_picture_and_the_best_mixture(replaying):
    points = json.loads((replaying / "tradeoff.json").read_text(encoding="utf-8"))
    assert [point["share"] for point in points] == [tenth / 10 for tenth in range(11)]
    assert (replaying / "tradeoff.png").read_bytes().startswith(b"\x89PNG")
    best = RunDirectory(replaying).load("best")
    share = best.state["interpolated"]
    assert best_of([Point(**point) for point in points]).share == share
    assert finetune_again(replaying) == share


def finetune_again(run):
    """Resuming a finished run must not mix a second time."""
    before = RunDirectory(run)
    assert train(before.config(), run, resume=True).finished
    return before.load("best").state["interpolated"]


def test_replay_remembers_better(parent, tmp_path, german, log_of):
    """The loss on the old pair after fine-tuning, with replay and without."""
    losses = {}
    for share in (0.0, 0.5):
        settings = {"replay": share, "watch_parent": True}
        run = tmp_path / str(share)
        training = {"epochs": 12, "learning_rate": 1e-2}
        finetune(parent, german(finetune=settings, training=training), run)
        losses[share] = log_of(run)[-1]["parent_dev_loss"]
    assert losses[0.5] < losses[0.0]
