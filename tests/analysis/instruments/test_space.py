"""The space of summaries that are known: blind to order, constant, or an ordinary network's."""

import numpy as np
import pytest

from seq2seq.analysis.instruments import space
from seq2seq.analysis.instruments.space import measure
from seq2seq.analysis.instruments.space_section import EXCHANGED, MOVED, STEPS, SWAPPED, present
from seq2seq.analysis.subject import Sentences, Subject
from seq2seq.settings.config import Config, Data


@pytest.fixture(autouse=True, scope="module")
def fewer_pairs():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(space, "_PAIRS", 24)
        patch.setattr(space, "_BETWEEN", 8)
        yield


@pytest.fixture(scope="module")
def subject(ordinary):
    """With an ordinary network; its translator keeps what it was given on the way between sentences."""
    found = ordinary(count=60)
    translate, found.walked = found.translator.translate_summaries, []

    def watched(summaries, tokens):
        found.walked.append(summaries.reshape(len(STEPS), -1, summaries.shape[-1]))
        return translate(summaries, tokens)

    found.translator.translate_summaries = watched
    return found


@pytest.fixture(scope="module")
def plain(subject):
    return measure(subject)


@pytest.fixture(scope="module")
def blind(constructed):
    return measure(constructed("sum of words", count=120))


@pytest.fixture(scope="module")
def attentive(ordinary):
    return measure(ordinary(count=60, attention=True))


def test_an_encoder_that_is_blind_to_order_does_not_move(blind):
    for kind in (SWAPPED, EXCHANGED):
        assert blind["pairs"][kind]["euclidean"]["high"] < 1e-4
        assert blind["pairs"][kind]["translated_apart"]["mean"] < 0.1  # rounding may tip one
    assert blind["pairs"][MOVED]["euclidean"]["low"] > 1e-3  # a comma more, a capital elsewhere
    assert sum("blind to this order" in text for text in present({"blind": blind}).findings) == 2


def test_a_recurrent_encoder_moves_with_order(plain):
    for kind in (SWAPPED, EXCHANGED, MOVED):
        value = plain["pairs"][kind]["euclidean"]
        assert 0.02 < value["low"] <= value["mean"] <= value["high"]
    assert not any("blind" in text for text in present({"run": plain}).findings)


def test_the_ends_of_the_way_between_two_sentences_are_their_translations(subject, plain):
    for example in plain["between"]["examples"]:
        ends = subject.translator.translate([example["first"], example["second"]])
        assert [example["translations"][0], example["translations"][-1]] == ends
        assert len(example["translations"]) == len(STEPS)


def test_the_way_between_two_sentences_is_straight(subject, plain):
    walked = subject.walked[0]
    for step, points in zip(STEPS, walked, strict=True):
        np.testing.assert_allclose(points, (1 - step) * walked[0] + step * walked[-1], atol=1e-6)
    ends = {tuple(row) for row in walked[0].astype(np.float32)}
    assert len(ends) == plain["between"]["pairs"] == 8
    assert ends <= {tuple(row) for row in subject.summaries}


def test_neighbours_of_a_bag_of_words_share_words(blind):
    found = blind["neighbours"]
    common = found["pieces_in_common"]
    assert common["nearest"]["low"] > common["any"]["high"]
    assert common["p"] < 0.01
    assert found["distance"]["high"] < 1
    for example in found["examples"]:
        distances = [distance for _, distance in example["nearest"]]
        assert distances == sorted(distances)
        assert example["text"] not in [text for text, _ in example["nearest"]]


def test_a_constant_summary_is_a_warning(constructed):
    found = measure(constructed("constant", count=40))
    section = present({"constant": found})
    assert found["effective_rank"] == 0
    assert "h(T) is the same for every sentence" in section.warnings[0]
    assert len(section.pictures) == 3


def test_attention_leaves_the_way_between_out(attentive):
    section = present({"run": attentive})
    assert any("run has attention" in text for text in section.findings)
    assert [picture.name for picture in section.pictures] == ["space_map", "space"]


@pytest.mark.parametrize(
    "settings",
    [
        {"cell": "lstm", "direction": "reversed", "encoder_layers": 2},
        {"cell": "rnn", "pooling": "max", "activation": "relu", "direction": "forward"},
    ],
)
def test_any_network_has_a_space(ordinary, settings):
    found = measure(ordinary(count=40, **settings))
    assert found["numbers"] == 8
    assert 0 < found["effective_rank"] <= 8


def test_repeated_and_empty_sentences_are_looked_at_once(subject):
    sources = [*subject.sentences.sources[:30] * 2, "  "]
    again = Subject("again", subject.translator, Sentences(sources, ["x"] * len(sources)))
    assert measure(again)["sentences"] == 30


def test_few_sentences_are_left_out(ordinary):
    section = present({"run": measure(ordinary(count=5))})
    assert section.findings == ["run: left out: fewer than 10 different test sentences."]
    assert not section.tables + section.pictures


def test_other_languages_have_swapped_words_only(subject):
    german = Subject("german", subject.translator, subject.sentences, config=Config(data=Data(source_language="de")))
    assert list(measure(german)["pairs"]) == [SWAPPED]


def test_runs_are_side_by_side_and_compared(ordinary, plain, attentive):
    forward = measure(ordinary(count=60, direction="forward"))
    section = present({"plain": plain, "forward": forward, "attention": attentive})
    compared = [table for table in section.tables if table.header[-1] == "p against plain"]
    assert len(compared) == 3
    assert all(row[-1] for table in compared for row in table.rows[1:])
    assert len(section.pictures) == 3


def test_measuring_twice_gives_the_same(subject, plain):
    english = Config(data=Data(source_language="en"))
    assert measure(Subject("run", subject.translator, subject.sentences, config=english)) == plain
