"""Fine-tuning: what a run takes from its parent, what stays frozen, what is stored, and what is refused."""

import json
import logging
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from seq2seq.errors import CheckpointError, ConfigError, DataError
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import load_config, parse_config
from seq2seq.symbols import BOS
from seq2seq.training.interpolation import Point, best_of
from seq2seq.training.judgement import telling
from seq2seq.training.loop import finetune, train
from seq2seq.translator import Translator

SMALL = {"embedding": 8, "encoder_units": 8, "decoder_units": 8}
FROZEN = {"rates": {"encoder": 0.0, "source_embedding": 0.0}}
ENGLISH_TO = {"source_language": "en", "target_language": "de"}


def as_german(french):
    """Another language: the same words, spelled backwards."""
    return " ".join(word[::-1] for word in french.removesuffix(".").split()) + "."


def in_script(first, separator=" ", letters=99):
    """A language in another script: each letter, or each of the first ones, becomes a letter of it."""

    def write(french):
        words = french.removesuffix(".").split()
        return separator.join("".join(chr(first + ord(letter) % 24) for letter in word[:letters]) for word in words)

    return write


def files(folder, name, pairs):
    for side, lines in (("en", [source for source, _ in pairs]), ("xx", [target for _, target in pairs])):
        (folder / f"{name}.{side}").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return {"source": str(folder / f"{name}.en"), "target": str(folder / f"{name}.xx")}


@pytest.fixture(scope="module")
def corpora(tmp_path_factory, made_up_sentences):
    """Train and dev of the old pair and of the new one, as settings."""
    folder = tmp_path_factory.mktemp("corpora")
    made = {"train": made_up_sentences(250), "dev": made_up_sentences(8, seed=1)}
    return {
        language: {split: [files(folder, f"{split}.{language}", list(map(change, made[split])))] for split in made}
        for language, change in (("fr", lambda pair: pair), ("de", lambda pair: (pair[0], as_german(pair[1]))))
    }


@pytest.fixture(scope="module")
def parent(corpora, tmp_path_factory):
    run = tmp_path_factory.mktemp("parent") / "run"
    settings = {
        "data": corpora["fr"],
        "tokenizer": {"vocabulary_size": 345},
        "model": SMALL,
        "training": {"epochs": 2, "batch_tokens": 512, "warmup_steps": 2},
        "translation": {"max_length_ratio": 1.0},
    }
    assert train(parse_config(settings), run).finished
    return run


def german(corpora, languages=None, **sections):
    """Settings for the new pair."""
    return parse_config(
        {
            "data": {**corpora["de"], **(ENGLISH_TO if languages is None else languages), **sections.pop("data", {})},
            "tokenizer": {"vocabulary_size": 310} | sections.pop("tokenizer", {}),
            "training": {"epochs": 2, "batch_tokens": 512, "warmup_steps": 2} | sections.pop("training", {}),
            **sections,
        }
    )


@pytest.fixture(scope="module")
def child(parent, corpora, tmp_path_factory):
    """A fine-tuned run that every test below may read."""
    run = tmp_path_factory.mktemp("child") / "run"
    assert finetune(parent, german(corpora), run).finished
    return run


def records(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]


def arrays(run, kind="last"):
    return RunDirectory(run).load(kind).arrays


def start(monkeypatch):
    """Stops before the first update: what is left is what the run starts from."""
    monkeypatch.setattr("seq2seq.training.loop.Trainer.epoch", lambda self, bar: False)


def test_run_is_like_any_other_and_knows_its_parent(parent, child, corpora):
    directory = RunDirectory(child)
    before = directory.parent()
    assert before["path"] == str(parent)
    assert before["step"] == RunDirectory(parent).load("best").step
    assert before["updates"] == RunDirectory(parent).load("last").step
    assert directory.config().data.target_language == "de"
    assert directory.config().model == RunDirectory(parent).config().model
    assert RunDirectory(parent).parent() is None
    assert len(Translator.load(child).translate(["the cat sees a dog."])) == 1
    assert records(child)[1]["loss"] < records(child)[0]["loss"]


def test_known_language_keeps_its_vocabulary_and_the_new_one_gets_its_own(parent, child):
    (old_source, old_target), (source, target) = (RunDirectory(run).tokenizers() for run in (parent, child))
    assert source.fingerprint == old_source.fingerprint
    assert target.size == 310
    report = json.loads((child / "transfer.json").read_text(encoding="utf-8"))
    assert report["source"]["copied"] == old_source.size
    assert report["source"]["words_split_differently"] == 0 < report["source"]["words"]
    assert report["target"]["copied"] == len(set(target.pieces) & set(old_target.pieces))
    assert report["target"]["copied"] + report["target"]["composed"] == 310
    assert report["target"]["words_split_differently"] > 0


def test_transfer_to_the_same_vocabulary_changes_no_bit(parent, corpora, tmp_path, monkeypatch):
    """Law 10, weights and moments."""
    start(monkeypatch)
    config = german(corpora, {"source_language": "en", "target_language": "fr"})
    finetune(parent, config, tmp_path / "run")
    before, after = arrays(parent), arrays(tmp_path / "run")
    best = arrays(parent, "best")
    moments = [name for name in before if name.startswith("optimizer/")]
    assert len(moments) > len(best)
    for name in moments:
        np.testing.assert_array_equal(after[name], before[name], err_msg=name)
    for name, array in best.items():
        np.testing.assert_array_equal(after[name], array, err_msg=name)


def test_permuting_the_vocabulary_leaves_every_translation_unchanged(
    parent, corpora, tmp_path, monkeypatch, made_up_sentences, permuted
):
    """Law 10, through the whole translator."""
    sources = [source for source, _ in made_up_sentences(40, seed=3)]
    vocabularies = tuple(
        permuted(tokenizer, seed)[0] for seed, tokenizer in enumerate(RunDirectory(parent).tokenizers())
    )
    monkeypatch.setattr("seq2seq.training.inherited_vocabularies.vocabularies", lambda *_: vocabularies)
    start(monkeypatch)
    finetune(parent, german(corpora), tmp_path / "run")
    translators = [Translator.load(run) for run in (parent, tmp_path / "run")]
    assert translators[0].tokenizers[1].pieces != translators[1].tokenizers[1].pieces
    before, after = (translator.hypotheses(sources) for translator in translators)
    assert [h[0].text for h in after] == [h[0].text for h in before]
    np.testing.assert_allclose([h[0].score for h in after], [h[0].score for h in before], rtol=1e-4)


@pytest.mark.parametrize("mode", ["keep", "extend", "new"])
def test_vocabularies_on_both_sides(parent, corpora, tmp_path, mode):
    settings = {"source_vocabulary": mode, "target_vocabulary": mode}
    finetune(parent, german(corpora, finetune=settings, training={"epochs": 1}), tmp_path / "run")
    old, new = (RunDirectory(run).tokenizers() for run in (parent, tmp_path / "run"))
    for before, after in zip(old, new, strict=True):
        kept = after.pieces[: before.size] == before.pieces
        assert kept == (mode != "new")
        assert (after.size > before.size) == (mode == "extend")
    assert len(Translator.load(tmp_path / "run").translate(["the cat sees a dog."])) == 1


def test_shared_embeddings_move_together(corpora, tmp_path):
    settings = german(corpora, {}, data=corpora["fr"], model=SMALL | {"shared_embeddings": True})
    train(settings, tmp_path / "parent")
    for mode in ("auto", "extend"):
        chosen = {"source_vocabulary": mode, "target_vocabulary": mode}
        finetune(tmp_path / "parent", german(corpora, finetune=chosen), tmp_path / mode)
        source, target = RunDirectory(tmp_path / mode).tokenizers()
        assert source.fingerprint == target.fingerprint
    for chosen, message in (
        ({"source_vocabulary": "keep", "target_vocabulary": "new"}, r"are one table, .* must be equal"),
        (FROZEN | {"source_vocabulary": "keep", "target_vocabulary": "keep"}, r"one table, so finetune\.rates\."),
    ):
        with pytest.raises(ConfigError, match=message):
            finetune(tmp_path / "parent", german(corpora, finetune=chosen), tmp_path / "no")
        assert not (tmp_path / "no").exists()


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
def test_frozen_parts_do_not_move_and_the_others_do(parent, corpora, tmp_path, monkeypatch, frozen):
    config = german(corpora, finetune={"rates": dict.fromkeys(frozen, 0.0)})
    with monkeypatch.context() as stopped:
        start(stopped)
        finetune(parent, config, tmp_path / "run")
    before = arrays(tmp_path / "run")
    finetune(parent, config, tmp_path / "run", resume=True)
    assert moved_parts(before, arrays(tmp_path / "run")) == set(PARTS) - set(frozen)


def test_embeddings_learn_alone_at_first(parent, corpora, tmp_path, monkeypatch):
    config = german(corpora, finetune={"embeddings_first_steps": 1000})
    with monkeypatch.context() as stopped:
        start(stopped)
        finetune(parent, config, tmp_path / "run")
    before = arrays(tmp_path / "run")
    finetune(parent, config, tmp_path / "run", resume=True)
    assert moved_parts(before, arrays(tmp_path / "run")) == {"source_embedding", "target_embedding"}
    finetune(parent, german(corpora, finetune={"embeddings_first_steps": 2}), tmp_path / "few")
    assert moved_parts(before, arrays(tmp_path / "few")) == set(PARTS)


def test_rates_scale_the_updates(parent, corpora, tmp_path, monkeypatch):
    """Adam's steps are proportional to the rate: a hundredth of it moves a part about a hundredth as far."""

    def distance(rate):
        run = tmp_path / str(rate)
        config = german(corpora, finetune={"rates": {"encoder": rate}}, training={"epochs": 1})
        with monkeypatch.context() as stopped:
            start(stopped)
            finetune(parent, config, run)
        before = arrays(run)
        finetune(parent, config, run, resume=True)
        return sum(np.abs(arrays(run)[name] - before[name]).mean() for name in weights(before) if "encoder/" in name)

    assert distance(0.01) == pytest.approx(distance(1.0) / 100, rel=0.3)


def weights(checkpoint):
    return [name for name in checkpoint if not name.startswith(("optimizer/", "seeds/", "metrics/"))]


@pytest.fixture(scope="module")
def frozen(parent, corpora, tmp_path_factory):
    """A new decoder on stored summaries."""
    folder = tmp_path_factory.mktemp("frozen")
    config = german(
        corpora, finetune=FROZEN | {"summaries": str(folder / "summaries")}, training={"precision": "float32"}
    )
    finetune(parent, config, folder / "run")
    return folder


def test_decoder_on_stored_summaries_equals_the_one_with_the_encoder_on(frozen, parent, corpora, tmp_path):
    settings = FROZEN | {"store_summaries": False}
    finetune(parent, german(corpora, finetune=settings, training={"precision": "float32"}), tmp_path / "run")
    assert not (tmp_path / "run" / "encoded" / "summaries").exists()
    stored, encoded = arrays(frozen / "run"), arrays(tmp_path / "run")
    for name in weights(encoded):
        np.testing.assert_allclose(stored[name], encoded[name], atol=2e-4, err_msg=name)
    lines = Path(corpora["de"]["dev"][0]["source"]).read_text(encoding="utf-8").split("\n")[:-1]
    assert Translator.load(frozen / "run").translate(lines) == Translator.load(tmp_path / "run").translate(lines)


def test_stored_summaries_are_those_of_the_encoder(frozen, parent, made_up_sentences):
    from seq2seq.data.summaries import Summaries

    (folder,) = (frozen / "summaries").iterdir()
    store = Summaries(folder.parent, folder.name, 16)
    sources = [source for source, _ in made_up_sentences(250)]
    translator = Translator.load(parent)
    np.testing.assert_allclose(
        store.rows(translator.tokenizers[0].encode(sources), len(sources)), translator.encode(sources), atol=1e-5
    )


def test_stored_summaries_serve_several_decoders(frozen, parent, corpora, tmp_path, caplog):
    config = german(
        corpora,
        {"source_language": "en", "target_language": "it"},
        finetune=FROZEN | {"summaries": str(frozen / "summaries")},
        training={"precision": "float32", "epochs": 1},
    )
    with caplog.at_level(logging.INFO, logger="seq2seq"):
        finetune(frozen / "run", config, tmp_path / "run")
    assert "0 summaries stored" in caplog.text
    run = RunDirectory(tmp_path / "run")
    assert run.targets() == ["it", "de", "fr"]
    lines = ["the cat sees a dog.", "a young child."]
    for language, original in (("fr", parent), ("de", frozen / "run")):
        chosen = Translator.load(tmp_path / "run", target_language=language)
        assert chosen.translate(lines) == Translator.load(original).translate(lines)
    with pytest.raises(CheckpointError, match=r"translates into it, de, fr: received 'xx'"):
        Translator.load(tmp_path / "run", target_language="xx")


def test_summaries_in_a_file_are_refused_before_the_work(parent, corpora, tmp_path):
    (tmp_path / "file").write_text("")
    config = german(corpora, finetune={"summaries": str(tmp_path / "file")})
    with pytest.raises(ConfigError, match=r"finetune.summaries is .*file, a file: name a folder"):
        finetune(parent, config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_frozen_encoder_that_would_read_other_pieces_is_refused(parent, corpora, tmp_path):
    config = german(corpora, finetune=FROZEN | {"source_vocabulary": "new"})
    with pytest.raises(ConfigError, match=r"a frozen encoder reads the parent's pieces only: set it to 'keep'"):
        finetune(parent, config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.fixture(scope="module")
def replaying(parent, corpora, tmp_path_factory):
    run = tmp_path_factory.mktemp("replay") / "run"
    settings = {"replay": 0.5, "best": "both", "interpolate": True}
    assert finetune(parent, german(corpora, finetune=settings), run).finished
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


def test_both_dev_sets_are_measured_and_choose_the_best(replaying):
    measured = records(replaying)
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


def test_replay_remembers_better(parent, corpora, tmp_path):
    """The loss on the old pair after fine-tuning, with replay and without."""
    losses = {}
    for share in (0.0, 0.5):
        settings = {"replay": share, "watch_parent": True}
        run = tmp_path / str(share)
        training = {"epochs": 12, "learning_rate": 1e-2}
        finetune(parent, german(corpora, finetune=settings, training=training), run)
        losses[share] = records(run)[-1]["parent_dev_loss"]
    assert losses[0.5] < losses[0.0]


@pytest.mark.parametrize(
    ("language", "write"),
    [
        ("he", in_script(0x05D0)),
        ("ar", in_script(0x0627)),
        ("zh", in_script(0x4E00, "", 2)),
        ("th", in_script(0x0E01, "")),
        ("el", in_script(0x03B1)),
    ],
)
def test_any_script_passes_through_unharmed(parent, made_up_sentences, tmp_path, language, write):
    """Right to left, unsegmented, unknown to the parent: learned by heart, it comes out as it went in."""
    pairs = [(source, write(target)) for source, target in made_up_sentences(120, seed=9)]
    config = parse_config(
        {
            "data": {
                "train": [files(tmp_path, "train", pairs)],
                "source_language": "en",
                "target_language": language,
            },
            "tokenizer": {"vocabulary_size": 305},
            "training": {"epochs": 2, "batch_tokens": 512},
        }
    )
    finetune(parent, config, tmp_path / "run")
    run = RunDirectory(tmp_path / "run")
    assert run.config().data.target_language == language
    _, target = run.tokenizers()
    for _, text in pairs:
        assert target.decode(target.encode([text])[0]) == text
    assert json.loads((run.path / "transfer.json").read_text())["target"]["bytes"] < 0.05


def test_vocabulary_that_does_not_cover_the_text_warns_with_the_share(parent, made_up_sentences, tmp_path, caplog):
    pairs = [(source, in_script(0x05D0)(target)) for source, target in made_up_sentences(60, seed=9)]
    data = {"train": [files(tmp_path, "train", pairs)], "source_language": "en", "target_language": "he"}
    config = parse_config({"data": data, "finetune": {"target_vocabulary": "keep"}, "training": {"epochs": 1}})
    with caplog.at_level(logging.WARNING, logger="seq2seq"):
        finetune(parent, config, tmp_path / "run")
    assert "% of the target pieces are single bytes: the vocabulary does not cover this text" in caplog.text


def test_wrong_language_in_a_column_warns(parent, made_up_sentences, tmp_path, caplog):
    pairs = [(in_script(0x0430)(source), target) for source, target in made_up_sentences(60)]
    data = {"train": [files(tmp_path, "train", pairs)], "source_language": "en", "target_language": "de"}
    with caplog.at_level(logging.WARNING, logger="seq2seq"):
        finetune(parent, parse_config({"data": data, "tokenizer": {"vocabulary_size": 305}}), tmp_path / "run")
    assert "100 % of the source lines are not in Latn, the script of 'en'" in caplog.text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"languages": {}}, r"set data.source_language and data.target_language: the parent translates en to fr"),
        (
            {"model": {"cell": "lstm", "embedding": 16}},
            r"model.cell is 'lstm', .*model.embedding is 16, the parent's is 8",
        ),
        (
            {"finetune": {"target_vocabulary": "new", "replay": 0.2}},
            r"each with its own start symbol: set it to 'extend'",
        ),
        ({"finetune": {"best": "both"}}, r"needs finetune.replay or finetune.watch_parent"),
        ({"finetune": {"interpolate": True}}, r"needs finetune.replay or finetune.watch_parent"),
        ({"finetune": {"rates": dict.fromkeys(PARTS, 0.0)}}, r"nothing is left to train"),
        ({"tokenizer": {"vocabulary_size": 60_000}}, r"there can be \d+ pieces, .*_size to \d+"),
    ],
)
def test_settings_that_do_not_fit_leave_nothing_behind(parent, corpora, tmp_path, change, message):
    with pytest.raises(ConfigError, match=message):
        finetune(parent, german(corpora, **change), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_empty_corpus_leaves_nothing_behind(parent, tmp_path):
    data = {"train": [files(tmp_path, "train", [])], **ENGLISH_TO}
    with pytest.raises(DataError, match="are empty: check how they were made"):
        finetune(parent, parse_config({"data": data}), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_parent_of_another_format_is_refused(parent, corpora, tmp_path):
    shutil.copytree(parent, tmp_path / "parent")
    about = tmp_path / "parent" / "about.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"format": 99, "seq2seq": "9.0"}))
    with pytest.raises(CheckpointError, match=r"has format 99 \(seq2seq 9.0\), this reads 1"):
        finetune(tmp_path / "parent", german(corpora), tmp_path / "run")
    with pytest.raises(CheckpointError, match="is not a run"):
        finetune(tmp_path / "nothing", german(corpora), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_parents_dev_set_comes_from_the_parent_and_never_from_its_files(parent, corpora, tmp_path, monkeypatch):
    shutil.copytree(parent, tmp_path / "parent")
    config = german(corpora, finetune={"watch_parent": True}, training={"epochs": 1})
    file = Path(corpora["fr"]["dev"][0]["source"])
    hidden = file.rename(file.with_suffix(".hidden"))
    try:
        with monkeypatch.context() as stopped:
            start(stopped)
            finetune(tmp_path / "parent", config, tmp_path / "run")
    finally:
        hidden.rename(file)
    kept = RunDirectory(tmp_path / "run").dev(of_parent=True)
    assert [pair.source for pair in kept] == file.read_text(encoding="utf-8").split("\n")[:-1]
    shutil.rmtree(tmp_path / "parent")
    finetune(tmp_path / "parent", config, tmp_path / "run", resume=True)
    assert "parent_dev_bleu" in records(tmp_path / "run")[-1]


def test_parent_that_keeps_no_dev_set_is_refused_until_it_has_one(parent, corpora, tmp_path, monkeypatch):
    """A run of an older version; the advice in the message helps."""
    shutil.copytree(parent, tmp_path / "parent")
    (tmp_path / "parent" / "dev.json").unlink()
    config = german(corpora, finetune={"replay": 0.1})
    message = r"parent does not keep its dev set.* run where its corpora are: seq2seq train (\S+) --run (\S+) --resume"
    with pytest.raises(CheckpointError, match=message) as refused:
        finetune(tmp_path / "parent", config, tmp_path / "run")
    assert not (tmp_path / "run").exists()
    settings, run = re.search(message, str(refused.value)).groups()
    assert train(load_config(settings), run, resume=True).finished
    start(monkeypatch)
    finetune(tmp_path / "parent", config, tmp_path / "run")


def test_killed_run_resumes_without_its_parent(parent, corpora, tmp_path):
    """Once it has begun, a run needs its parent no more; and it ends as if nothing had happened."""
    shutil.copytree(parent, tmp_path / "parent")
    finetune(tmp_path / "parent", german(corpora), tmp_path / "whole")
    stop_after_one_epoch(tmp_path / "parent", corpora, tmp_path / "killed")
    shutil.rmtree(tmp_path / "parent")
    finetune(tmp_path / "parent", german(corpora), tmp_path / "killed", resume=True)
    whole, resumed = arrays(tmp_path / "whole"), arrays(tmp_path / "killed")
    for name in weights(whole):
        np.testing.assert_array_equal(resumed[name], whole[name], err_msg=name)


def stop_after_one_epoch(parent, corpora, run):
    """A run that a signal ends in its second epoch."""
    from seq2seq.training import loop

    original, epochs = loop.Trainer.epoch, []

    def once(self, bar):
        epochs.append(0)
        return original(self, bar) if len(epochs) == 1 else False

    loop.Trainer.epoch = once
    try:
        assert not finetune(parent, german(corpora), run).finished
    finally:
        loop.Trainer.epoch = original


def test_run_of_checkpoints_without_moments_starts_with_fresh_ones(parent, corpora, tmp_path):
    shutil.copytree(parent, tmp_path / "parent")
    for path in (tmp_path / "parent" / "checkpoints").glob("last-*"):
        shutil.rmtree(path)
    finetune(tmp_path / "parent", german(corpora), tmp_path / "run")
    assert RunDirectory(tmp_path / "run").parent()["updates"] == 0
    assert records(tmp_path / "run")[-1]["learning_rate"] < 1e-3


def test_new_dropout_is_allowed(parent, corpora, tmp_path):
    finetune(parent, german(corpora, model={"input_dropout": 0.5}), tmp_path / "run")
    assert RunDirectory(tmp_path / "run").config().model.input_dropout == 0.5


def test_settings_of_the_parent_are_kept_where_nothing_is_said(parent, child):
    before, after = (RunDirectory(run).config() for run in (parent, child))
    assert after.translation == before.translation
    assert after.data.cleaning == before.data.cleaning
    assert after.tokenizer.model == before.tokenizer.model
    assert load_config(child / "config.json") == after


def train_further(run):
    """What somebody else does to a parent meanwhile."""
    best = run.load("best")
    run.save("best", best._replace(step=best.step + 1))


def test_parent_that_is_trained_further_meanwhile_changes_nothing(parent, corpora, tmp_path, monkeypatch):
    """The weights are those that the run noted when it was begun."""
    from seq2seq.training import loop

    shutil.copytree(parent, tmp_path / "parent")
    prepare = loop.prepare

    def slow(*arguments):
        train_further(RunDirectory(tmp_path / "parent"))
        return prepare(*arguments)

    monkeypatch.setattr(loop, "prepare", slow)
    start(monkeypatch)
    finetune(tmp_path / "parent", german(corpora), tmp_path / "run")
    assert RunDirectory(tmp_path / "run").parent()["step"] == RunDirectory(parent).load("best").step


def test_parent_that_was_trained_further_before_its_weights_were_taken_is_said(parent, corpora, tmp_path, monkeypatch):
    from seq2seq.training import loop

    class Killed(BaseException):
        """Stands in for a death that no handler sees."""

    def dies(*_):
        raise Killed

    shutil.copytree(parent, tmp_path / "parent")
    with monkeypatch.context() as killed:
        killed.setattr(loop, "prepare", dies)
        killed.setattr(RunDirectory, "discard", lambda run: None)
        with pytest.raises(Killed):
            finetune(tmp_path / "parent", german(corpora), tmp_path / "run")
    train_further(RunDirectory(tmp_path / "parent"))
    with pytest.raises(CheckpointError, match=r"parent was trained further, to step \d+, since .*run was begun"):
        finetune(tmp_path / "parent", german(corpora), tmp_path / "run", resume=True)
