"""Probes on encoders whose knowledge is known: what is there is read, what is not is not."""

import pytest

from seq2seq.analysis import lessons as material
from seq2seq.analysis.instruments.probes import ANALYSIS, measure, present
from seq2seq.analysis.lessons import lessons, year
from seq2seq.analysis.subject import Sentences, Subject


@pytest.fixture(autouse=True, scope="module")
def fewer_sentences():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(material, "_KNOWN", 300)
        patch.setattr(material, "_DATED", 450)
        yield


@pytest.fixture(scope="module")
def plain(ordinary):
    """What is measured on an ordinary network that was not trained."""
    return measure(ordinary())


@pytest.fixture(scope="module")
def blind(constructed):
    """What is measured on the sum of known vectors."""
    return measure(constructed("sum of words", count=400))


def score(found, name, reading="h(T)"):
    return found["probes"][name]["readings"][reading]["mean"]


def test_sum_of_words_knows_length_and_words_and_the_year_wherever_it_stands_but_no_order(blind):
    assert score(blind, "length") > 0.999
    assert score(blind, "word content") > 0.75
    order = blind["probes"]["word order"]["readings"]["h(T)"]
    assert order["low"] <= 0.5 <= order["high"]
    for taught in ("end", "beginning", "both"):
        for asked in ("end", "beginning"):
            assert score(blind, year(taught, asked)) > 0.9


def test_an_encoder_of_the_last_words_reads_years_only_at_the_end(constructed):
    found = measure(constructed("last three words"))
    assert score(found, year("end", "end")) > 0.97
    assert score(found, year("both", "end")) > 0.97
    for taught in ("end", "beginning", "both"):
        assert score(found, year(taught, "beginning")) < 0.25


def test_shuffled_labels_are_at_chance(blind):
    for name, probe in blind["probes"].items():
        assert probe["readings"]["shuffled labels"]["mean"] == pytest.approx(probe["chance"], abs=0.12), name


def test_an_encoder_that_says_nothing_is_at_chance_everywhere(constructed):
    for name, probe in measure(constructed("constant"))["probes"].items():
        assert probe["readings"]["h(T)"]["mean"] == pytest.approx(probe["chance"], abs=0.05), name


def test_an_untrained_run_is_no_better_than_an_untrained_encoder(plain):
    assert all("untrained encoder" in probe["readings"] for probe in plain["probes"].values())
    better = [name for name, probe in plain["probes"].items() if probe["p"]["untrained encoder"] < 0.01]
    assert len(better) <= 3  # of twelve: two draws of weights differ a little


def test_intervals_hold_the_score_and_stay_within_what_is_possible(plain):
    for name, probe in plain["probes"].items():
        for value in probe["readings"].values():
            assert value["low"] <= value["mean"] <= value["high"] <= 1, name


@pytest.mark.parametrize(
    "settings",
    [{"cell": "lstm", "direction": "reversed", "encoder_layers": 2}, {"cell": "rnn", "pooling": "max"}],
)
def test_any_network_is_probed(ordinary, settings):
    assert len(measure(ordinary(attention=True, **settings))["probes"]) == 12


def test_other_languages_are_asked_what_needs_no_grammar(ordinary):
    found = measure(ordinary(language="de"))
    assert list(found["probes"]) == ["length", "word content", "word order"]
    assert set(found["left_out"]) == {"tense", "number", "negation", "year"}
    assert "this run's sources are not known to be" in present({"run": found}).findings[-1]


def test_a_few_sentences_and_a_foreign_language_leave_nothing_but_say_so(ordinary):
    found = measure(ordinary(count=6, language="de"))
    assert found["probes"] == {}
    section = present({"run": found})
    assert not section.pictures
    assert "they need 80 different test sentences" in section.findings[0]


def test_sentences_of_one_length_and_without_spaces_are_left_out(constructed):
    letters = [f"{a}{b}" for a in "abcdefghij" for b in "klmnopqrst"]
    subject = constructed("sum of words", source_language="ja")
    fixed = [text for text in letters if len(subject.translator.source_ids([text])[0]) == 3]
    subject = Subject("ja", subject.translator, Sentences(letters, letters))
    assert {"word content", "word order"} <= set(lessons(subject)[1])
    same = Subject("ja", subject.translator, Sentences(fixed, fixed))
    assert "length" in lessons(same)[1]
    assert measure(same)["probes"] == {}


def test_runs_are_compared_on_the_same_sentences(ordinary, plain):
    results = {"first": plain, "second": measure(ordinary(direction="forward"))}
    section = present(results)
    header = section.tables[-1].header
    assert header == ["probe", "first", "second"]
    assert all("(p " in row[2] for row in section.tables[-1].rows)
    assert section.pictures[0].png.startswith(b"\x89PNG")


def test_measuring_twice_gives_the_same(ordinary, plain):
    assert measure(ordinary()) == plain


def test_findings_name_what_is_read_and_what_the_rivals_read(blind):
    text = " ".join(present({"made up": blind}).findings)
    assert "made up: a linear probe reads from h(T): length 100 % of its variance" in text
    assert "h(T) writes the year alike in both places" in text
    assert ANALYSIS.name == "probes"
