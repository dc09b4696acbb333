"""Every word form of the corpus and of the lexicon is one that the dictionaries of hunspell know."""

import re
import shutil
import subprocess

import pytest

from seq2seq.phrasebook import french, lexicon, phrases

# Impersonal verbs are only said of it, and only these participles agree: with the subject or with an object.
IMPERSONAL = {"pleuvoir", "neiger"}
NAMES = {name for name, _ in lexicon.NAMES} | {site.english for site in lexicon.SITES}


def unknown(words, language):
    if not shutil.which("hunspell"):
        pytest.skip("hunspell is not installed: apt-get install hunspell hunspell-fr hunspell-en-us")
    command = ["hunspell", "-l", "-i", "utf-8", "-d", language]
    done = subprocess.run(command, input="\n".join(sorted(words)), text=True, capture_output=True, encoding="utf-8")
    if done.returncode or "Can't open affix or dictionary files" in done.stderr:
        pytest.skip(f"hunspell has no dictionary {language}: apt-get install hunspell-fr hunspell-en-us")
    return set(done.stdout.split())


@pytest.fixture(scope="module")
def sample():
    lengths = ((3, 12, 60_000), (10, 20, 10_000), (30, 60, 1_000))
    return [phrase for low, high, count in lengths for phrase in phrases("train", count, min_words=low, max_words=high)]


def test_english_words_of_the_corpus_are_spelt_right(sample):
    words = {word for phrase in sample for word in re.findall(r"[^\W\d_]+", phrase.english)}
    assert unknown(words, "en_US") - NAMES == set()


def test_french_words_of_the_corpus_are_spelt_right(sample):
    # Elided words are checked without their apostrophe; aujourd'hui is one word.
    words = {
        word
        for phrase in sample
        for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", phrase.french.replace("ujourd'hui", "ujourdhui"))
        if len(word) > 1 and word not in ("qu", "Qu", "aujourdhui", "Aujourdhui")
    }
    assert unknown(words, "fr_FR") == set()


def test_english_forms_of_the_lexicon_are_spelt_right():
    words = {noun.english for noun in lexicon.NOUNS} | {adjective.english for adjective in lexicon.ADJECTIVES}
    words |= {word for adjective in lexicon.ADJECTIVES for word in adjective.comparative.split()}
    mass = {"foodmass", "drink", "sport", "subject", "language"}
    words |= {noun.english_plural for noun in lexicon.NOUNS if noun.noun_class not in mass}
    for verb in lexicon.VERBS:
        words |= {verb.english} if "modal" in verb.flags else {verb.english, verb.past, verb.participle, verb.ing}
    assert unknown(words, "en_US") - NAMES == set()


def test_french_nouns_and_adjectives_are_spelt_right():
    words = {form for noun in lexicon.NOUNS for form in (noun.french, noun.french_plural, noun.feminine) if form}
    words |= {lexicon.french_plural(noun.feminine) for noun in lexicon.NOUNS if noun.feminine}
    for adjective in lexicon.ADJECTIVES:
        words |= {french.agree(adjective, feminine, plural) for feminine in (False, True) for plural in (False, True)}
        words.add(adjective.before_vowel)
    words |= {site.french for site in lexicon.SITES}
    assert unknown(words, "fr_FR") == set()


def test_french_conjugations_are_spelt_right():
    words = set()
    for verb in lexicon.VERBS:
        persons = (2,) if verb.infinitive in IMPERSONAL else range(6)
        words |= {forms[person] for forms in french.conjugation(verb.infinitive).values() for person in persons}
        participle = french.past_participle(verb.infinitive)
        known = lexicon.FRENCH_VERBS.get(verb.infinitive)
        agrees = verb.frame in ("tr", "give") or verb.reflexive or (known and known.auxiliary == "être")
        for feminine, plural in ((False, False), (True, False), (False, True), (True, True)) if agrees else ((0, 0),):
            words.add(french.agree_participle(participle, bool(feminine), bool(plural)))
    assert unknown(words, "fr_FR") == set()
