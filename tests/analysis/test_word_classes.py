"""Classes of words."""

from seq2seq.analysis.word_classes import word_classes
from seq2seq.analysis.words import function_words
from seq2seq.phrasebook import phrases


def test_classes_by_spelling_and_by_the_tables():
    classes = word_classes(["The snowboarder wears Oakley in 2020 and Adidas beanies"], frozenset({"the", "in"}))
    assert classes["the"] == "function words"
    assert classes["oakley"] == classes["adidas"] == "capitalised words"
    assert classes["2020"] == "numbers"
    assert classes["beanies"] == "other content words"
    texts = [phrase.english for phrase in phrases("test", 300)]
    classes = word_classes(texts, function_words(texts))
    assert {"nouns", "verbs", "adjectives", "names", "numbers", "function words"} <= set(classes.values())
