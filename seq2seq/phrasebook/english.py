"""English forms: articles, agreement, auxiliaries, do-support."""

from functools import cache

from seq2seq.phrasebook.lexicon import Verb

# Vowel letters that sound like consonants take "a", and the silent h takes "an".
_A = ("uni", "use", "eu", "one")
_AN = ("hour", "honest")
_IRREGULAR_THIRD = {"be": "is", "have": "has", "can": "can", "must": "must"}


@cache
def a_or_an(word: str) -> str:
    """The indefinite article for the word that follows: an apple, a university, an honest man."""
    lower = word.lower()
    vowel = lower.startswith(_AN) or (lower[0] in "aeiou" and not lower.startswith(_A))
    return "an" if vowel else "a"


def third_person(verb: str) -> str:
    """The present of he and she: works, goes, studies, has, is."""
    if verb in _IRREGULAR_THIRD:
        return _IRREGULAR_THIRD[verb]
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + ("es" if verb.endswith(("s", "x", "z", "ch", "sh", "o")) else "s")


def be(past: bool, person: int, plural: bool) -> str:
    """The forms of be: am, are, is, was, were."""
    if person == 2 or plural:
        return "were" if past else "are"
    if past:
        return "was"
    return "am" if person == 1 else "is"


def _compound(verb: Verb, form: str, person: int, plural: bool) -> tuple[str, str]:
    """The forms that carry an auxiliary of their own; ("", "") for the others."""
    third = person == 3 and not plural
    if form in ("progressive", "past progressive"):
        return be(form != "progressive", person, plural), verb.ing
    if form in ("perfect", "since"):
        return "has" if third else "have", verb.participle
    if form == "pluperfect":
        return "had", verb.participle
    if form == "going to":
        return be(False, person, plural), f"going to {verb.english}"
    if form in ("future", "conditional"):
        return ("will" if form == "future" else "would"), verb.english
    return "", ""


@cache
def verb_group(verb: Verb, form: str, person: int, plural: bool, emphatic: bool) -> tuple[str, str]:
    """The auxiliary and the rest: ("is", "working"), ("did", "work"), ("", "worked").

    Args:
        verb: What happens.
        form: One of the forms in `clauses.FORMS`.
        person: 1, 2 or 3.
        plural: Whether the subject is plural.
        emphatic: Whether an auxiliary is needed, because "not" or the subject of a question leans on it.
    """
    compound = _compound(verb, form, person, plural)
    if compound[1]:
        return compound
    third = person == 3 and not plural
    past = form in ("past", "hypothesis")
    if form == "used to":
        return "", f"used to {verb.english}"
    if verb.english == "be":
        # If I were rich, I would travel: "were" for every person.
        return ("were" if form == "hypothesis" else be(past, person, plural)), ""
    if "modal" in verb.flags:
        return verb.english, ""
    if emphatic:
        return ("did" if past else "does" if third else "do"), verb.english
    if past:
        return "", verb.past
    return "", third_person(verb.english) if third else verb.english
