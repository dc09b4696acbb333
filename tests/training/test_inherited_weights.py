"""The weights and moments of a fine-tuned run: the parent's, wherever its pieces have gone."""

import shutil

import numpy as np

from seq2seq.runs.directory import RunDirectory
from seq2seq.training.loop import finetune
from seq2seq.translator import Translator


def test_transfer_to_the_same_vocabulary_changes_no_bit(parent, tmp_path, monkeypatch, german, start_only):
    """Law 10, weights and moments."""
    start_only(monkeypatch)
    config = german({"source_language": "en", "target_language": "fr"})
    finetune(parent, config, tmp_path / "run")
    before, after = (RunDirectory(run).load("last").arrays for run in (parent, tmp_path / "run"))
    best = RunDirectory(parent).load("best").arrays
    moments = [name for name in before if name.startswith("optimizer/")]
    assert len(moments) > len(best)
    for name in moments:
        np.testing.assert_array_equal(after[name], before[name], err_msg=name)
    for name, array in best.items():
        np.testing.assert_array_equal(after[name], array, err_msg=name)


def test_permuting_the_vocabulary_leaves_every_translation_unchanged(
    parent, tmp_path, monkeypatch, made_up_sentences, permuted, german, start_only
):
    """Law 10, through the whole translator."""
    sources = [source for source, _ in made_up_sentences(40, seed=3)]
    vocabularies = tuple(
        permuted(tokenizer, seed)[0] for seed, tokenizer in enumerate(RunDirectory(parent).tokenizers())
    )
    monkeypatch.setattr("seq2seq.training.inherited_vocabularies.vocabularies", lambda *_: vocabularies)
    start_only(monkeypatch)
    finetune(parent, german(), tmp_path / "run")
    translators = [Translator.load(run) for run in (parent, tmp_path / "run")]
    assert translators[0].tokenizers[1].pieces != translators[1].tokenizers[1].pieces
    before, after = (translator.hypotheses(sources) for translator in translators)
    assert [h[0].text for h in after] == [h[0].text for h in before]
    np.testing.assert_allclose([h[0].score for h in after], [h[0].score for h in before], rtol=1e-4)


def test_run_of_checkpoints_without_moments_starts_with_fresh_ones(parent, tmp_path, german, log_of):
    shutil.copytree(parent, tmp_path / "parent")
    for path in (tmp_path / "parent" / "checkpoints").glob("last-*"):
        shutil.rmtree(path)
    finetune(tmp_path / "parent", german(), tmp_path / "run")
    assert RunDirectory(tmp_path / "run").parent()["updates"] == 0
    assert log_of(tmp_path / "run")[-1]["learning_rate"] < 1e-3
