"""What probes are taught and asked."""

import pytest

from seq2seq.analysis import lessons as material
from seq2seq.analysis.lessons import lessons


@pytest.fixture(autouse=True)
def fewer_sentences(monkeypatch):
    monkeypatch.setattr(material, "_KNOWN", 300)
    monkeypatch.setattr(material, "_DATED", 450)


def test_no_sentence_teaches_and_is_asked(ordinary):
    for lesson in lessons(ordinary())[0]:
        clauses = [{text.lower().rstrip(".") for text in side} for side in (lesson.train, lesson.test)]
        assert not clauses[0] & clauses[1]
        assert len(lesson.groups) == len(lesson.train) == len(lesson.questions[0].taught)
