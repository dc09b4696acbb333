"""From runs to the report: every analysis on tiny runs of each kind."""

import csv
import html
import json
import re

import pytest

from seq2seq.analysis.examination import ANALYSES, _finite, analyze
from seq2seq.analysis.instruments import NAMES
from seq2seq.errors import CheckpointError, ConfigError, DataError
from seq2seq.settings.config import parse_config
from seq2seq.training.loop import train

KINDS = {
    "gru": {},
    "reversed lstm": {"cell": "lstm", "direction": "reversed", "encoder_layers": 2, "decoder_layers": 2},
    "pooled rnn": {"cell": "rnn", "direction": "bidirectional", "pooling": "mean"},
    "attention": {"attention": True},
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory, made_up_sentences):
    """A folder of runs, each trained for a moment."""
    folder = tmp_path_factory.mktemp("runs")
    pairs = made_up_sentences(250)
    (folder / "train.tsv").write_text("".join(f"{s}\t{t}\n" for s, t in pairs), encoding="utf-8")
    for name, model in KINDS.items():
        settings = {
            "data": {"train": [{"path": str(folder / "train.tsv")}]},
            "tokenizer": {"vocabulary_size": 340},
            "model": {"embedding": 8, "encoder_units": 8, "decoder_units": 8, "direction": "forward", **model},
            "training": {"epochs": 1, "precision": "float32"},
        }
        train(parse_config(settings, origin="test"), folder / name)
    return folder


@pytest.fixture(scope="module")
def examples(made_up_sentences):
    return tuple([pair[side] for pair in made_up_sentences(40, seed=1)] for side in (0, 1))


def test_each_module_of_an_instrument_has_the_analysis_of_its_name():
    assert tuple(analysis.name for analysis in ANALYSES.values()) == NAMES


@pytest.mark.slow
@pytest.mark.parametrize("names", [("gru", "reversed lstm"), ("pooled rnn",), ("attention",)], ids=" and ".join)
def test_every_analysis_of_every_kind_of_run_stands_in_one_page_that_needs_nothing_else(
    names, runs, examples, tmp_path
):
    report = analyze([runs / name for name in names], *examples, tmp_path).read_text(encoding="utf-8")
    for analysis in ANALYSES.values():
        assert f'<section id="{analysis.name}">' in report
        figures = json.loads((tmp_path / f"{analysis.name}.json").read_text(encoding="utf-8"))
        assert list(figures["runs"]) == list(names)
    assert "nan" not in re.sub("<[^>]*>", " ", report).lower().split()
    assert not re.findall(r'(?:src|href)="(?!data:|#|https://arxiv.org/abs/)', report)
    assert "<script" not in report
    assert 'name="viewport"' in report
    pictures = list(tmp_path.glob("*.png"))
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)
    assert report.count("data:image/png;base64,") == len(pictures)
    assert all(report.count(name) > len(ANALYSES) for name in names)


def test_few_and_empty_lines_are_no_reason_to_fail(runs, tmp_path):
    sources, references = ["the cat sees.", "", "a dog", "the ☃"], ["le chat voit.", "x", "", "☃"]
    report = analyze([runs / "gru"], sources, references, tmp_path, only=["usage", "lengths"])
    assert "examined on 2 sentences" in report.read_text(encoding="utf-8")


def test_what_bears_on_the_whole_page_stands_above_it(runs, examples, tmp_path, made_up_sentences):
    sources = ["the cat sees " * 60, *examples[0][1:]]
    other = {
        "data": {"train": [{"path": str(runs / "train.tsv")}]},
        "tokenizer": {"vocabulary_size": 345},
        "model": {"embedding": 8, "encoder_units": 8, "decoder_units": 8},
        "training": {"epochs": 1, "precision": "float32"},
    }
    train(parse_config(other, origin="test"), tmp_path / "other")
    page = analyze(
        [runs / "gru", tmp_path / "other"], sources, examples[1], tmp_path / "out", only=["usage"]
    ).read_text()
    head = page.split("<nav>")[0]
    assert "gru: 1 of 40 sources have more than 128 pieces, the most that it reads, and were cut" in head
    assert "The runs cut text into pieces differently" in head
    same = analyze([runs / "gru", runs / "attention"], *examples, tmp_path / "same", only=["usage"]).read_text()
    assert "were cut" not in same
    assert "pieces differently" not in same


def test_unknown_figures_are_null():
    assert _finite({"a": [float("nan"), 1.0, (2, float("inf"))]}) == {"a": [None, 1.0, [2, None]]}


def test_only_looks_at_what_is_asked_for_and_at_so_many_sentences(runs, examples, tmp_path):
    report = analyze([runs / "gru"], *examples, tmp_path, only=["usage"], most=7).read_text(encoding="utf-8")
    assert "examined on 7 sentences" in report
    names = {"report.html", "usage-1.csv", "usage.json", "usage.png", "usage.svg"}
    assert {path.name for path in tmp_path.iterdir()} == names
    figures = json.loads((tmp_path / "usage.json").read_text(encoding="utf-8"))
    assert figures["title"] in report
    assert all(text in html.unescape(report) for text in figures["findings"] + figures["warnings"])
    header, *rows = csv.reader((tmp_path / "usage-1.csv").read_text(encoding="utf-8").splitlines())
    assert rows
    assert all(len(row) == len(header) for row in rows)
    assert (tmp_path / "usage.svg").read_text(encoding="utf-8").rstrip().endswith("</svg>")


def test_page_grows_and_says_what_is_missing_when_it_is_interrupted(runs, examples, tmp_path, monkeypatch, caplog):
    def interrupted(subject):
        raise KeyboardInterrupt

    monkeypatch.setitem(ANALYSES, "counting", ANALYSES["counting"]._replace(measure=interrupted))
    with pytest.raises(KeyboardInterrupt):
        analyze([runs / "gru"], *examples, tmp_path, only=["usage", "counting", "capacity"])
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<section id="usage">' in report
    assert "Counting: not measured yet" in report
    assert "Capacity: not measured yet" in report
    assert "report.html holds 1 of 3 analyses, those that were done" in caplog.text


def test_quick_look_leaves_out_the_slowest_and_says_so(runs, examples, tmp_path, monkeypatch):
    for name in list(ANALYSES):
        if name not in ("usage", "round_trip"):
            monkeypatch.delitem(ANALYSES, name)
    many = [side * 6 for side in examples]
    report = analyze([runs / "gru"], *many, tmp_path, quick=True).read_text(encoding="utf-8")
    assert "examined on 200 sentences" in report
    assert "A quick look: at 200 sentences at most, and without" in report
    assert not (tmp_path / "round_trip.json").exists()


def test_what_cannot_be_examined_is_refused_before_anything_is_written(runs, examples, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(ConfigError, match="there is no analysis 'usages': there are usage, lengths"):
        analyze([runs / "gru"], *examples, out, only=["usages"])
    with pytest.raises(DataError, match="40 sources and 39 references"):
        analyze([runs / "gru"], examples[0], examples[1][1:], out)
    with pytest.raises(DataError, match="nothing to look at"):
        analyze([runs / "gru"], [""], ["x"], out)
    with pytest.raises(DataError, match="one sentence is too few"):
        analyze([runs / "gru"], ["a cat", "a cat"], ["un chat", "le chat"], out)
    with pytest.raises(ConfigError, match="is named twice"):
        analyze([runs / "gru", runs / "pooled rnn" / ".." / "gru"], *examples, out)
    with pytest.raises(CheckpointError, match="is not a run"):
        analyze([runs], *examples, out)
    assert not out.exists()
