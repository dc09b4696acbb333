import json
import shutil

import pytest

from seq2seq.publishing.facts import best_record, facts_of, facts_text, kind_of, summary_numbers
from seq2seq.runs.directory import RunDirectory
from seq2seq.runs.shipped import find_run
from seq2seq.runs.small_run import shrink


def test_facts_are_those_of_the_run(stored):
    run = RunDirectory(stored / "plain")
    facts = facts_of(run)
    config = run.config()
    assert (facts["kind"], facts["source_language"], facts["target_languages"]) == ("run", "en", ["fr"])
    assert facts["weights"] == sum(array.size for array in run.best().arrays.values())
    assert facts["pairs"] == len(run.pairs())
    assert facts["best"]["step"] == run.load("best").step
    assert facts["epochs_wanted"] == config.training.epochs
    assert json.loads(json.dumps(facts)) == facts


def test_lines_say_the_same(stored):
    text = facts_text(facts_of(RunDirectory(stored / "finetuned")))
    assert "languages" in text
    assert "parent" in text
    assert "dev BLEU" in text
    assert all(line.strip() for line in text.split("\n"))


@pytest.mark.parametrize("kind", ["run", "small run", "export"])
def test_kinds_keep_their_figures(stored, exported, tmp_path, kind):
    places = {"run": stored / "plain", "export": exported}
    run = RunDirectory(places[kind] if kind in places else shrink(stored / "plain", tmp_path / "small"))
    assert kind_of(run) == kind
    assert best_record(run) == best_record(RunDirectory(stored / "plain")) is not None


def test_model_that_ships_is_described():
    text = facts_text(facts_of(find_run("en-fr")))
    assert "h(T) has 1,280 numbers" in text
    assert "int8" in text


def test_slots_of_a_summary_are_named():
    facts = facts_of(find_run("en-fr"))
    assert facts["summary_slots"] == 1
    assert summary_numbers(facts | {"summary_slots": 4}) == "1,280 numbers (4 slots of 320)"


def test_record_without_bleu_is_none_and_signs_for_a_terminal_are_not_printed(stored, tmp_path):
    place = tmp_path / "run"
    shutil.copytree(stored / "plain", place)
    run = RunDirectory(place)
    (place / "metrics.jsonl").write_text(json.dumps({"epoch": 1, "step": run.best().step, "dev_loss": 1.0}) + "\n")
    facts = facts_of(run)
    assert facts["best"] is None
    facts["made_with"]["hardware"] = "\x1b]0;title\x07\x1b[31mred\nrun  other"
    text = facts_text(facts)
    assert text.count("\n") == facts_text(facts_of(run)).count("\n")
    assert all(line.isprintable() for line in text.split("\n"))
