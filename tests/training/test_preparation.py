import json
import re
from pathlib import Path

import numpy as np
import pytest

from seq2seq.errors import ConfigError, DataError
from seq2seq.runs.directory import RunDirectory
from seq2seq.settings.config import parse_config
from seq2seq.symbols import BOS
from seq2seq.training.preparation import prepare


def write_corpus(folder, name, pairs):
    paths = {}
    for side, code, texts in zip(("source", "target"), ("en", "fr"), zip(*pairs, strict=True), strict=True):
        (folder / f"{name}.{code}").write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        paths[side] = str(folder / f"{name}.{code}")
    return paths


@pytest.fixture(scope="module")
def corpora(made_up_sentences, tmp_path_factory):
    """Two training corpora of 200 and 100 pairs, and a dev set of 20."""
    folder, pairs = tmp_path_factory.mktemp("corpora"), list(dict.fromkeys(made_up_sentences(330)))[:320]
    parts = {"news": pairs[:200], "books": pairs[200:300], "dev": pairs[300:]}
    return {name: write_corpus(folder, name, part) for name, part in parts.items()}


@pytest.fixture
def settings(corpora):
    return {
        "data": {"train": [corpora["news"], {**corpora["books"], "weight": 2.0}], "dev": [corpora["dev"]]},
        "tokenizer": {"vocabulary_size": 320},
    }


@pytest.fixture
def make_run(tmp_path):
    """Creates a run of some settings and prepares it."""

    def make(settings, name="run"):
        config, run = parse_config(settings), RunDirectory(tmp_path / name)
        run.create(config, {})
        return run, prepare(config, run)

    return make


def stages(run):
    """When each file that preparation makes was last written."""
    files = [
        *run.encoded.iterdir(),
        *(run.path / "tokenizer").iterdir(),
        run.path / "cleaning.json",
        run.path / "shortlist.npz",
    ]
    return {path.name: (path.stat().st_mtime_ns, path.stat().st_ino) for path in files}


def test_prepare_encodes_what_the_files_say(settings, make_run, corpora):
    _, (tokenizers, train, dev, _) = make_run(settings)
    texts = [open_lines(corpora["news"][side]) + open_lines(corpora["books"][side]) for side in ("source", "target")]
    decoded = [[tokenizers[side].decode(train[index][side]) for index in range(len(train))] for side in (0, 1)]
    assert decoded == texts
    assert train.weights == [1.0, 2.0]
    assert np.bincount(train.corpora).tolist() == [200, 100]
    assert [pair.source for pair in dev] == open_lines(corpora["dev"]["source"])


def test_dev_set_is_kept_and_not_read_again(settings, make_run, corpora):
    run, prepared = make_run(settings)
    elsewhere = [corpus | {"source": "gone", "target": "gone"} for corpus in settings["data"]["dev"]]
    moved = parse_config(settings | {"data": settings["data"] | {"dev": elsewhere}})
    kept = prepare(moved, run).dev
    assert [pair[:2] for pair in kept] == [pair[:2] for pair in prepared.dev]
    assert len(kept) > 0


def open_lines(path):
    return Path(path).read_text(encoding="utf-8").split("\n")[:-1]


def test_prepare_leaves_its_files_in_the_run(settings, make_run):
    run, _ = make_run(settings)
    assert sorted(stages(run)) == ["cleaning.json", "shortlist.npz", "source.model", "target.model", "train.arrow"]
    counts = json.loads((run.path / "cleaning.json").read_text())
    assert (counts["pairs"], counts["too_many_tokens"], counts["read"], counts["kept"]) == ([200, 100], 0, 300, 300)


def test_prepare_twice_does_the_work_once(settings, make_run, monkeypatch):
    run, first = make_run(settings)
    before = stages(run)

    def never(*arguments, **keywords):
        raise AssertionError("this stage was done already")

    monkeypatch.setattr("seq2seq.training.preparation.train_tokenizer", never)
    monkeypatch.setattr("seq2seq.training.preparation.write_ids", never)
    again = prepare(run.config(), run)
    assert stages(run) == before
    assert len(again.train) == len(first.train)
    assert [one.fingerprint for one in again.tokenizers] == [one.fingerprint for one in first.tokenizers]
    assert again.dev == first.dev


def test_prepare_of_the_same_text_gives_the_same_files(settings, make_run):
    runs = [make_run(settings, name)[0] for name in ("one", "two")]
    for name in ("encoded/train.arrow", "tokenizer/source.model", "cleaning.json"):
        assert len({(run.path / name).read_bytes() for run in runs}) == 1


def test_prepare_with_any_number_of_cores_gives_the_same_files(settings, make_run, monkeypatch):
    monkeypatch.setattr("seq2seq.data.workers._PORTION_PAIRS", 32)
    monkeypatch.setattr("seq2seq.data.workers._FEW_PORTIONS", 1)
    files = set()
    for cores in (1, 2):
        monkeypatch.setattr("seq2seq.data.workers.cores", lambda cores=cores: cores)
        run, _ = make_run(settings, f"run{cores}")
        names = ("encoded/train.arrow", "tokenizer/source.model", "cleaning.json", "shortlist.npz")
        files.add(tuple((run.path / name).read_bytes() for name in names))
    assert len(files) == 1


def test_shared_vocabulary_serves_both_languages(settings, make_run):
    _, (tokenizers, *_) = make_run(settings)
    assert tokenizers[0].fingerprint == tokenizers[1].fingerprint


def test_separate_vocabularies_know_one_language_each(settings, make_run):
    settings["tokenizer"] |= {"shared": False, "vocabulary_size": 300}
    _, (tokenizers, *_) = make_run(settings)
    assert tokenizers[0].fingerprint != tokenizers[1].fingerprint
    assert ["ê" in tokenizer.pieces for tokenizer in tokenizers] == [False, True]  # of fenêtre


def test_pairs_with_too_many_tokens_are_left_out_and_counted(settings, make_run):
    settings["data"]["max_target_tokens"] = 20
    run, (_, train, *_) = make_run(settings)
    counts = json.loads((run.path / "cleaning.json").read_text())
    assert 0 < len(train) == sum(counts["pairs"]) == 300 - counts["too_many_tokens"] < 300
    assert train.target_lengths.max() <= 20


def test_training_text_is_filtered_and_dev_text_only_normalised(make_run, tmp_path, made_up_sentences):
    pairs = [*dict.fromkeys(made_up_sentences(100)), ("A  cat.", "Un  chat."), ("A cat.", "Un chat."), ("", "Vide.")]
    paths = write_corpus(tmp_path, "both", pairs)
    settings = {"data": {"train": [paths], "dev": [paths]}, "tokenizer": {"vocabulary_size": 300}}
    _, (_, train, dev, _) = make_run(settings)
    assert len(train) == len(pairs) - 2
    assert [(pair.source, pair.target) for pair in dev[-3:]] == [("A cat.", "Un chat.")] * 2 + [("", "Vide.")]


def test_vocabulary_that_is_too_large_encodes_nothing(settings, make_run, tmp_path):
    settings["tokenizer"]["vocabulary_size"] = 8000
    message = (
        r"tokenizer.vocabulary_size=8,000 does not fit 600 sentences: there can be \d+ pieces, and fewer are better: "
        r"set tokenizer.vocabulary_size to \d+"
    )
    with pytest.raises(ConfigError, match=message):
        make_run(settings)
    assert list((tmp_path / "run" / "encoded").iterdir()) == []
    assert not (tmp_path / "run" / "tokenizer").exists()


def test_no_training_corpus_is_refused(settings, make_run):
    settings["data"]["train"] = []
    with pytest.raises(ConfigError, match=r"data\.train is empty: name at least one corpus"):
        make_run(settings)


@pytest.mark.parametrize("part", ["train", "dev"])
def test_missing_file_is_named(settings, make_run, tmp_path, part):
    missing = str(tmp_path / "no.en")
    settings["data"][part] = [{"source": missing, "target": missing}]
    with pytest.raises(DataError, match=re.escape(missing) + " does not exist"):
        make_run(settings)


def test_nothing_left_after_filtering_names_the_filters(make_run, tmp_path):
    paths = write_corpus(tmp_path, "empty", [("", "Un."), ("A cat.", ""), ("A dog.", "x" * 3000)])
    message = (
        "there is no text to learn a vocabulary from: every pair was filtered out, of 3: "
        f"2 an empty side (first: {paths['source']}, line 1); 1 too long (first: {paths['source']}, line 3)"
    )
    with pytest.raises(DataError, match=re.escape(message)):
        make_run({"data": {"train": [paths]}})


def test_bad_lines_are_counted_and_said(settings, make_run, corpora, tmp_path, caplog):
    bad = tmp_path / "bad.fr"
    lines = Path(corpora["books"]["target"]).read_bytes().split(b"\n")
    bad.write_bytes(b"\n".join([lines[0], b"\xe9t\xe9", *lines[2:]]))
    settings["data"]["train"][1]["target"] = str(bad)
    settings["data"]["dev"] = [{"source": corpora["books"]["source"], "target": str(bad)}]
    with caplog.at_level("INFO", "seq2seq"):
        run, prepared = make_run(settings)
    counts = json.loads((run.path / "cleaning.json").read_text())
    assert (counts["read"], counts["kept"], counts["not_utf8"]) == (300, 299, 1)
    assert len(prepared.dev) == 99
    assert re.search(rf"dropped, not UTF-8 +1 \(first: {bad}, line 2\)", caplog.text)
    assert f"warning: dev pairs left out: 1 not UTF-8 (first: {bad}, line 2)" in caplog.text


def test_dev_pairs_in_the_training_text_are_said(settings, make_run, corpora, caplog):
    make_run(settings, "apart")
    assert "too good to be true" not in caplog.text
    settings["data"]["dev"] = [corpora["dev"], corpora["books"]]
    make_run(settings, "overlapping")
    assert "warning: 100 of 120 dev pairs are training pairs too: scores on them are too good to be true" in caplog.text


def test_the_first_pairs_are_shown_before_the_work(settings, make_run, corpora, caplog):
    with caplog.at_level("INFO", "seq2seq"):
        make_run(settings)
    messages = [record.getMessage() for record in caplog.records]
    for name in ("news", "books", "dev"):
        paths = corpora[name]
        source, target = (open_lines(paths[side])[0] for side in ("source", "target"))
        assert (
            f"{paths['source']} and {paths['target']}, the first pair:\n  en: {source}\n  fr: {target}" in messages[:3]
        )


@pytest.mark.parametrize("part", ["train", "dev"])
def test_a_fault_in_any_corpus_is_found_before_the_work(settings, make_run, tmp_path, monkeypatch, part):
    def never(*arguments, **keywords):
        raise AssertionError("the long work has begun")

    monkeypatch.setattr("seq2seq.training.preparation.train_tokenizer", never)
    (tmp_path / "ids.tsv").write_text("".join(f"{n}\tA cat\n" for n in range(30)))
    settings["data"][part].append({"path": str(tmp_path / "ids.tsv")})
    with pytest.raises(DataError, match=r"ids.tsv: column 0 was taken for the source, but hardly any"):
        make_run(settings)


def test_dev_pairs_with_an_empty_side_are_said(settings, make_run, tmp_path, caplog):
    settings["data"]["dev"] = [write_corpus(tmp_path, "half", [("A cat.", "Un chat."), ("A dog.", "")])]
    make_run(settings, "half_empty")
    assert "warning: 1 of 2 dev pairs have an empty side (first: " in caplog.text
    settings["data"]["dev"] = [write_corpus(tmp_path, "all", [("", "Un chat."), ("A dog.", " ")])]
    with pytest.raises(DataError, match=r"2 of 2 dev pairs have an empty side .* nothing can be measured on them"):
        make_run(settings, "all_empty")


@pytest.mark.parametrize("shared", [True, False])
def test_corpus_in_another_language_has_a_start_symbol_of_its_own(settings, make_run, corpora, shared):
    back = {"source": corpora["news"]["source"], "target": corpora["news"]["source"], "target_language": "en"}
    settings["data"] |= {"train": [corpora["news"], back], "cleaning": {"copies": False}}
    settings["tokenizer"] = {"vocabulary_size": 310, "shared": shared}
    _, prepared = make_run(settings)
    source, target = prepared.tokenizers
    assert (source.fingerprint == target.fingerprint) == shared
    assert prepared.train.starts.tolist() == [target.start_of("fr"), target.start_of("en")]
    assert target.start_of("en") != target.start_of("fr") == BOS
    read, written = prepared.train[len(prepared.train) - 1]
    assert source.decode(read) == target.decode(written)
